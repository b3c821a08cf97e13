"""What makes two mails one incident: the key that a rule gives to a mail."""

from __future__ import annotations

import re

from vigie.core.mail import Mail
from vigie.core.mail_arrival import arrival
from vigie.core.missing_mail import MissingMailWatch
from vigie.core.pattern import constant, without
from vigie.core.subject import normalised_subject
from vigie.core.watch import MailPatterns, MailWatch

_LONGEST = 200


def dedup_key(watch: MailPatterns, mail: Mail, groups: dict[str, str]) -> str:
    """What is one incident, on one line: the watch's ``dedup_key`` filled from the groups, else the subject.

    Of a MissingMail it is the business date.
    """
    if isinstance(watch, MissingMailWatch):
        found = arrival(watch, mail, groups)
        return found if isinstance(found, str) else found.business_date.isoformat()
    if not isinstance(watch, MailWatch) or not watch.dedup_key:
        return subject_key(watch, mail.subject)[:_LONGEST]
    filled = re.sub(r"\{(\w+)\}", lambda field: groups.get(field[1], ""), watch.dedup_key)
    return " ".join(filled.split())[:_LONGEST]


def subject_key(watch: MailPatterns, subject: str) -> str:
    """The normalised subject, without the words by which a rule knows its KO from its OK.

    They go where both patterns find the same words each time: then ``Batch KO`` and ``Batch OK`` are one incident, and
    nothing that tells two batches apart is lost. What is left over of their brackets, and of an arrow between them, goes too.
    """
    words = _words(watch)
    if not words:
        return normalised_subject(subject)
    bare = subject[:2_000]
    for pattern in words:
        bare = without(pattern, bare, ignore_case=watch.ignore_case)
    left = _COUNTERS.sub(" ", _LEFT_OVER.sub(" ", normalised_subject(bare)))
    return " ".join(left.split()).strip(_BESIDE) or normalised_subject(constant(words[-1]) or "")


_LEFT_OVER = re.compile(r"[\[({<«「【]\s*[\])}>»」】]|(?<!\S)(?:[-=~]*>+|[→➜➔➝⇒⟶⟹])(?!\S)")
_COUNTERS = re.compile(
    r"[\[(]\s*#[#\s/%:.,x+-]*(?:(?:[kmgtp]?o|[kmgtp]i?b|bytes?|octets?)(?:\s?/\s?s)?|ms|s|sec|min|h)?\s*[\])]"
)
"""In brackets nothing but numbers and their unit: the OK says a size, the KO none."""

_BESIDE = " \t-–—:|,;/.·•="


def _words(watch: MailPatterns) -> list[str]:
    """The patterns of the subject, where the rule has an OK and each of them finds one thing only."""
    if not isinstance(watch, MailWatch) or (watch.resolves is None and watch.resolves_body is None):
        return []
    written = [pattern for pattern in (watch.subject, watch.resolves) if pattern is not None]
    return sorted(written, key=len, reverse=True) if all(constant(one) is not None for one in written) else []
