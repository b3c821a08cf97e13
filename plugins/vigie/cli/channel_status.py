"""Whether people can be reached, for `./vigie status`: what the rounds found when they signed in to each channel."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from vigie.cli.control_room import LOGBOOK, logbook_address
from vigie.cli.settings import Settings
from vigie.cli.vault import OwnVault
from vigie.core.channel_sight import ChannelSight, channel_sights
from vigie.core.client import PLATFORM
from vigie.core.errors import TransportError
from vigie.logbook.book import Logbook


def channels_of(settings: Settings) -> list[ChannelSight]:
    """Each channel, as the logbook of this installation has it. Raises TransportError where that cannot be read."""
    own = OwnVault.from_environment()
    address = f"sqlite:///{settings.logbook}"
    if own is not None:
        try:
            address = logbook_address(own.connection(LOGBOOK) or {})
        except Exception as failed:  # requests' and hvac's errors, and a connection without a host
            raise TransportError(f"the connection {LOGBOOK} cannot be read ({type(failed).__name__})") from failed
    elif not settings.logbook.exists():
        raise TransportError(f"there is no logbook at {settings.logbook}")
    book = Logbook(address)
    try:
        return channel_sights(book.incidents(client=PLATFORM), book.beats())
    finally:
        book.close()


def lines(channels: Iterable[ChannelSight]) -> list[str]:
    """Each channel in a line; times are those of this machine."""
    return [f"{channel.name}: {_said(channel)}" for channel in channels]


def as_data(channels: Iterable[ChannelSight]) -> list[dict[str, Any]]:
    """The same for ``--json``; times are UTC."""
    return [
        {
            "channel": each.channel,
            "blind_since": each.blind_since.isoformat() if each.blind_since else None,
            "incident": each.incident.id if each.incident else None,
            "reason": each.reason,
            "signed_in": each.signed_in.isoformat() if each.signed_in else None,
        }
        for each in channels
    ]


def _said(channel: ChannelSight) -> str:
    if channel.incident is not None and channel.blind_since is not None:
        return f"blind since {_local(channel.blind_since)} ({channel.incident.id}): {channel.reason}"
    return f"signed in at {_local(channel.signed_in)}" if channel.signed_in else "not signed in yet"


def _local(at: datetime) -> str:
    return f"{at.astimezone():%Y-%m-%d %H:%M:%S}"
