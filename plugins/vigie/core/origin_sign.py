"""One sign of where a mail comes from."""

from __future__ import annotations

from email.message import Message as MimeMessage
from typing import NamedTuple

from vigie.core.mime import header


class Sign(NamedTuple):
    """One sign: what it speaks for, how loudly, the sentence that says so, whether it proves anything, and of words where.

    Words, an empty Return-Path, Precedence and what a mail server answered prove nothing: a KO may have them all.
    """

    of: str
    weight: int
    why: str
    proof: bool = True
    place: int | None = None


def nobody_may_answer(mime: MimeMessage) -> bool:
    """Whether its envelope sender is known and empty (RFC 5321 4.5.5)."""
    return mime.get("Return-Path") is not None and header(mime, "Return-Path").strip() in {"<>", ""}
