from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from vigie.core.occurrence import FileSeen, Occurrence

AT = datetime(2026, 11, 22, 21, tzinfo=UTC)


def occurrence(**fields: Any) -> Occurrence:
    known = {
        "client": "nordwind",
        "flux": "eod",
        "watch": "nordwind.eod.files",
        "site": "TYO01",
        "business_date": date(2026, 11, 23),
        "path": "a/b",
        "window_open": AT,
        "due": AT,
        "deadline": AT,
    }
    return Occurrence(**(known | fields))


def test_its_name_for_ever():
    assert occurrence().key == "nordwind.eod.files|TYO01|2026-11-23"
    assert occurrence(status="late", path="c", deadline=AT.replace(hour=22)).key == occurrence().key


def test_it_begins_pending_and_knows_only_seven_ends():
    assert occurrence().status == "pending"
    for status in ("early", "on_time", "late", "missing", "waived", "unexpected"):
        assert occurrence(status=status).status == status
    with pytest.raises(ValidationError, match="status"):
        occurrence(status="lost")


def test_it_is_the_same_after_the_store():
    ended = occurrence(status="on_time", arrived_at=AT, looked_at=AT, labels={"warehouse": "TYO"})
    assert Occurrence.model_validate_json(ended.model_dump_json()) == ended


def test_a_file_may_have_any_name():
    assert FileSeen(name="a\nb\x00/../c", size=0, modified_at=AT, unchanged_since=AT).absent_at is None
