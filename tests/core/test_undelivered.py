from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import pytest

from vigie.core.incident import Incident
from vigie.core.message import Channel, Obstacle
from vigie.core.undelivered import Gone, Hindered, cause_of, ends_of, grouped, is_told, signal_of

NOW = datetime(2026, 11, 24, 2, 14, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def hindered(obstacle: Obstacle = "away", **fields: Any) -> Hindered:
    given = {
        "key": "INC-1/page/1/slack", "incident": "INC-1", "client": "nordwind", "channel": "slack", "purpose": "page",
        "recipient": "nordwind", "reason": "no answer", "obstacle": obstacle, "since": NOW, "next_at": NOW + MINUTE,
        "waits": obstacle in {"away", "credential", "error"},
    }  # fmt: skip
    return Hindered(**{**given, **fields})


def incident(cause: str, **fields: Any) -> Incident:
    given = {
        "id": "INC-9", "client": "platform", "flux": "messages", "watch": "slack", "dedup_key": cause, "status": "open",
        "severity": "high", "title": "t", "opened_at": NOW, "facts": {"last": NOW.isoformat()},
    }  # fmt: skip
    return Incident.model_validate(given | fields)


@pytest.mark.parametrize(
    ("message", "after", "told"),
    [
        (hindered("away"), 0, False),
        (hindered("away"), 109, False),
        (hindered("away"), 110, True),
        (hindered("error"), 60, False),
        (hindered("error"), 120, True),
        (hindered("away", next_at=NOW + 2 * MINUTE), 0, False),  # our own longest pause
        (hindered("away", next_at=NOW + 3 * MINUTE), 0, True),
        (hindered("away", waits=False, next_at=None), 0, True),
        (hindered("credential"), 0, True),
        (hindered("recipient"), 0, True),
        (hindered("wall"), 0, True),
        (hindered("unknown"), 0, True),
    ],
)
def test_when_the_platform_is_notified(message: Hindered, after: int, told: bool) -> None:
    assert is_told(message, NOW + timedelta(seconds=after)) is told


def test_one_incident_for_each_cause_and_channel() -> None:
    messages = [
        hindered("credential"),
        hindered("credential", recipient="lumiere", client="maison-lumiere"),
        hindered("credential", channel="mail", recipient="a@vigie.example"),
        hindered("recipient"),
        hindered("recipient", client="other"),
        hindered("recipient", recipient="lumiere"),
        hindered("wall", reason="it names the client 'x'"),
        hindered("wall", reason="it names the client 'y'"),
        hindered("unknown"),
    ]
    found = {cause: len(of) for cause, of in grouped(messages, NOW).items()}
    assert found == {
        ("slack", "credential"): 2,
        ("mail", "credential"): 1,
        ("slack", "recipient|nordwind"): 2,
        ("slack", "recipient|lumiere"): 1,
        ("slack", "wall|nordwind|it names the client 'x'"): 1,
        ("slack", "wall|nordwind|it names the client 'y'"): 1,
        ("slack", "unknown"): 1,
    }


@pytest.mark.parametrize("obstacle", get_args(Obstacle))
@pytest.mark.parametrize("channel", get_args(Channel))
def test_each_signal_says_what_to_do(obstacle: Obstacle, channel: Channel) -> None:
    signal = signal_of([hindered(obstacle, channel=channel)] * 25, NOW)
    assert (signal.client, signal.audience, signal.template) == ("platform", "platform", "undelivered")
    assert signal.title
    assert signal.facts["advice"]
    assert signal.facts["reason"] == "no answer"
    assert len(signal.facts["messages"]) == 20  # type: ignore[arg-type]
    assert signal.facts["more"] == 5
    assert signal.page is (obstacle != "unknown")


def test_a_page_that_reaches_nobody_is_critical() -> None:
    assert signal_of([hindered("recipient")], NOW).severity == "critical"
    assert signal_of([hindered("recipient", purpose="message")], NOW).severity == "high"
    assert signal_of([hindered("away", purpose="message")], NOW).severity == "critical"
    assert signal_of([hindered("unknown", purpose="message")], NOW).severity == "low"


def asked(answer: bool) -> tuple[list[Gone], Callable[[Gone], bool]]:
    questions: list[Gone] = []

    def has_gone(gone: Gone) -> bool:
        questions.append(gone)
        return answer

    return questions, has_gone


@pytest.mark.parametrize(
    ("cause", "proof"),
    [
        ("credential", Gone("slack", NOW)),
        ("away", Gone("slack", NOW)),
        ("recipient|#x|y", Gone("slack", NOW + MINUTE, recipient="#x|y")),
        ("wall|nordwind|it names | x", Gone("slack", NOW + MINUTE, None, "nordwind", ("page", "message", "resolved"))),
        ("unknown", Gone("slack", NOW + MINUTE)),
    ],
)
def test_a_cause_ends_when_one_has_gone_where_it_kept_them(cause: str, proof: Gone) -> None:
    found = incident(cause, facts={"last": (NOW + MINUTE).isoformat()})
    questions, has_gone = asked(True)
    (signal,) = ends_of(found, [], has_gone, NOW + 5 * MINUTE)
    assert (signal.event, signal.watch, signal.dedup_key) == ("resolve", "slack", cause)
    assert questions == [proof]
    assert list(ends_of(found, [], asked(False)[1], NOW)) == []


def test_a_cause_lasts_while_a_message_waits_for_it() -> None:
    assert list(ends_of(incident("away"), [hindered("away")], asked(True)[1], NOW)) == []
    assert len(list(ends_of(incident("away"), [hindered("away", channel="mail")], asked(True)[1], NOW))) == 1
    assert cause_of(hindered("away")) == "away"


def test_each_cause_of_a_storm_ends_by_itself() -> None:
    keys = ["recipient|a", "recipient|b"]
    storm = incident("storm\n", facts={"storm": {"keys": keys, "more": 0, "last": NOW.isoformat()}})
    ends = list(ends_of(storm, [], lambda gone: gone.recipient == "a", NOW))
    assert [each.dedup_key for each in ends] == ["recipient|a"]
