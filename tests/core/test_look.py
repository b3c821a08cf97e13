from __future__ import annotations

from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from vigie.core.entry import Entry
from vigie.core.look import Cursor, Look, WatchState

AT = datetime(2026, 11, 23, tzinfo=UTC)


def test_a_look_that_learnt_nothing():
    look = Look(source="nordwind_ops/INBOX", at=AT)
    assert (look.states, look.signals, look.entries, look.cursors, look.occurrences) == ((), (), (), (), ())


def test_all_that_a_look_learnt_travels_together():
    look = Look(
        source="nordwind_ops/INBOX",
        at=AT,
        states=(WatchState(watch="w", client="c", flux="f", kind="mail", source="s", looked_at=AT, look_by=AT),),
        entries=(Entry(at=AT, client="c", kind="mail.seen", actor="watch:w", text="t", data={"uid": 7}),),
        cursors=(Cursor(watch="w", source="s", uidvalidity=1, uid=7),),
    )
    assert Look.model_validate_json(look.model_dump_json()) == look
    assert look.states[0].sight == "watching"


def test_a_sight_that_is_not_in_the_vocabulary_is_refused():
    with pytest.raises(ValidationError, match="sight"):
        WatchState(watch="w", client="c", flux="f", kind="mail", source="s", sight="dim")
