"""What became of a mail that a session read: claimed by which watch, ignored by which rule, or nobody's."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import NamedTuple

from vigie.core.bounce import Bounce, bounce_of
from vigie.core.client import PLATFORM
from vigie.core.entry import Entry
from vigie.core.mail import Mail
from vigie.core.mail_rule import weigh
from vigie.core.origin import QUOTING
from vigie.core.ports import MailboxPosition, RawMail
from vigie.core.seen_mail import Fate, SeenMail, alike
from vigie.core.watch import MailboxWatch, MailWatch


class Claim(NamedTuple):
    """A watch that wants a mail, and what it does with it, in words."""

    watch: str
    words: str


class Fated(NamedTuple):
    """A mail's fate: whose it is, and in words."""

    fate: Fate
    fate_by: tuple[str, ...]
    words: str


class MailNotes(NamedTuple):
    """All that the record keeps of one mail."""

    entry: Entry
    seen: SeenMail
    bounce: Bounce | None


def fate_of(mail: Mail, watches: Collection[MailboxWatch], claims: Collection[Claim]) -> Fated:
    """The fate of a mail that these watches claim. What the rule of a KO matches is never ignored for its origin."""
    if mail.unreadable:
        heard = f"; by its head alone: {', '.join(claim.words for claim in claims)}" if claims else ""
        return Fated("unreadable", tuple(claim.watch for claim in claims), f"unreadable, {mail.unreadable}{heard}")
    if claims:
        return Fated("claimed", tuple(claim.watch for claim in claims), ", ".join(claim.words for claim in claims))
    weighed = {watch.id: weigh(watch, mail) for watch in watches if isinstance(watch, MailWatch)}
    if mail.origin in QUOTING:
        aside = tuple(watch for watch, each in weighed.items() if each.withholds("set aside"))
        if aside:
            why = mail.reasons[0] if mail.reasons else "it quotes others' words"
            return Fated("set_aside", aside, f"set aside from {', '.join(aside)}, {mail.origin}: {why}")
        return Fated("ignored", (mail.origin,), f"ignored, {mail.origin}: it quotes others' words")
    ignoring = tuple(watch for watch, each in weighed.items() if each.event == "ignore")
    if ignoring:
        return Fated("ignored", ignoring, f"ignored by {', '.join(ignoring)}")
    repeated = [watch for watch, each in weighed.items() if each.withholds("repeated")]
    if repeated:
        return Fated(
            "unclassified", (), f"unclassified, a KO of {', '.join(repeated)} repeated by a person: {mail.repeats}"
        )
    if mail.invitation:
        return Fated("unclassified", (), f"unclassified, an invitation: {mail.invitation}")
    unproved = [watch for watch, each in weighed.items() if each.event == "resolve" and not each.ends]
    if unproved:
        words = f"unclassified, an OK of {', '.join(unproved)} that ends nothing by itself: nobody proves who sent it"
        return Fated("unclassified", (), words)
    doubt = f" ({mail.doubts[0]})" if mail.doubts else ""
    return Fated("unclassified", (), f"unclassified, no rule claims it{doubt}")


def notes_of(
    mail: Mail,
    raw: RawMail,
    source: str,
    position: MailboxPosition,
    watches: Mapping[str, MailboxWatch],
    claims: Collection[Claim],
    now: datetime,
    *,
    fated: Fated | None = None,
    asked: Collection[MailboxWatch] | None = None,
) -> MailNotes:
    """The entry of a mail, its row, and the bounce that it may be. ``now`` is UTC; ``fated`` is its fate where known.

    ``watches`` are those of the mailbox, ``asked`` those that took part in this look (None: all).
    A mailbox whose watches are of several clients is the platform's, and so are the mails that come back to us.
    """
    clients = {watch.client for watch in watches.values()} - {PLATFORM}
    client = clients.pop() if len(clients) == 1 else PLATFORM
    fated = fated or fate_of(mail, watches.values() if asked is None else asked, claims)
    key = f"mail|{source}|{mail.identity}"
    entry = Entry(
        at=now,
        client=client,
        kind=f"mail.{fated.fate}",
        actor=f"session:{source}",
        text=f"{mail.subject[:200] or '(no subject)'} from {mail.sender[:200] or '(nobody)'}: {fated.words}",
        key=key,
        data={
            "uid": raw.uid,
            "message_id": mail.message_id[:300],
            "by": list(fated.fate_by),
            "origin": mail.origin,
            "reasons": list(mail.reasons[:10]),
            "doubts": list(mail.doubts[:10]),
            "repeats": mail.repeats,
            "curtailed": list(mail.curtailed[:10]),
            "size": mail.size,
            "truncated": raw.size > len(raw.raw),
            "received_at": mail.received_at.isoformat(),
        },
    )
    seen = SeenMail(
        key=key,
        client=client,
        source=source,
        uidvalidity=position.uidvalidity,
        uid=raw.uid,
        seen_at=now,
        received_at=mail.received_at,
        sender=mail.sender[:320],
        subject=mail.subject[:500],
        message_id=mail.message_id[:300],
        origin=mail.origin,
        content=mail.content,
        unread="; ".join(mail.curtailed)[:500],
        fate=fated.fate,
        fate_by=fated.fate_by,
        alike=alike(mail),
    )
    return MailNotes(entry, seen, bounce_of(mail, key, now))
