"""A mail, read tolerantly: whatever the bytes are, a Mail comes out."""

from __future__ import annotations

from datetime import UTC, datetime
from email.message import Message as MimeMessage
from email.utils import parsedate_to_datetime

from pydantic import BaseModel, ConfigDict

from vigie.core.answer import answer_of, is_digest, is_threaded
from vigie.core.authentication import Results, results_of
from vigie.core.delivery_report import OWN_HEADER, DeliveryReport, delivery_report
from vigie.core.invitation import invitation_of
from vigie.core.mail_identity import Named, identified
from vigie.core.mime import UNREADABLE, addresses, file_name, header, line, parts
from vigie.core.mime_reading import read
from vigie.core.mime_text import Words, adds, words
from vigie.core.origin import QUOTING, Origin, origin_of
from vigie.core.reply_text import Pieces, divide

__all__ = ["OWN_HEADER", "DeliveryReport", "Mail", "Origin", "parse_mail"]

_HEADERS = 200
_ATTACHMENTS = 200
_RECIPIENTS = 500


class Mail(BaseModel):
    """What a rule may ask of a mail. ``received_at`` is the server's UTC time; ``size`` is in bytes.

    ``text`` is the author's own words; what they answer is in ``quoted``, who signed it in ``signature``.
    ``reasons`` say why it is of this ``origin``, ``doubts`` what speaks for a bounce, an answer of a robot or a receipt
    where nothing proves it, ``curtailed`` what of it was left unread. A ``final`` origin is one that no author
    overrules. ``repeats`` says why it only repeats another mail (an answer, a forward, a recall), empty where it does
    not; ``a_persons`` is true where a person then wrote it. ``invitation`` says what makes it one of a calendar, empty where
    it is none. ``authentication`` is what mail servers found out about its sender, ``authors`` how many addresses its
    From names. ``report`` is there where the mail tells the fate of another one.

    ``identity`` is a digest that stays the same when the mailbox is rebuilt, and differs for two alarms of a careless
    sender: see `vigie.core.mail_identity`. ``content`` leaves out when the server received it, ``former`` is what
    versions before called the identity. ``unreadable`` says why a reader died of it; what else is said then is what
    its headers say.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    message_id: str
    identity: str
    content: str = ""
    former: str = ""
    subject: str
    sender: str
    recipients: tuple[str, ...]
    text: str
    attachments: tuple[str, ...]
    origin: Origin
    received_at: datetime
    sent_at: datetime | None
    size: int
    reasons: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    final: bool = False
    repeats: str = ""
    a_persons: bool = False
    invitation: str = ""
    authentication: tuple[Results, ...] = ()
    authors: int = 1
    report: DeliveryReport | None = None
    quoted: str = ""
    signature: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    curtailed: tuple[str, ...] = ()
    unreadable: str = ""

    def header(self, name: str) -> list[str]:
        """The values of a header, in the order in which they stand; case of the name ignored."""
        return [value for each, value in self.headers if each.lower() == name.lower()]


def parse_mail(raw: bytes, *, received_at: datetime, size: int | None = None) -> Mail:
    """Read a mail. Never raises for what the bytes hold: what cannot be read is left empty."""
    mime, curtailed, digest = read(raw)
    subject, message_id, date = header(mime, "Subject"), header(mime, "Message-ID"), header(mime, "Date")
    sender = next(iter(addresses(mime, "From")), "")
    named = identified(Named(message_id, date, sender, subject), digest, raw, sent_at := _date(date), received_at)
    said = words(mime)
    report = delivery_report(mime, said.text)
    origin, reasons, doubts, final = origin_of(mime, subject, said.text, report)
    pieces = _pieces(said, subject, answers=is_threaded(mime), opened=origin not in QUOTING)
    if is_digest(mime, subject, said.text):
        pieces = Pieces("", said.text)
    answer = answer_of(mime, subject, pieces.own, pieces.quoted)
    size = len(raw) if size is None else size
    if size > len(raw):
        curtailed = (f"of {size:,} bytes the first {len(raw):,} were fetched", *curtailed)
    return Mail(
        message_id=message_id,
        identity=named.identity,
        content=named.content,
        former=named.former,
        subject=subject,
        sender=sender,
        recipients=tuple((addresses(mime, "To") + addresses(mime, "Cc"))[:_RECIPIENTS]),
        text=pieces.own,
        attachments=(*_attachments(mime), *said.files)[:_ATTACHMENTS],
        origin=origin,
        received_at=received_at,
        sent_at=sent_at,
        size=size,
        reasons=reasons,
        doubts=doubts,
        final=final,
        repeats=answer.why if answer else "",
        a_persons=answer is not None and answer.surely and (origin != "auto_generated" or answer.quotes),
        invitation=invitation_of(mime),
        authentication=results_of(mime),
        authors=_authors(mime),
        report=report if origin.startswith("dsn_") else None,
        quoted=pieces.quoted,
        signature=pieces.signature,
        headers=tuple((line(name), line(str(value))) for name, value in mime.items()[:_HEADERS]),
        curtailed=curtailed + said.curtailed,
    )


def _pieces(said: Words, subject: str, *, answers: bool, opened: bool) -> Pieces:
    """The texts taken apart, and together again. With ``opened`` what an attached mail says is the author's word too.

    A second text counts where the author says in it what he does not say in the first: it may repeat the quote alone.
    """
    own_words = said.text != said.carried
    texts = said.texts if own_words else (said.carried,)
    pieces = [divide(text, subject=subject, answers=answers) for text in texts]
    own = [pieces[0].own, *(each.own for each in pieces[1:] if adds(each.own, texts[0]))]
    if opened and own_words and said.carried.strip():
        own.append(said.carried)
    return Pieces(
        "\n".join(own),
        "\n".join(filter(None, (each.quoted for each in pieces))),
        "\n".join(filter(None, (each.signature for each in pieces))),
    )


def _authors(mime: MimeMessage) -> int:
    """How many addresses are said to have written it; each further From counts as one."""
    return sum("@" in each for each in addresses(mime, "From")) + len(mime.get_all("From", [])[1:])


def _date(written: str) -> datetime | None:
    try:
        sent = parsedate_to_datetime(written)
        return (sent if sent.tzinfo else sent.replace(tzinfo=UTC)).astimezone(UTC)
    except UNREADABLE:
        return None


def _attachments(mime: MimeMessage) -> list[str]:
    return [name for part in parts(mime) if (name := file_name(part))][:_ATTACHMENTS]
