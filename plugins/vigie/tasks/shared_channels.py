"""Slack channels that two clients have: their messages go elsewhere, and the platform is notified once for each."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from vigie.core.boundary import SharedChannel, shared_channels
from vigie.core.client import PLATFORM, Client, Rota, channel_key, is_channel_id
from vigie.core.errors import TransportError
from vigie.core.incident import Incident
from vigie.core.look import Look
from vigie.core.message import Channel
from vigie.core.ports import Messenger, Places
from vigie.core.signal import Event, Signal, platform_signal
from vigie.documents.library import Library
from vigie.logbook.book import Logbook
from vigie.tasks.posts import known_rota

FLUX = "channels"
"""The flux of the incidents about shared channels; their watch is Slack."""

ASK_AGAIN = timedelta(minutes=10)
"""How long Slack's answer about a channel's id is believed."""

log = logging.getLogger(__name__)


class SharedChannels:
    """Finds them as the tables are now.

    Slack is asked for the ids of channels only where some client writes an id and another one a name.
    """

    def __init__(self, logbook: Logbook, library: Library, messengers: Mapping[Channel, Messenger]) -> None:
        self._logbook = logbook
        self._library = library
        self._messengers = messengers
        self._asked: dict[str, tuple[datetime, str]] = {}

    def places(self, now: datetime) -> dict[str, str]:
        """The ids of the channels that are written by their names, by these; empty where nobody writes an id."""
        channels = _channels(self._library.clients().values(), known_rota(self._library))
        if not any(is_channel_id(each) for each in channels):
            return {}
        return {name: self._id_of(name, now) for each in channels if not is_channel_id(name := channel_key(each))}

    def tell(self, now: datetime) -> bool:
        """Open an incident of the platform for each shared channel, and end those that are over."""
        clients = self._library.clients().values()
        there = {each.channel: each for each in shared_channels(clients, known_rota(self._library), self.places(now))}
        known = {each.dedup_key: each for each in self._logbook.incidents(client=PLATFORM) if each.flux == FLUX}
        signals = [_opens(each, now) for key, each in there.items() if key not in known]
        signals += [_ends(each, now) for key, each in known.items() if key not in there]
        if signals:
            self._logbook.record(Look(source=FLUX, at=now, signals=tuple(signals)))
        return bool(signals)

    def _id_of(self, name: str, now: datetime) -> str:
        at, found = self._asked.get(name, (None, ""))
        if at is not None and now - at < ASK_AGAIN:
            return found
        found = self._logbook.place_of(name) or self._asked_for(name) or name
        self._asked[name] = (now, found)
        return found

    def _asked_for(self, name: str) -> str:
        try:
            messenger = self._messengers["slack"]
            return messenger.place_of(name) if isinstance(messenger, Places) else ""
        except TransportError as failed:
            log.warning("the id of the channel %s is not known: %s", name, failed)
            return ""


def _channels(clients: Iterable[Client], rota: Rota) -> list[str]:
    return [*(client.slack_channel for client in clients), rota.platform_channel]


def _opens(shared: SharedChannel, now: datetime) -> Signal:
    owners = " and ".join(shared.owners)
    return _signal(
        "trigger",
        shared.channel,
        now,
        f"Slack: the channel {shared.channel} belongs to {owners}",
    ).model_copy(
        update={
            "facts": {
                "source": "Slack",
                "reason": f"{shared.channel} is the channel of {owners}",
                "since": f"{now:%H:%M} UTC",
                "advice": "Give each its own channel (slack_channel in client.yaml, platform_channel in the rota). Until then "
                "messages of these clients go to the platform's channel, and calls by mail as well.",
            }
        }
    )


def _ends(incident: Incident, now: datetime) -> Signal:
    return _signal("resolve", incident.dedup_key, now, f"Slack: {incident.dedup_key} belongs to one client")


def _signal(event: Event, channel: str, now: datetime, title: str) -> Signal:
    key = f"shared|{event}|{channel}|{now.isoformat()}"
    return platform_signal(
        event, flux=FLUX, watch="slack", dedup_key=channel, key=key, seen_at=now, title=title, severity="high",
        template="undelivered",
    )  # fmt: skip
