from __future__ import annotations

from datetime import UTC, datetime, timedelta

from vigie.core.sight import blind, sight_again

SINCE = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
NOW = SINCE + timedelta(minutes=2)


def test_blind_is_a_trouble_of_the_platform_and_not_of_a_client():
    signal = blind("nordwind_ops/INBOX", "connection refused", ("nordwind.eod.ko",), SINCE, NOW)
    assert signal.model_dump() == {
        "event": "trigger",
        "client": "platform",
        "flux": "vigie",
        "watch": "nordwind_ops/INBOX",
        "dedup_key": "blind",
        "key": "blind|nordwind_ops/INBOX|2026-11-23T03:00:00+00:00",
        "seen_at": NOW,
        "title": "Blind: nordwind_ops/INBOX cannot be watched",
        "severity": "critical",
        "template": "blind",
        "procedure": None,
        "facts": {
            "source": "nordwind_ops/INBOX",
            "reason": "connection refused",
            "watches": ["nordwind.eod.ko"],
            "since": "03:00 UTC",
        },
        "audience": "platform",
        "storm_after": 10,
        "hold": timedelta(minutes=10),
        "page": True,
    }


def test_a_blindness_is_said_once_however_often_it_is_found():
    again = blind("a", "another reason", (), SINCE, NOW + timedelta(hours=1))
    assert again.key == blind("a", "a reason", (), SINCE, NOW).key
    assert again.key != blind("a", "a reason", (), NOW, NOW).key
    assert again.key != blind("b", "a reason", (), SINCE, NOW).key


def test_a_long_reason_is_cut():
    assert blind("a", "x" * 9000, (), SINCE, NOW).facts["reason"] == "x" * 500


def test_sight_again_ends_the_incident_that_blind_opened():
    opened, ended = blind("a", "reason", (), SINCE, NOW), sight_again("a", SINCE, NOW)
    assert ended.event == "resolve"
    assert ended.title == "Sight again: a"
    assert ended.audience == "platform"
    for field in ("client", "flux", "watch", "dedup_key"):
        assert getattr(ended, field) == getattr(opened, field)
    assert ended.key != opened.key
