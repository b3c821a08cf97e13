"""Who or what wrote a mail, by proof: what nothing proves is asked of every rule, with its doubts.

``auto_replied`` is not ``auto_generated`` (RFC 3834 2): the first answers a mail and quotes it, the second has
something to say.
"""

from __future__ import annotations

from email.message import Message as MimeMessage
from typing import Literal, NamedTuple

from vigie.core.delivery_report import OWN_HEADER, DeliveryReport
from vigie.core.mime import header
from vigie.core.origin_clues import Clues
from vigie.core.origin_doubt import doubts_about, suspects
from vigie.core.origin_headers import AUTOMATIC, LIST, PERHAPS_PROGRAM, PROGRAM_NAME, PROGRAM_SENDER
from vigie.core.origin_proof import proof_of
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


class Known(NamedTuple):
    """A class of origin, and why, the strongest reason first.

    ``doubts`` are the signs of a bounce, an answer or a receipt in a mail of which nothing proves that it is one. What
    is ``final`` no author can overrule: the structure of a report, or a mail of ours that came back.
    """

    origin: Origin
    reasons: tuple[str, ...]
    doubts: tuple[str, ...] = ()
    final: bool = False


def origin_of(mime: MimeMessage, subject: str, text: str, report: DeliveryReport) -> Known:
    """Ask for a proof, then for doubts. ``text`` is what the mail says, with whatever it quotes."""
    clues = Clues(mime, subject, text)
    proof = proof_of(clues)
    if header(mime, OWN_HEADER) and not (proof and proof.of == "bounce"):
        why = f"it carries our own header {OWN_HEADER}: a mail of ours came back as it was"
        return Known("own_loop", (why,), final=True)
    if proof is None:
        doubts = doubts_about(clues)
        return _ordinary(clues, doubts)
    if proof.of != "bounce":
        return Known("mdn" if proof.of == "receipt" else "auto_replied", proof.why, final=proof.final)
    kind, why = _outcome(report, subject, text)
    return Known(kind, (*proof.why, why), final=proof.final)


def _ordinary(clues: Clues, doubts: tuple[str, ...]) -> Known:
    if program := _program(clues):
        return Known("auto_generated", program, doubts)
    if suspected := suspects(clues):
        return Known("unknown", (*suspected, "but nothing proves that it is a bounce or an automatic answer"), doubts)
    if lists := clues.written(LIST):
        return Known("list", lists, doubts)
    if not any(clues.mime.get(name) for name in ("From", "Sender", "Subject", "To")):
        why = "it has neither a sender nor a recipient nor a subject"
        return Known("unknown", (why,), (*doubts, why))
    return Known("human", ("nothing in it says that a machine wrote it",), doubts)


def _program(clues: Clues) -> tuple[str, ...]:
    found = (*clues.program, *clues.written(AUTOMATIC))
    sender = clues.sender
    senders = [sender.local, header(clues.mime, "Sender").lower().partition("@")[0].lstrip("<")]
    named = any(PROGRAM_SENDER.search(each) for each in senders) or PROGRAM_NAME.search(sender.name)
    if named and not clues.daemon:
        found = (*found, f"its sender is a program by its name ({sender.written[:80]})")
    perhaps = clues.written(PERHAPS_PROGRAM)
    return (*found, *perhaps) if found or len(perhaps) > 1 else ()


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
