"""What a mail gives away of who wrote it: headers, parts, sender and words, each read once and only when asked for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from email.message import Message as MimeMessage
from functools import cached_property
from typing import NamedTuple

from vigie.core.mime import ATTACHED, addresses, header, parameter, parts
from vigie.core.origin_headers import CARRIED, DAEMON, PROGRAM, Header
from vigie.core.pattern import phrases
from vigie.core.subject_prefix import answered

_SEARCHED = 20_000
_PARTS = 50
_HEAD = 1_500

_FORWARDED = phrases(
    r"(begin forwarded message|forwarded message -|message transféré -|weitergeleitete nachricht -|mensaje reenviado -"
    r"|mensagem encaminhada -|messaggio inoltrato -|doorgestuurd bericht -|转发的?邮件 ?-|転送されたメッセージ"
    r"|(^|\n)\W{0,3}(from|de|von|da|van|från|fra|差出人|发件人|寄件者|보낸 사람)\s?\*?[:：][^\n]{1,200}\r?\n\W{0,3}(sent|envoyé|gesendet|enviado|inviato|verzonden|skickat|送信日時|发送时间|보낸 날짜)\s?\*?[:：])"
)
"""Where a person's forward begins to hold another mail; what stands below is not said by this one."""

_HEADER_LINE = re.compile(
    r"^[ >\t]{0,4}(?:received|return-path|message-id|x-mailer|mime-version|x-original-to|delivered-to|x-envelope-\w{2,10})[ \t]{0,2}:[ \t]*\S",
    re.IGNORECASE | re.MULTILINE,
)
_HEADER_LINE_TOO = re.compile(r"^[ >\t]{0,4}(?:from|subject|to|date)[ \t]{0,2}:[ \t]*\S", re.IGNORECASE | re.MULTILINE)
_FROM_LINE = re.compile(r"^[ >\t]{0,4}from[ \t]{0,2}:[^\r\n]{0,120}?([\w.+=-]+@[\w.-]+)", re.IGNORECASE | re.MULTILINE)
_OWN_ID = re.compile(r"<[0-9a-f]{32}@([\w.-]{1,253})>")
"""A Message-ID of our own mails: a digest, at a domain of ours (adapters/smtp_messenger.py)."""


def _is_said(value: str) -> bool:
    """Whether a header that is there means what its name says."""
    return value.strip().lower() not in {"no", "false", "0", "none"}


class Sender(NamedTuple):
    """Who a mail says it is from: ``local`` and ``name`` in lower case, empty where they are not written."""

    written: str
    address: str
    local: str
    name: str


