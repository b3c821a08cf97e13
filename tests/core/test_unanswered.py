"""What the platform hears of policies that are used up."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from vigie.core.incident import Incident
from vigie.core.unanswered import FLUX, WATCH, Unanswered, unanswered_signals

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
USED_UP = Unanswered("nordwind", "duty", ("INC-1", "INC-2"), ("STEP-3",))


def known(about: Unanswered, **other: Any) -> Incident:
    (signal,) = unanswered_signals([about], [], NOON)
    fields = {"client": "platform", "flux": signal.flux, "watch": signal.watch, "dedup_key": signal.dedup_key}
    more = {"severity": signal.severity, "title": signal.title, "facts": signal.facts, "opened_at": NOON}
    return Incident(id="INC-9", status="open", **(fields | more | other))


def test_one_incident_of_the_platform_for_each_client_and_policy() -> None:
    others = [USED_UP._replace(client="acme"), USED_UP._replace(policy="night")]
    signals = list(unanswered_signals([USED_UP, *others], [], NOON))
    assert [each.dedup_key for each in signals] == ["nordwind|duty", "acme|duty", "nordwind|night"]
    assert {(each.event, each.audience, each.severity, each.template) for each in signals} == {
        ("trigger", "platform", "critical", "unanswered")
    }
    assert (signals[0].flux, signals[0].watch) == (FLUX, WATCH)


def test_it_follows_what_is_unanswered_and_ends_with_the_last_of_it() -> None:
    assert list(unanswered_signals([USED_UP], [known(USED_UP)], NOON)) == []
    (fewer,) = unanswered_signals([USED_UP._replace(incidents=("INC-2",))], [known(USED_UP)], NOON)
    assert (fewer.event, fewer.facts["incidents"]) == ("update", ["INC-2"])
    (over,) = unanswered_signals([], [known(USED_UP)], NOON)
    assert (over.event, over.dedup_key) == ("resolve", "nordwind|duty")
    assert over.title == "Nothing of the policy 'duty' of nordwind is unanswered any more"


def test_other_incidents_of_the_platform_are_left_alone() -> None:
    assert list(unanswered_signals([], [known(USED_UP, watch="ops/INBOX")], NOON)) == []
