"""What is expected once: files of a site, or mails; its business date, its window, and how it ended."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Literal, NamedTuple

from pydantic import BaseModel, ConfigDict

from vigie.core.file_name import folder_and_name

OccurrenceStatus = Literal["pending", "early", "on_time", "late", "missing", "waived", "unexpected"]

BEFORE_WATCHED = "due before the watch began"
"""Why an occurrence is waived that nobody could have seen."""

NOT_WATCHED = "nobody looked when it was due"
"""Why an occurrence is waived that nobody looked for in time: the flux was paused, or we were blind."""

NOT_EXPECTED = "not expected any more"
"""Why an occurrence is waived whose site, slot or day was taken out of the rule before its deadline."""

UNSEEN = frozenset({BEFORE_WATCHED, NOT_WATCHED})

ARRIVED = frozenset({"early", "on_time", "late"})


class ArrivedFile(BaseModel):
    """A file as it was when it counted as whole. ``modified_at`` is the server's time of it (UTC), ``size`` in bytes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    size: int
    modified_at: datetime


RULE, NEEDED = "rule", "needed"
"""The labels of counted mails: under which rule (under another one they are counted anew), and how many are needed."""


def first_arrivals(needed: int, *arrivals: Mapping[str, datetime]) -> dict[str, datetime]:
    """Of all that came so many as are needed, each with the first time of it, whatever the order in which it was seen.

    More are not kept, so that a storm of OK mails is not kept for ever.
    """
    first: dict[str, datetime] = {}
    for seen in arrivals:
        for name, at in seen.items():
            first[name] = min(at, first.get(name, at))
    in_order = sorted(first.items(), key=lambda each: (each[1], each[0]))
    return dict(sorted(in_order[:needed]))


class FileSeen(NamedTuple):
    """A file as a listing showed it. A plain tuple: a folder may have a hundred thousand of them.

    ``modified_at`` is the server's time of it, ``unchanged_since`` when we first saw this size and time,
    ``absent_at`` the last look at which it was not there, ``seen_at`` the first at which this size and time were,
    ``first_seen_at`` the first at which it was there at all (None: not known). All UTC; ``size`` in bytes. ``elsewhere``
    is its folder where that is not the first of its places; ``gone``: it was there at one look and not at the next.
    """

    name: str
    size: int
    modified_at: datetime
    unchanged_since: datetime
    absent_at: datetime | None = None
    seen_at: datetime | None = None
    first_seen_at: datetime | None = None
    elsewhere: str = ""
    gone: bool = False


class Occurrence(BaseModel):
    """What must arrive for one site on one business date (the site's date at ``due``, where no holiday moved it).

    Every instant is UTC. ``slot`` names one of several times of the day. In ``path`` a ``*`` stands for anything;
    ``also`` are further places in which the file may be seen in its stead.
    ``reason`` says why it is waived or due on another day, ``warned_at`` when a warning went out that it may come too
    late, ``files`` are what arrived. Mails have no site (``""``); their ``path`` is the folder they come to, and
    ``arrivals`` says which of them have come, and when.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    client: str
    flux: str
    watch: str
    site: str
    business_date: date
    slot: str = ""
    path: str
    also: tuple[str, ...] = ()
    window_open: datetime
    due: datetime
    deadline: datetime
    status: OccurrenceStatus = "pending"
    reason: str = ""
    labels: dict[str, str] = {}
    arrivals: dict[str, datetime] = {}
    arrived_at: datetime | None = None
    looked_at: datetime | None = None
    warned_at: datetime | None = None
    files: tuple[ArrivedFile, ...] = ()

    @property
    def key(self) -> str:
        """The occurrence's name for ever: ``client.flux.watch|site|business date[/slot]``."""
        return f"{self.watch}|{self.site}|{self.when}"

    @property
    def places(self) -> tuple[str, ...]:
        """The paths in which it may be seen, the first one first."""
        return (self.path, *self.also)

    @property
    def folders(self) -> tuple[str, ...]:
        """The folders of its places."""
        return tuple(dict.fromkeys(folder_and_name(path)[0] for path in self.places))

    @property
    def when(self) -> str:
        """The business date, and the slot where there are several in a day: ``2026-11-24/06``."""
        day = self.business_date.isoformat()
        return f"{day}/{self.slot}" if self.slot else day