class Clues:
    """What is asked of one mail. ``text`` is all that it says, with whatever it quotes."""

    def __init__(self, mime: MimeMessage, subject: str, text: str) -> None:
        self.mime = mime
        self.subject = subject
        self._text = text[:_SEARCHED]

    @cached_property
    def said(self) -> str:
        """Its text down to where it forwards another."""
        cut = _FORWARDED.search(self._text)
        return self._text[: cut.start()] if cut else self._text

    @cached_property
    def head(self) -> str:
        """How its text begins, on one line."""
        return " ".join(self.said[:_HEAD].split())

    @cached_property
    def parts(self) -> list[MimeMessage]:
        """Its parts, not those of a mail that it carries."""
        return [part for _, part in zip(range(_PARTS), parts(self.mime, opened=False), strict=False)]

    @cached_property
    def kinds(self) -> frozenset[str]:
        """The media types of its parts."""
        return frozenset(part.get_content_type() for part in self.parts)

    @cached_property
    def report_type(self) -> str:
        """What kind of report it is (RFC 6522); empty where it is none."""
        return parameter(self.mime, "report-type") if self.mime.get_content_type() == "multipart/report" else ""

    @cached_property
    def automatic(self) -> str:
        """What ``Auto-Submitted`` says (RFC 3834), in lower case, without its comment."""
        return re.split(r"[;( ]", header(self.mime, "Auto-Submitted").lower().strip(), maxsplit=1)[0]

    @cached_property
    def sender(self) -> Sender:
        """Its From, read by hand: what bounces write there is often no address."""
        written = header(self.mime, "From")
        name, _, rest = written.rpartition("<")
        address = rest.rstrip("> ") if "<" in written else written.partition("(")[0].strip()
        name = name if "<" in written else written.partition("(")[2].rstrip(") ")
        local = address.partition("@")[0].strip("\"' ")
        return Sender(written, address.lower(), local.lower(), name.strip("\"' ").lower())

    @cached_property
    def nobody(self) -> str:
        """Why nobody may answer it: its envelope sender is known and empty (RFC 5321 4.5.5); empty where it is not.

        Servers that store mail write MAILER-DAEMON in its place (RFC 4155 appendix A).
        """
        envelope = self.mime.get("Return-Path")
        if envelope is not None and str(envelope).strip() in {"<>", ""}:
            return "its envelope sender is empty (RFC 5321 4.5.5)"
        written = f"{self.mime.get_unixfrom() or ''} {envelope or ''}"
        return "its envelope sender is MAILER-DAEMON" if re.search(r"mailer-?daemon", written, re.IGNORECASE) else ""

    @cached_property
    def daemon(self) -> str:
        """Why a mail server's own account sent it; empty where none did."""
        return f"its sender is {self.sender.local[:60]}" if DAEMON.search(self.sender.local) else ""

    @cached_property
    def program(self) -> tuple[str, ...]:
        """Which headers say that a program wrote it that has something to say (RFC 3834 5), as they stand there."""
        said = header(self.mime, "Auto-Submitted").lower()[:60]
        first = (f"Auto-Submitted: {said} (RFC 3834)",) if self.automatic not in {"", "no", "auto-replied"} else ()
        return (*first, *self.written(PROGRAM))

    def written(self, headers: Sequence[Header]) -> tuple[str, ...]:
        """Those of the headers that it has with such a value, as they stand there; *no* is none."""
        found = []
        for name, pattern in headers:
            if self.mime.get(name) is None:
                continue
            value = header(self.mime, name)
            if _is_said(value) if pattern is None else pattern.search(value):
                found.append(f"{name}: {value[:80]}")
        return tuple(found)

    @cached_property
    def threaded(self) -> bool:
        """Whether its headers name a mail that it answers."""
        return bool(self.mime.get("In-Reply-To") or self.mime.get("References"))

    @cached_property
    def answers_us(self) -> bool:
        """Whether they name a mail of ours: a Message-ID as we make it, at the domain that this mail was sent to."""
        named = f"{header(self.mime, 'In-Reply-To')} {header(self.mime, 'References')}"
        ours = {each.rpartition("@")[2] for name in ("To", "Delivered-To") for each in addresses(self.mime, name)}
        return any(found[1].lower() in ours for found in _OWN_ID.finditer(named))

    @cached_property
    def answered(self) -> bool:
        """Whether its subject is that of an answer or of a forward."""
        return answered(self.subject) is not None

    @cached_property
    def returned(self) -> str:
        """Why it returns a mail to its sender; empty where it does not. A forward carries a mail, and returns none."""
        if self.answered:
            return ""
        for part in self.parts:
            kind = part.get_content_type()
            if part is not self.mime and kind in CARRIED and not self._was_mine(part):
                return f"it returns a mail ({kind})"
        if len(_HEADER_LINE_TOO.findall(self.said)) < 2:
            return ""
        mine = {*addresses(self.mime, "To"), *addresses(self.mime, "Delivered-To")}
        ours = any(found[1].lower() in mine for found in _FROM_LINE.finditer(self.said))
        return "its text holds the headers of a mail that it returns" if ours or _HEADER_LINE.search(self.said) else ""

    def _was_mine(self, part: MimeMessage) -> bool:
        """Whether the carried mail was sent to who carries it: then it is passed on, not returned."""
        inner = next((each for each in parts(part) if each is not part), part) if part.is_multipart() else part
        if part.get_content_type() not in ATTACHED or not self.sender.address:
            return False
        return self.sender.address in {*addresses(inner, "To"), *addresses(inner, "Cc")}
