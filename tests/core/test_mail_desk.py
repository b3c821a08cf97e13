from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from tests.logbook.samples import MINUTE, NOON
from tests.logbook.test_mails import seen

from vigie.core.mail_desk import Filing, MailDeskRules, is_quiet, kinds_of


def test_the_first_of_its_kind_comes_first_then_the_latest():
    mails = [
        seen(1, alike="old", received_at=NOON + 5 * MINUTE),
        seen(2, alike="old", received_at=NOON + 9 * MINUTE),
        seen(3, alike="new", received_at=NOON),
        seen(4, alike="newer", received_at=NOON + MINUTE),
    ]
    kinds = kinds_of(mails, known={"old"})
    assert [(each.latest.uid, each.number, each.is_new) for each in kinds] == [
        (4, 1, True),
        (3, 1, True),
        (2, 2, False),
    ]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 5))), st.sets(st.sampled_from("abc")))
def test_each_mail_is_of_one_kind_and_none_is_left_out(drawn: list[tuple[str, int]], known: set[str]):
    mails = [seen(n, alike=alike, received_at=NOON + at * MINUTE) for n, (alike, at) in enumerate(drawn)]
    kinds = kinds_of(mails, known)
    assert sum(each.number for each in kinds) == len(mails)
    assert {each.latest.alike for each in kinds} == {alike for alike, _ in drawn}
    assert [each.is_new for each in kinds] == sorted((each.is_new for each in kinds), reverse=True)


def test_it_is_quiet_for_the_quiet_period_and_no_longer():
    assert not is_quiet(None, 30 * MINUTE, NOON)
    assert is_quiet(NOON, 30 * MINUTE, NOON + 29 * MINUTE)
    assert not is_quiet(NOON, 30 * MINUTE, NOON + 30 * MINUTE)


def test_a_mail_is_filed_by_its_fate_and_never_while_a_person_must_look():
    filing = Filing(claimed="Done", settled="Seen")
    assert filing.after == timedelta(days=1)
    assert filing.folder_of(seen(1, fate="claimed")) == "Done"
    assert filing.folder_of(seen(1, fate="ignored")) is None
    assert filing.folder_of(seen(1)) is None
    assert filing.folder_of(seen(1, settled_at=NOON)) == "Seen"


def test_without_a_file_mail_is_told_each_half_hour_and_stays_where_it_is():
    assert MailDeskRules().model_dump(mode="json") == {
        "quiet": "30 min",
        "returns": None,
        "returns_folder": "INBOX",
        "filing": {},
    }
