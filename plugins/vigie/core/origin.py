"""Who or what wrote a mail: an ensemble of signs, for no single one can be trusted.

Of real bounces fewer than half carry ``Auto-Submitted``, and a monitor's KO carries most of what bounces carry. So each
sign has a weight, a class is taken where enough of them agree, and every sign that counted is kept as a sentence.
``auto_replied`` is not ``auto_generated`` (RFC 3834 2): the first answers a mail and quotes it, the second has
something to say.
"""

from __future__ import annotations

from collections.abc import Sequence
from email.message import Message as MimeMessage
from typing import Literal, NamedTuple

from vigie.core.delivery_report import OWN_HEADER, DeliveryReport
from vigie.core.mime import header
from vigie.core.origin_sign import Sign
from vigie.core.origin_signs import signs
from vigie.core.origin_words import DELAY, DELIVERED, FINAL

Origin = Literal[
    "human",
    "auto_generated",
    "auto_replied",
    "dsn_failed",
    "dsn_delayed",
    "dsn_delivered",
    "mdn",
    "list",
    "own_loop",
    "unknown",
]

QUOTING = frozenset({"auto_replied", "dsn_failed", "dsn_delayed", "dsn_delivered", "mdn", "own_loop"})
"""Origins that quote others' words: a bounce of a KO is not a KO."""

ENOUGH = 4
"""The weight from which signs of a bounce, a reply or a receipt are believed."""

_SOME = 2


class Known(NamedTuple):
    """A class of origin, and why, the strongest reason first.

    ``doubts`` are the signs of a bounce, an answer or a receipt in a mail that is believed to be none.
    """

    origin: Origin
    reasons: tuple[str, ...]
    doubts: tuple[str, ...] = ()


def origin_of(mime: MimeMessage, subject: str, text: str, report: DeliveryReport) -> Known:
    """Weigh the signs. ``text`` is what the mail says, with whatever it quotes."""
    found = signs(mime, subject, text)
    bounce = [sign for sign in found if sign.of == "bounce"]
    if header(mime, OWN_HEADER) and not any(sign.weight >= ENOUGH for sign in bounce):
        return Known("own_loop", (f"it carries our own header {OWN_HEADER}: a mail of ours came back as it was",))
    weights = {
        kind: sum(sign.weight for sign in found if sign.of == kind)
        for kind in ("bounce", "reply", "receipt", "program")
    }
    believed = {sign.of for sign in found if sign.proof and weights.get(sign.of, 0) >= ENOUGH}
    if "receipt" in believed and weights["receipt"] >= weights["bounce"]:
        return Known("mdn", _reasons(found, "receipt"))
    if "reply" in believed and ("bounce" not in believed or weights["reply"] > weights["bounce"]):
        return Known("auto_replied", _reasons(found, "reply"))
    if "bounce" in believed:
        kind, why = _outcome(report, subject, text)
        return Known(kind, (*_reasons(found, "bounce"), why))
    if weights["bounce"] >= ENOUGH > weights["program"]:
        return Known("unknown", (*_reasons(found, "bounce"), "but nothing proves that it is a bounce"))
    return _ordinary(mime, found)._replace(doubts=_doubts(found))


def _ordinary(mime: MimeMessage, found: Sequence[Sign]) -> Known:
    if sum(sign.weight for sign in found if sign.of == "program") >= _SOME:
        return Known("auto_generated", _reasons(found, "program"))
    if sum(sign.weight for sign in found if sign.of == "list") >= _SOME:
        return Known("list", _reasons(found, "list"))
    if not any(mime.get(name) for name in ("From", "Sender", "Subject", "To")):
        return Known("unknown", ("it has neither a sender nor a recipient nor a subject",))
    return Known("human", ("nothing in it says that a machine wrote it",))


def _doubts(found: Sequence[Sign]) -> tuple[str, ...]:
    """Words count however weak, but those that stand far down: the log of a job speaks of much."""
    others = [sign for sign in found if sign.of in {"bounce", "reply", "receipt"}]
    loud = (sign for sign in others if (sign.weight >= _SOME if sign.place is None else sign.place < _FAR_DOWN))
    return tuple(sign.why for sign in sorted(loud, key=lambda sign: -sign.weight))


_FAR_DOWN = 2_000
"""Bytes. A bounce says what it is at once."""


def _reasons(found: Sequence[Sign], of: str) -> tuple[str, ...]:
    chosen = sorted((sign for sign in found if sign.of == of), key=lambda sign: -sign.weight)
    return tuple(sign.why for sign in chosen)


def _outcome(report: DeliveryReport, subject: str, text: str) -> tuple[Origin, str]:
    """Whether the mail reported on failed, waits or arrived: RFC 3464 2.3.3, else the words."""
    if report.action:
        kind: Origin = {"failed": "dsn_failed", "delayed": "dsn_delayed"}.get(report.action, "dsn_delivered")  # type: ignore[assignment]
        return kind, f"its report says Action: {report.action}"
    words = " ".join(text[:3_000].split())
    if DELIVERED.search(subject) or (DELIVERED.search(words) and not report.status.startswith(("4", "5"))):
        return "dsn_delivered", "its words say that the mail arrived"
    if DELAY.search(subject):
        return "dsn_delayed", "its subject says that the delivery is late and goes on"
    if not report.status.startswith("5") and not FINAL.search(words) and DELAY.search(words):
        return "dsn_delayed", "its text says that the delivery is late and goes on"
    return "dsn_failed", "nothing in it says that the delivery goes on"
