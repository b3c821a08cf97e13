"""What the words of a mail say of its origin: the weakest signs, believed only beside others."""

from __future__ import annotations

from collections.abc import Iterator
from email.message import Message as MimeMessage

from vigie.core.mime import header
from vigie.core.origin_sign import Sign, nobody_may_answer
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
    REPLY_SUBJECT_ANYWHERE,
    REPLY_SUBJECT_SURE,
    REPLY_TAGGED,
    REPLY_TEXT,
    SERVER_TEXT,
)
from vigie.core.reply_text import is_forward, is_reply

_HEAD = 600
_GREETING = 300


def speech(mime: MimeMessage, subject: str, said: str) -> Iterator[Sign]:
    """The signs of the subject and of the text."""
    yield from _of_words(subject, said)
    yield from _of_a_challenge(said)
    yield from _of_an_absence(mime, subject, said)
    yield from _of_a_server(mime, subject, said)


def _of_words(subject: str, said: str) -> Iterator[Sign]:
    texts = {"subject": subject.encode(), "text": " ".join(said.split()).encode()}  # once for all: RE2 reads UTF-8
    spoken = set()
    for of, where, weight, pattern in _WORDS:
        if pattern in _QUOTED and ("bounce", "subject") in spoken:
            continue
        if (of, where) not in spoken and (found := pattern.search(texts[where])):
            spoken.add((of, where))
            proof = pattern in _PROVING
            yield Sign(
                of,
                weight,
                f"its {where} says '{found[0].decode('utf-8', 'replace').strip()[:80]}'",
                proof,
                place=found.start(),
            )


def _of_a_challenge(said: str) -> Iterator[Sign]:
    """Words of a robot that lets a mail wait, calls one back or complains: at the head alone, for a bounce quotes them."""
    if found := REPLY_CHALLENGE.search(" ".join(said[:_HEAD].split())):
        yield Sign("reply", 3, f"its text says '{found[0].strip()[:80]}'", proof=False, place=0)


def _of_an_absence(mime: MimeMessage, subject: str, said: str) -> Iterator[Sign]:
    """Words of an absence at the head of an answer, or where nobody may answer."""
    answers = mime.get("In-Reply-To") or mime.get("References") or is_reply(subject)
    if (answers or nobody_may_answer(mime)) and (found := REPLY_HEAD.search(" ".join(said[:_GREETING].split()))):
        yield Sign("reply", 3, f"it begins as an absence does ('{found[0].strip()[:80]}')", place=0)


def _of_a_server(mime: MimeMessage, subject: str, said: str) -> Iterator[Sign]:
    """Words of a mail server at the head of the text, where the subject or the envelope are a server's too.

    Not in an answer or a forward, nor where a program says of itself that it is one: they may quote a server.
    """
    ends = BOUNCE_SUBJECT_END.search(subject)
    if not ends and (is_reply(subject) or is_forward(subject)):
        return
    found = SERVER_TEXT.search(" ".join(said[:_HEAD].split()))
    nobody = nobody_may_answer(mime) and header(mime, "Auto-Submitted").lower() in {"", "auto-replied"}
    if found and (nobody or ends or BOUNCE_SUBJECT.search(subject)):
        yield Sign("bounce", 2, f"it begins as only mail servers do ('{found[0].strip()[:80]}')", place=0)


_WORDS = (
    ("bounce", "subject", 2, BOUNCE_SUBJECT),
    ("bounce", "subject", 2, BOUNCE_SUBJECT_END),
    ("bounce", "text", 3, BOUNCE_TEXT_SURE),
    ("bounce", "text", 2, BOUNCE_TEXT),
    ("reply", "subject", 4, REPLY_SUBJECT_SURE),
    ("reply", "subject", 4, REPLY_TAGGED),
    ("reply", "subject", 3, REPLY_SUBJECT),
    ("reply", "subject", 2, REPLY_SUBJECT_ANYWHERE),
    ("reply", "subject", 2, REPLY_CHALLENGE_SUBJECT),
    ("reply", "subject", 2, REPLY_ACKNOWLEDGED),
    ("reply", "text", 1, REPLY_TEXT),
    ("receipt", "subject", 4, RECEIPT_SUBJECT_SURE),
    ("receipt", "subject", 2, RECEIPT_SUBJECT),
    ("receipt", "text", 3, RECEIPT_TEXT),
)
"""The surer list of several comes first, and speaks for all."""

_QUOTED = (REPLY_SUBJECT_ANYWHERE, REPLY_CHALLENGE_SUBJECT, REPLY_ACKNOWLEDGED)
"""Behind the words of a bounce these are the subject of what did not arrive."""

_PROVING = (
    REPLY_SUBJECT_SURE,
    REPLY_TAGGED,
    REPLY_SUBJECT,
    REPLY_SUBJECT_ANYWHERE,
    REPLY_CHALLENGE_SUBJECT,
    RECEIPT_SUBJECT_SURE,
    RECEIPT_SUBJECT,
)
"""Nobody but such a robot begins a subject so; the words of a bounce may be anybody's."""
