"""What makes a mail doubtful: signs of a bounce, an answer of a robot or a receipt that prove nothing.

A doubtful KO is told, with these reasons; a doubtful OK ends nothing unless its rule names the whole sender.
"""

from __future__ import annotations

from collections.abc import Iterator

from vigie.core.mime import header
from vigie.core.origin_clues import Clues
from vigie.core.origin_headers import SYSTEM, SYSTEM_NAME
from vigie.core.origin_words import (
    BOUNCE_SUBJECT,
    BOUNCE_SUBJECT_END,
    BOUNCE_TEXT,
    BOUNCE_TEXT_SURE,
    RECEIPT_SUBJECT,
    RECEIPT_SUBJECT_SURE,
    RECEIPT_TEXT,
    REPLY_ACKNOWLEDGED,
    REPLY_CHALLENGE,
    REPLY_CHALLENGE_SUBJECT,
    REPLY_HEAD,
    REPLY_SUBJECT,
    REPLY_SUBJECT_SURE,
    REPLY_TAGGED,
    REPLY_TEXT,
)
from vigie.core.server_words import SUBJECT
from vigie.core.subject_prefix import untagged

_FAR_DOWN = 2_000
"""Bytes. A bounce says what it is at once; the log of a job speaks of much."""

_SUBJECTS = (
    ((BOUNCE_SUBJECT, BOUNCE_SUBJECT_END), SUBJECT),
    (
        (REPLY_SUBJECT_SURE, REPLY_TAGGED, REPLY_SUBJECT, REPLY_CHALLENGE_SUBJECT, REPLY_ACKNOWLEDGED),
        REPLY_SUBJECT_SURE,
    ),
    ((RECEIPT_SUBJECT_SURE, RECEIPT_SUBJECT), RECEIPT_SUBJECT_SURE),
)
_TEXTS = ((BOUNCE_TEXT_SURE, BOUNCE_TEXT), (REPLY_CHALLENGE, REPLY_HEAD, REPLY_TEXT), (RECEIPT_TEXT,))
"""Of each kind the surer list comes first, and speaks for all."""


def doubts_about(clues: Clues) -> tuple[str, ...]:
    """Every sign, as a sentence: who sent it, its subject, how it was sent, what it says."""
    return (*suspects(clues), *_of_the_text(clues))


def suspects(clues: Clues) -> tuple[str, ...]:
    """The signs outside its text."""
    return (*_of_the_sender(clues), *_of_the_subject(clues), *_of_the_envelope(clues))


def _of_the_sender(clues: Clues) -> Iterator[str]:
    sender = clues.sender
    if clues.daemon:
        yield clues.daemon
    elif sender.written and not sender.address:
        yield "its sender has no address (RFC 6854 allows that for mail that nobody may answer)"
    elif SYSTEM.search(sender.local):
        yield f"its sender is {sender.local[:60]}"
    if SYSTEM_NAME.search(sender.name):
        yield f"its sender calls itself {sender.name[:60]}"


def _of_the_subject(clues: Clues) -> Iterator[str]:
    """As it stands; the surest words also behind what a gateway or a list put before them."""
    bare = untagged(clues.subject)
    for lists, sure in _SUBJECTS:
        found = next((found for words in lists if (found := words.search(clues.subject))), None)
        if found := found or sure.search(bare):
            yield f"its subject says '{found[0].strip()[:80]}'"


def _of_the_envelope(clues: Clues) -> Iterator[str]:
    """How answers of robots travel. A program that says of itself that it is one travels so too."""
    if not clues.nobody or clues.program:
        return
    how = [name for name in ("Precedence", "X-Auto-Response-Suppress") if clues.mime.get(name)]
    if clues.threaded or how:
        beside = "it answers a mail" if clues.threaded else f"{how[0]}: {header(clues.mime, how[0])[:60]}"
        yield f"{clues.nobody}, and {beside}"


def _of_the_text(clues: Clues) -> Iterator[str]:
    text = " ".join(clues.said.split()).encode()  # once for all: RE2 reads UTF-8
    for lists in _TEXTS:
        found = next((found for words in lists if (found := words.search(text))), None)
        if found and found.start() < _FAR_DOWN:
            yield f"its text says '{found[0].decode('utf-8', 'replace').strip()[:80]}'"
