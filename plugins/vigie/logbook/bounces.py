"""Bounces joined to the messages that they report on, in the transaction of the look that read them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, or_, update

from vigie.core.bounce import WATCH, Bounce
from vigie.core.entry import Entry
from vigie.core.message import Outbound
from vigie.logbook.calls import call_the_next
from vigie.logbook.incident_row import find_incident
from vigie.logbook.outbox import outbound_of
from vigie.logbook.schema import message

_LEFT_US = ("claimed", "sent", "maybe_sent")


class Returned(NamedTuple):
    """A message of ours, and the report that it failed."""

    bounce: Bounce
    outbound: Outbound


def join_bounces(connection: Connection, bounces: Sequence[Bounce]) -> list[Returned]:
    """Mark each message that a report names as bounced; those that were not marked before.

    A report names a message by the key that it carried, or by its Message-ID. One that names none of ours is
    somebody else's. Who forges a report, which needs a key that exists, makes noise; it never ends or hides anything.
    """
    found = []
    for bounce in bounces:
        named = [message.c.key == bounce.message_key] if bounce.message_key else []
        named += [message.c.ref == bounce.message_id] if bounce.message_id else []
        statement = (
            update(message)
            .where(or_(*named), message.c.channel == "mail", message.c.status.in_(_LEFT_US))
            .values(status="bounced", reason=bounce.reason, done_at=bounce.seen_at, next_action_at=None)
            .returning(*(column for column in message.c if column.name in Outbound.model_fields))
        )
        found += [Returned(bounce, outbound_of(row)) for row in connection.execute(statement).mappings()]
    return found


def entries_of(returned: Sequence[Returned]) -> Iterator[Entry]:
    """What the record says of them, beside the message that bounced."""
    for bounce, outbound in returned:
        yield Entry(
            at=bounce.seen_at,
            client=outbound.client,
            incident=outbound.incident,
            kind=f"{outbound.purpose}.bounced",
            actor=f"watch:{WATCH}",
            text=f"{outbound.purpose} to {outbound.recipient} by mail bounced: {bounce.reason}",
            key=f"bounced|{outbound.key}|told",
            data={"report": bounce.key},
        )


def page_the_next(connection: Connection, returned: Sequence[Returned]) -> None:
    """Whose page bounced will not answer: where nobody else of the call got a mail, the next people are due now.

    Not of an incident about bounces themselves, which would page a dead address again and again.
    """
    for bounce, outbound in returned:
        about = find_incident(connection, outbound.incident or "")
        if about is None or about.watch != WATCH:
            call_the_next(connection, outbound, bounce.seen_at, mail_only=True)
