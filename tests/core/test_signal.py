from __future__ import annotations

from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from vigie.core.severity import SEVERITIES
from vigie.core.signal import Signal

KNOWN = {
    "event": "trigger",
    "client": "nordwind",
    "flux": "eod",
    "watch": "nordwind.eod.ko",
    "dedup_key": "EOD_POS",
    "key": "k",
    "seen_at": datetime(2026, 11, 23, tzinfo=UTC),
    "title": "[KO] EOD_POS",
}


def test_what_a_watch_does_not_say():
    signal = Signal(**KNOWN)
    assert (signal.severity, signal.template, signal.procedure, signal.facts, signal.audience) == (
        "high", "", None, {}, "client",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("field", "value"), [("event", "acknowledge"), ("severity", "urgent"), ("audience", "everybody")]
)
def test_a_word_that_is_not_in_the_vocabulary_is_refused(field: str, value: object):
    with pytest.raises(ValidationError, match=field):
        Signal(**(KNOWN | {field: value}))


def test_facts_are_plain_data():
    with pytest.raises(ValidationError, match="facts"):
        Signal(**(KNOWN | {"facts": {"when": object()}}))


def test_severities_grow():
    assert SEVERITIES == ("low", "medium", "high", "critical")
