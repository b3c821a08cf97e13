from __future__ import annotations

import pickle

import pytest

from vigie.core.errors import CannotTell, InDoubt, InvalidDocument, Problem, Refused, TransportError, VigieError

UNKNOWN = Problem(path="dags/nordwind/eod.py", line=12, message="'tamplate' is not known.", remedy="Write 'template'.")
EMPTY = Problem(path="include/rota/night.yaml", line=None, message="the file is empty.")


def test_a_problem_says_where_what_and_what_to_write():
    assert str(UNKNOWN) == "dags/nordwind/eod.py:12: 'tamplate' is not known. Write 'template'."
    assert str(EMPTY) == "include/rota/night.yaml: the file is empty."


def test_an_invalid_document_carries_every_problem():
    wrong = InvalidDocument(UNKNOWN, EMPTY)
    assert wrong.problems == (UNKNOWN, EMPTY)
    assert str(wrong) == f"{UNKNOWN}\n{EMPTY}"


@pytest.mark.parametrize(
    ("error", "permanent", "retry_after"),
    [
        (TransportError("the server is away"), False, None),
        (TransportError("no such channel", permanent=True), True, None),
        (TransportError("slow down", retry_after=30.0), False, 30.0),
        (Refused("the password was refused"), True, None),
        (InDoubt("no answer"), False, None),
        (CannotTell("SMTP cannot say"), False, None),
    ],
)
def test_whether_trying_again_can_help(error: TransportError, permanent: bool, retry_after: float | None):
    assert (error.permanent, error.retry_after) == (permanent, retry_after)


def test_two_families_and_no_third():
    assert {kind.__name__ for kind in VigieError.__subclasses__()} == {"InvalidDocument", "TransportError"}
    assert not issubclass(InvalidDocument, TransportError)


@pytest.mark.parametrize("error", [InvalidDocument(UNKNOWN, EMPTY), TransportError("a", permanent=True), Refused("a")])
def test_an_error_crosses_the_border_of_a_process(error: VigieError):
    back = pickle.loads(pickle.dumps(error))  # noqa: S301
    assert type(back) is type(error)
    assert str(back) == str(error)
    assert vars(back) == vars(error)
