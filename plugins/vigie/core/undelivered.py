"""Messages that do not go out: which of them the platform is notified of, as which incident, and when it is over."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from pydantic import JsonValue

from vigie.core.incident import Incident
from vigie.core.message import Channel, Obstacle, Purpose
from vigie.core.severity import Severity
from vigie.core.signal import Signal, platform_signal
from vigie.core.storm import storm_of

FLUX = "messages"
"""The flux of these incidents; their watch is the channel."""

TEMPLATE = "undelivered"

PATIENCE = timedelta(seconds=110)
"""How long a message may be tried in vain before the platform is notified: the sixth try is 112 s after the first."""

NAMES: dict[str, str] = {"slack": "Slack", "mail": "Mail", "procedure": "Airflow"}
"""The channels as people call them."""

LONGEST_PAUSE = timedelta(minutes=2)
"""The longest pause that Vigie itself makes between two tries."""

_LISTED = 20
_WHOLE: tuple[Purpose, ...] = ("page", "message", "resolved")
"""Messages that carry a client's own words: of these a wall has let one pass when it holds none any more."""


class Hindered(NamedTuple):
    """A message that does not go out. ``since`` and ``next_at`` are UTC; ``waits``: it is tried again at ``next_at``."""

    key: str
    incident: str | None
    client: str
    channel: Channel
    purpose: Purpose
    recipient: str
    reason: str
    obstacle: Obstacle
    since: datetime
    next_at: datetime | None
    waits: bool


class Gone(NamedTuple):
    """What to ask of the outbox: whether such a message was sent after ``since`` (UTC)."""

    channel: str
    since: datetime
    recipient: str | None = None
    client: str | None = None
    purposes: tuple[Purpose, ...] | None = None


def cause_of(message: Hindered) -> str:
    """The ``dedup_key`` of the incident that a message belongs to: one for each cause and channel."""
    if message.obstacle == "recipient":
        return f"recipient|{message.recipient}"
    if message.obstacle == "wall":
        return f"wall|{message.client}|{message.reason}"
    return message.obstacle


def is_told(message: Hindered, now: datetime) -> bool:
    """Whether the platform is notified of it by now: at once, but a server that is away has ``PATIENCE``.

    One that wants to be left alone for longer than that is told at once: until then nothing goes out.
    """
    if message.obstacle not in {"away", "error"} or not message.waits:
        return True
    return now - message.since >= PATIENCE or (message.next_at or now) - now > max(PATIENCE, LONGEST_PAUSE)


def grouped(messages: Iterable[Hindered], now: datetime) -> dict[tuple[str, str], list[Hindered]]:
    """The messages of which the platform is notified, by channel and cause."""
    found: dict[tuple[str, str], list[Hindered]] = {}
    for message in messages:
        if is_told(message, now):
            found.setdefault((message.channel, cause_of(message)), []).append(message)
    return found


def signal_of(messages: Sequence[Hindered], now: datetime) -> Signal:
    """The signal that these messages of one cause do not go out. The newest of them makes it single."""
    newest = messages[-1]
    first = min(message.since for message in messages)
    facts: dict[str, JsonValue] = {
        "source": NAMES[newest.channel],
        "reason": newest.reason[:500],
        "since": f"{first:%H:%M} UTC",
        "advice": ADVICE[newest.obstacle],
        "obstacle": newest.obstacle,
        "recipient": newest.recipient,
        "last": now.isoformat(),
        "messages": [
            {"about": message.incident or "", "what": message.purpose, "to": message.recipient}
            for message in messages[-_LISTED:]
        ],
        "more": max(0, len(messages) - _LISTED),
    }
    signal = platform_signal(
        "trigger",
        flux=FLUX,
        watch=newest.channel,
        dedup_key=cause_of(newest),
        key=f"undelivered|{newest.channel}|{cause_of(newest)}|{newest.key}|{newest.since.isoformat()}",
        seen_at=now,
        title=_title(newest),
        severity=_severity(messages),
        template=TEMPLATE,
        facts=facts,
    )
    # A message that may have arrived calls nobody at night; the channel is notified.
    return signal.model_copy(update={"page": newest.obstacle != "unknown"})


def ends_of(
    incident: Incident, hindered: Iterable[Hindered], has_gone: Callable[[Gone], bool], now: datetime
) -> Iterator[Signal]:
    """The signal that ends the incident of a cause, or those that end the causes of a storm; none while they last.

    A cause is over when no message waits for it any more and one has gone where it kept them.
    """
    storm = storm_of(incident)
    since = datetime.fromisoformat(str(incident.facts.get("last") or incident.opened_at.isoformat()))
    waiting = {(each.channel, cause_of(each)) for each in hindered if each.waits}
    for cause in storm.keys if storm else (incident.dedup_key,):
        opened = storm.last if storm else incident.opened_at
        asked = _proof(incident.watch, cause, opened, since)
        if (incident.watch, cause) in waiting or not has_gone(asked):
            continue
        yield platform_signal(
            "resolve",
            flux=FLUX,
            watch=incident.watch,
            dedup_key=cause,
            key=f"delivered|{incident.id}|{cause}|{now.isoformat()}",
            seen_at=now,
            title=f"{NAMES.get(incident.watch, incident.watch)}: messages are going out again",
        )


def _proof(channel: str, cause: str, opened: datetime, last: datetime) -> Gone:
    """What proves that a cause is over. ``last`` is when it last kept a message."""
    obstacle, _, whom = cause.partition("|")
    match obstacle:
        case "recipient":
            return Gone(channel, last, recipient=whom)
        case "wall":
            return Gone(channel, last, client=whom.partition("|")[0], purposes=_WHOLE)
        case "unknown":
            return Gone(channel, last)
        case _:
            return Gone(channel, opened)


def _severity(messages: Sequence[Hindered]) -> Severity:
    if messages[-1].obstacle == "unknown":
        return "low"
    whole = messages[-1].obstacle in {"credential", "away", "error"}
    return "critical" if whole or any(message.purpose == "page" for message in messages) else "high"


def title_of(channel: Channel, obstacle: Obstacle) -> str:
    """The title of an incident that is about the whole channel."""
    name = NAMES[channel]
    if obstacle == "credential":
        return f"{name} is blind: our sign-in is refused, messages are not going out"
    return f"{name}: messages are not going out"


def _title(message: Hindered) -> str:
    channel = NAMES[message.channel]
    match message.obstacle:
        case "credential" | "away":
            return title_of(message.channel, message.obstacle)
        case "error":
            return f"{channel}: messages are not going out, because of an error in Vigie"
        case "wall":
            return f"{channel}: a message of {message.client} was held back"
        case "unknown":
            return f"{channel}: it is unknown whether a message arrived"
        case "recipient" if message.channel == "procedure":
            return f"{channel} does not start {message.recipient}"
        case _:
            return f"{channel}: messages to {message.recipient} are refused"


ADVICE: dict[Obstacle, str] = {
    "credential": "Replace the credential in the vault. What is waiting goes out by itself within two minutes.",
    "away": "Vigie keeps trying, at least every two minutes. What is waiting goes out by itself.",
    "recipient": "Fix the address or the channel in the rota or in the client's client.yaml, or what is behind it. What was "
    "refused is not sent again: read it on the page of its incident, and pass it on.",
    "wall": "It would have reached somebody who may not read it. Read it on the page of its incident: a second person can "
    "release it there to an address that is nobody's; otherwise pass it on, and fix the table that caused it.",
    "unknown": "The connection was lost before the server answered. Ask the recipient, and pass it on if it did not arrive.",
    "error": "Vigie keeps trying. The reason is in the log of duty.desk; report it.",
}
