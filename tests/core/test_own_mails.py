"""Own mails of each kind: what is proved is set aside, what is not is heard, what only repeats another says nothing."""

from __future__ import annotations

import pytest
from tests.core.mail_cases import Case
from tests.core.own_mails import own_cases

CASES = list(own_cases())


def test_there_are_many_and_each_has_its_name():
    names = [case.name for case in CASES]
    assert len(names) == len(set(names)) > 400


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_it_has_the_verdict_that_is_right(case: Case):
    assert case.problem() is None
