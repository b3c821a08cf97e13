from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from tests.logbook.samples import MINUTE, NOON
from tests.logbook.test_mails import seen

from vigie.core.look import Cursor, WatchState
from vigie.core.mail_desk import Filing, MailDeskRules
from vigie.core.mail_filing import Passed, Watched, misplaced, passed_by_all, same_folder, unwatched

SOURCE = "nordwind_ops/INBOX"


def state(watch: str, **other: Any) -> WatchState:
    fields = {"watch": watch, "client": "nordwind", "flux": "end_of_day", "kind": "mail", "source": SOURCE}
    return WatchState.model_validate({**fields, **other})


def at(**uids: int | tuple[int, int]) -> dict[str, Cursor]:
    places = {watch: uid if isinstance(uid, tuple) else (7, uid) for watch, uid in uids.items()}
    return {
        watch: Cursor(watch=watch, source=SOURCE, uidvalidity=uidvalidity, uid=uid)
        for watch, (uidvalidity, uid) in places.items()
    }


def test_a_folder_is_passed_as_far_as_its_slowest_watch_has_read():
    assert passed_by_all(SOURCE, [state("a"), state("b")], at(a=9, b=4)) == Passed(7, 4)


@pytest.mark.parametrize("sight", ["paused", "blind", "broken"])
def test_a_watch_that_does_not_see_now_has_not_passed(sight: str):
    assert passed_by_all(SOURCE, [state("a"), state("b", sight=sight)], at(a=9, b=4)) == Passed(7, 4)


def test_a_watch_that_is_gone_does_not_count():
    assert passed_by_all(SOURCE, [state("a"), state("b", sight="gone")], at(a=9, b=4)) == Passed(7, 9)


def test_a_watch_that_looks_into_another_folder_now_does_not_count():
    elsewhere = state("b", source="nordwind_ops/Alerts")
    assert passed_by_all(SOURCE, [state("a"), elsewhere], at(a=9, b=4)) == Passed(7, 9)


def test_a_watch_that_never_looked_holds_everything():
    assert passed_by_all(SOURCE, [state("a"), state("b", sight="blind")], at(a=9)) is None


def test_a_cursor_of_a_watch_that_nobody_has_heard_of_counts():
    assert passed_by_all(SOURCE, [state("a")], at(a=9, old=4)) == Passed(7, 4)


def test_a_folder_that_nobody_watches_is_left_alone():
    assert passed_by_all(SOURCE, [state("a", sight="gone")], at(a=9)) is None
    assert passed_by_all(SOURCE, [], at(a=9)) is None


def test_while_one_watch_is_still_in_the_rebuilt_folders_old_life_nothing_is_passed():
    assert passed_by_all(SOURCE, [state("a"), state("b")], at(a=(8, 2), b=(7, 900))) is None


@given(st.dictionaries(st.sampled_from("abcd"), st.integers(1, 99), min_size=1), st.sets(st.sampled_from("abcd")))
def test_nothing_is_passed_that_a_watch_has_not_read(uids: dict[str, int], gone: set[str]):
    states = [state(watch, sight="gone" if watch in gone else "watching") for watch in uids]
    passed = passed_by_all(SOURCE, states, at(**uids))
    there = [uid for watch, uid in uids.items() if watch not in gone]
    assert passed == (Passed(7, min(there)) if there else None)


def test_the_same_folder_by_other_names():
    assert same_folder("Vigie/Claimed", "Vigie.Claimed")
    assert same_folder("Vigie/Claimed", "INBOX.Vigie.Claimed")
    assert same_folder("inbox", "INBOX")
    assert same_folder("Re\u0301gle\u0301", "R\u00e9gl\u00e9")
    assert not same_folder("Vigie/Claimed", "Vigie/Ignored")
    assert not same_folder("INBOX", "Vigie")
    assert not same_folder("vigie", "Vigie")


def rules(**more: Any) -> MailDeskRules:
    filing = {"nordwind_ops": Filing(claimed="Vigie/Claimed", ignored="Vigie/Ignored")}
    return MailDeskRules.model_validate({"filing": filing, **more})


def test_a_target_that_somebody_watches_is_misplaced():
    watched = [
        Watched("nordwind_ops", "INBOX", "nordwind.end_of_day.batch_ko"),
        Watched("nordwind_ops", "Vigie.Ignored", "nordwind.noise.any"),
        Watched("other_ops", "Vigie/Claimed", "other.flux.ko"),
    ]
    assert [tuple(each) for each in misplaced(rules(), watched)] == [
        (
            "nordwind_ops",
            "ignored",
            "the folder 'Vigie/Ignored' is watched by nordwind.noise.any; what is filed there would be seen as new",
        )
    ]
    assert list(misplaced(rules(), watched[:1])) == []


def test_a_mailbox_that_nobody_watches_is_not_filed():
    reason = "no flux watches this mailbox; nothing of it is ever read, or filed"
    assert [tuple(each) for each in unwatched(rules(), [])] == [("nordwind_ops", None, reason)]
    assert list(unwatched(rules(), [Watched("nordwind_ops", "Alerts", "w")])) == []


def test_what_is_settled_is_ripe_some_time_after_it_was_settled():
    filing = Filing(claimed="Done", settled="Seen", after=timedelta(minutes=10))
    assert not filing.is_ripe(seen(1), NOON + 9 * MINUTE)
    assert filing.is_ripe(seen(1), NOON + 10 * MINUTE)
    settled = seen(1, settled_at=NOON + 5 * MINUTE)
    assert not filing.is_ripe(settled, NOON + 14 * MINUTE)
    assert filing.is_ripe(settled, NOON + 15 * MINUTE)


def test_the_fates_that_may_be_filed_are_those_with_a_folder():
    assert Filing(claimed="Done", settled="Seen").fates() == ("claimed", "unclassified", "unreadable")
    assert Filing(ignored="Noise").targets() == {"ignored": "Noise"}


@pytest.mark.parametrize("name", ["Done*", "50%", "a\nb", "a\x7f"])
def test_a_folder_is_not_a_pattern(name: str):
    with pytest.raises(ValidationError) as wrong:
        Filing(claimed=name)
    assert f"the name of a folder has no '*', '%' or control character (found {name!r})" in str(wrong.value)
