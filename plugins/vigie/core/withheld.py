"""Why a rule that finds what it looks for does nothing all the same: whose words they are, proved or in doubt.

An OK that a person looks at costs a minute; a bounce, an absence or an answer that counts as an OK is a lie. A KO is
heard, but for what is proved to quote others and for what a person answers or forwards.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from vigie.core.authentication import Proof, proof
from vigie.core.mail import Mail
from vigie.core.origin import QUOTING
from vigie.core.subject_prefix import answered
from vigie.core.watch import MailPatterns, MailWatch

Event = Literal["trigger", "resolve", "arrive", "ignore"]
Cause = Literal["set aside", "repeated", "in doubt", "an invitation", "not authenticated", "unproved"]


class Withheld(NamedTuple):
    """What withholds a rule, and why, as a sentence."""

    by: Cause
    why: str


def withheld(watch: MailPatterns, mail: Mail, event: Event) -> Withheld | None:
    """What keeps this mail from being what the rule takes it for; None where nothing does."""
    trust = trusted(watch, mail)
    ends = event in {"resolve", "arrive"}
    if mail.origin in QUOTING and (mail.final or not trust or (ends and not _is_believed(watch, mail))):
        return Withheld("set aside", f"what is {mail.origin} quotes others' words{_first(mail.reasons)}")
    if event == "ignore" or (event == "trigger" and trust):
        return None
    if mail.unreadable and event != "trigger":
        return Withheld("in doubt", f"nobody could read it ({mail.unreadable}), and its head alone ends nothing")
    if mail.invitation:
        return Withheld("an invitation", mail.invitation)
    if event != "trigger" and watch.authenticated_by:
        found = proved(mail, watch.authenticated_by)
        if not found.holds:
            return Withheld("not authenticated", found.why)
    if event == "trigger" and not mail.a_persons:
        return None
    if mail.repeats and not _asks_for_answers(watch, event):
        if event == "trigger":
            return Withheld("repeated", f"{mail.repeats}, and a person wrote it")
        return Withheld("repeated", f"{mail.repeats}, and so repeats what that one said")
    if event != "trigger" and mail.doubts and not _is_believed(watch, mail):
        return Withheld(
            "in doubt",
            f"{mail.doubts[0]}, as bounces and automatic answers do; it may raise an alarm, never end one."
            " To count it, give its whole address to sender=",
        )
    return None


def proved(mail: Mail, server: str) -> Proof:
    """What this mail server found out about the sender."""
    return proof(mail.authentication, server, mail.sender, authors=mail.authors)


UNPROVED = (
    "it ends nothing by itself, for the incident is critical and anybody can write such a mail; name its whole address in"
    " sender=, or the server that checks senders in authenticated_by="
)


def trusted(watch: MailPatterns, mail: Mail) -> str:
    """Who says that this mail is an alarm, whatever it looks like: the rule itself, or its client; empty where none does."""
    for each in watch.monitors:
        if each.said_by(mail.sender, mail.header):
            said = ", ".join(f"{name} {of}" for name, of in (("sender", each.sender), ("header", each.header)) if of)
            return f"it is one of the monitors of {watch.client} ({said})"
    return "its rule says trust_sender=True" if isinstance(watch, MailWatch) and watch.trust_sender else ""


def _is_believed(watch: MailPatterns, mail: Mail) -> bool:
    if watch.sender and not watch.sender.startswith("@"):
        return True
    if any(each.said_by(mail.sender, mail.header) for each in watch.monitors):
        return True
    return isinstance(watch, MailWatch) and watch.trust_sender and bool(watch.sender)


def _asks_for_answers(watch: MailPatterns, event: Event) -> bool:
    """Whether the author's own pattern begins as answers do: ``^RE: .*OK``."""
    pattern = watch.resolves if event == "resolve" and isinstance(watch, MailWatch) else watch.subject
    return pattern is not None and answered(re.sub(r"\\(.)", r"\1", pattern.removeprefix("^"))) is not None


def _first(reasons: tuple[str, ...]) -> str:
    return f" ({reasons[0]})" if reasons else ""
