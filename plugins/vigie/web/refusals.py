"""A signed-in user asked for what is another client's: nothing is shown or done, and the record has the try."""

from __future__ import annotations

import logging
from typing import Literal

from airflow.api_fastapi.auth.managers.models.base_user import BaseUser

from vigie.core.client import PLATFORM
from vigie.core.entry import Entry
from vigie.core.errors import VigieError
from vigie.web.control_room import ControlRoom

log = logging.getLogger("vigie.web")

Wanted = Literal["see", "act on"]


def enter_refusal(room: ControlRoom, user: BaseUser, thing: str, *, wanted: Wanted = "see") -> None:
    """Enter ``access.refused``, once a minute for each user, thing and what was wanted, so that nobody floods the record.

    It stands in the platform's record and belongs to no incident: the client's own people are not told of others'
    names. Where the record is away the log has it; the refusal stands all the same.
    """
    at, who = room.now(), user.get_name()
    key = f"access.refused|{who}|{wanted}|{thing}|{at:%Y-%m-%dT%H:%M}"
    text = f"tried to {wanted} {thing}, without the right to it; nothing was {'shown' if wanted == 'see' else 'done'}"
    log.warning("%.100s %s", who, text)
    try:
        book = room.logbook()
        if not book.has_entry(key):  # asked first: a read waits for no writer
            book.append(Entry(at=at, client=PLATFORM, kind="access.refused", actor=who, text=text, key=key))
    except VigieError as away:
        log.warning("the refusal is not in the record: %s", away)
