"""The tables hold all that the models say: SQLAlchemy drops a field without a column in silence."""

from __future__ import annotations

import pytest
from pydantic import BaseModel
from sqlalchemy import Table

from vigie.core.entry import Entry
from vigie.core.incident import Incident
from vigie.core.look import Cursor, WatchState
from vigie.core.message import Outbound
from vigie.core.occurrence import Occurrence
from vigie.core.open_step import OpenStep
from vigie.core.seen_mail import SeenMail
from vigie.logbook import schema


@pytest.mark.parametrize(
    ("model", "table", "ours"),
    [
        (Entry, schema.entry, {"digest", "link", "pruned_at"}),
        (Incident, schema.incident, set()),
        (OpenStep, schema.step, set()),
        (Outbound, schema.message, {"id", "claimed_by", "done_at"}),
        (Occurrence, schema.occurrence, set()),
        (Cursor, schema.cursor, set()),
        (SeenMail, schema.mail, {"id"}),
        (WatchState, schema.watch, {"noted_at"}),
    ],
)
def test_every_field_has_its_column(model: type[BaseModel], table: Table, ours: set[str]):
    fields = {"number" if name == "id" else name for name in model.model_fields}
    kept_elsewhere = {"also"} if model is Occurrence else set()  # beside ``path``, in its column
    assert {column.name for column in table.c} == (fields - kept_elsewhere) | ours
