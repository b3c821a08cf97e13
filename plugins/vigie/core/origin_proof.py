"""What proves that a mail was written by no one who has something to say: a bounce, an answer of a robot, a receipt.

A KO that reads like a bounce costs a technician a look; a KO that is taken for one is heard by nobody. So words never
prove alone, nor does an empty envelope, Precedence or a brand in a name. Sources: RFC 3464 (delivery reports),
RFC 3798 and 8098 (receipts), RFC 5965 (complaints), RFC 3834 (automatic answers), RFC 5321 4.5.5 (the empty envelope).
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from vigie.core.origin_clues import Clues
from vigie.core.origin_headers import AUTOMATION, EXCHANGE, LIST, PROVING
from vigie.core.origin_words import BOUNCE_SUBJECT, COMPLAINT, REPLY_HEAD, REPLY_SUBJECT_SURE
from vigie.core.server_words import FIELDS, SENTENCE, SUBJECT
from vigie.core.subject_prefix import untagged

Proven = Literal["bounce", "reply", "receipt"]


class Proof(NamedTuple):
    """Of what a mail is proof, and why. Nothing overrules a ``final`` one: the structure of a report."""

    of: Proven
    why: tuple[str, ...]
    final: bool = False


def proof_of(clues: Clues) -> Proof | None:
    """The first proof that holds, the strongest first."""
    return _structure(clues) or _header(clues) or _server(clues) or _answer_to_us(clues)


_REPORTS: dict[str, tuple[Proven, str]] = {
    "delivery-status": ("bounce", "RFC 3464"),
    "disposition-notification": ("receipt", "RFC 8098"),
    "feedback-report": ("reply", "a complaint about a mail, RFC 5965"),
}
_EVENT = re.compile(
    r'\\?"(?:notificationType|eventType)\\?"\s{0,4}:\s{0,4}\\?"(Bounce|Complaint|Delivery|DeliveryDelay|Reject)\b',
    re.IGNORECASE,
)
"""What Amazon SES tells through SNS; in the first of its forms the JSON stands in a string of JSON."""


def _structure(clues: Clues) -> Proof | None:
    for name, (of, rfc) in reversed(_REPORTS.items()):
        if clues.report_type == name:
            return Proof(of, (f"it is a multipart/report of a {name} ({rfc})",), final=True)
        if any(kind in {f"message/{name}", f"message/global-{name}"} for kind in clues.kinds):
            return Proof(of, (f"it has a part message/{name} ({rfc})",), final=True)
    if clues.said.lstrip().startswith("{") and (event := _EVENT.search(clues.said)):
        of = "reply" if event[1].lower() == "complaint" else "bounce"
        return Proof(of, (f"it is a {event[1]} event of a mail service (Amazon SES)",))
    return None


def _header(clues: Clues) -> Proof | None:
    found: list[tuple[Proven, str]] = [
        (of, f"{said}, which only mail systems and autoresponders write")
        for of, headers in PROVING.items()
        for said in clues.written(headers)
    ]
    if clues.automatic == "auto-replied":
        found.append((_kind(clues), "Auto-Submitted: auto-replied (RFC 3834)"))
    if not found:
        return None
    return Proof(found[0][0], tuple(why for _, why in found))


def _kind(clues: Clues) -> Proven:
    """Whose automatic answer it is: a mail server's or that of somebody who is away."""
    if SENTENCE.search(clues.head) and not REPLY_HEAD.search(clues.head):
        return "bounce"
    returns = bool(clues.daemon and (clues.returned or FIELDS.search(clues.said)))
    return "bounce" if returns or BOUNCE_SUBJECT.search(clues.subject) else "reply"


def _server(clues: Clues) -> Proof | None:
    """A server's envelope or a returned mail, and what a server says. A program that has something to say may quote it."""
    if clues.nobody and EXCHANGE.search(clues.sender.local):
        return Proof("bounce", (f"Exchange wrote it ({clues.sender.local}), with an empty envelope sender",))
    envelope = clues.daemon or clues.nobody
    returned = (clues.returned,) if clues.returned else ()
    if envelope and (clues.daemon or not clues.program):
        fields = ("its text has the fields of a delivery report (RFC 3464 2.3)",) if FIELDS.search(clues.said) else ()
        if said := (*returned, *fields, *_sentence(clues)):
            return Proof("bounce", (envelope, *said))
    if clues.answered or not returned:
        return None
    if said := (*_sentence(clues), *_subject(clues)):
        return Proof("reply" if COMPLAINT.search(untagged(clues.subject)) else "bounce", (*returned, *said))
    return None


def _sentence(clues: Clues) -> tuple[str, ...]:
    found = SENTENCE.search(clues.head)
    return (f"it begins as only mail servers do ('{found[0].strip()[:80]}')",) if found else ()


def _subject(clues: Clues) -> tuple[str, ...]:
    found = SUBJECT.search(untagged(clues.subject))
    return (f"its subject says '{found[0].strip()[:80]}'",) if found else ()


def _answer_to_us(clues: Clues) -> Proof | None:
    """A robot's answer to a mail of ours; a person's is heard."""
    if not clues.answers_us:
        return None
    listed = clues.written(LIST)  # a list may write Precedence: bulk into what people say there
    signs = [each for each in clues.written(AUTOMATION) if not (listed and each.startswith("Precedence"))]
    if clues.nobody:
        signs.append(clues.nobody)
    if found := REPLY_SUBJECT_SURE.search(clues.subject):
        signs.append(f"its subject says '{found[0].strip()[:80]}'")
    if found := REPLY_HEAD.search(clues.head):
        signs.append(f"it begins as an absence does ('{found[0].strip()[:80]}')")
    return Proof(_kind(clues), ("it answers a mail of ours (In-Reply-To)", *signs)) if signs else None
