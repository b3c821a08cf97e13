"""The rule of a watch, asked about one mail: failure before success, and why each rule did or did not match."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from vigie.core.condition import Condition, address, asked
from vigie.core.mail import Mail
from vigie.core.mail_arrival import Arrival, arrival
from vigie.core.missing_mail import MissingMailWatch
from vigie.core.plain_word import Says
from vigie.core.unless import Unless
from vigie.core.watch import MailPatterns, MailWatch
from vigie.core.withheld import UNPROVED, Cause, Event, proved, withheld

Rule = tuple[Event, list[Condition], list[list[Condition]]]
"""What must be found in a mail, and what takes that back: each of the lists alone does."""


class Tried(NamedTuple):
    """One rule that was tried, and a sentence on what it found or missed; why that was withheld where it found all.

    What is ``unproved`` matches, and says that all is well; it ends no incident.
    """

    event: Event
    matched: bool
    why: str
    withheld: Cause | None = None


class Weighed(NamedTuple):
    """What a mail says to a watch: nothing, where ``event`` is None."""

    event: Event | None
    groups: dict[str, str]
    tried: tuple[Tried, ...]

    @property
    def ends(self) -> bool:
        """Whether it ends an incident."""
        return self.event == "resolve" and self.tried[-1].withheld is None

    def withholds(self, by: Cause) -> bool:
        """Whether this withholds the rule of a KO that the mail matches."""
        return any(each.withheld == by and each.event == "trigger" for each in self.tried)


def weigh(watch: MailPatterns, mail: Mail) -> Weighed:
    """Try the watch's rules in their order: what triggers, what resolves, what its author knows to mean nothing.

    A MissingMail has one rule: what arrives as expected.
    """
    tried: list[Tried] = []
    for event, conditions, unless in _rules(watch, mail):
        if event == "resolve" and tried[0].withheld:
            continue  # failure comes before success, withheld or not
        groups, said = asked(conditions, ignore_case=watch.ignore_case)
        if groups is None:
            tried.append(Tried(event, False, said))
            continue
        if unless and (back := _taken_back(unless, ignore_case=watch.ignore_case)):
            groups, said = None, f"{said}; but unless {back}"
        if groups is not None and isinstance(watch, MissingMailWatch):
            counts = arrival(watch, mail, groups)
            if isinstance(counts, str):
                groups, said = None, f"{said}; but {counts}"
        if groups is not None and (why := withheld(watch, mail, event)):
            tried.append(Tried(event, False, f"{said}; but {why.by}: {why.why}", why.by))
            continue
        if groups is not None and watch.authenticated_by and event in {"resolve", "arrive"}:
            said = f"{said}; {proved(mail, watch.authenticated_by).why}"
        if groups is not None and event == "resolve" and not watch.ends_by_itself:
            tried.append(Tried(event, True, f"{said}; {UNPROVED}", "unproved"))
        else:
            tried.append(Tried(event, groups is not None, said))
        if groups is not None:
            return Weighed(event, groups, tuple(tried))
    return Weighed(None, {}, tuple(tried))


def counted(watch: MissingMailWatch, mail: Mail) -> Arrival | None:
    """What this mail counts as for this watch, or None."""
    weighed = weigh(watch, mail)
    found = arrival(watch, mail, weighed.groups) if weighed.event == "arrive" else ""
    return found if isinstance(found, Arrival) else None


def _rules(watch: MailPatterns, mail: Mail) -> Iterator[Rule]:
    subject, text = (mail.subject,), (mail.text,)
    who = _who(watch, mail) if watch.sender is not None or watch.recipient is not None else []
    expected = isinstance(watch, MissingMailWatch)
    says: Says = "success" if expected else "failure"
    conditions = [*who]
    if watch.subject is not None:
        conditions.append(("subject", watch.subject, subject, says))
    if watch.body is not None:
        conditions.append(("body", watch.body, text, says))
    if watch.headers:
        conditions += _headers(watch.headers, mail, says)
    if watch.attachment is not None:
        conditions.append(("attachment", watch.attachment, mail.attachments, "anything"))
    unless = [_exception(each, mail, watch.subject, watch.body) for each in watch.unless] if watch.unless else []
    yield "arrive" if expected else "trigger", conditions, unless
    if not isinstance(watch, MailWatch):
        return
    if watch.resolves is not None or watch.resolves_body is not None:
        conditions = [*who]
        if watch.resolves is not None:
            conditions.append(("subject", watch.resolves, subject, "success"))
        if watch.resolves_body is not None:
            conditions.append(("body", watch.resolves_body, text, "success"))
        yield (
            "resolve",
            conditions,
            [_exception(each, mail, watch.resolves, watch.resolves_body) for each in watch.resolves_unless],
        )
    if watch.ignores is not None:
        yield "ignore", [*who, ("subject", watch.ignores, subject, "anything")], []


def _who(watch: MailPatterns, mail: Mail) -> list[Condition]:
    asked_of = (("sender", watch.sender, (mail.sender,)), ("recipient", watch.recipient, mail.recipients))
    return [address(field, written, values) for field, written, values in asked_of if written is not None]


def _headers(patterns: Mapping[str, str], mail: Mail, says: Says = "anything") -> list[Condition]:
    return [(f"header {name}", each, tuple(mail.header(name)), says) for name, each in patterns.items()]


def _exception(unless: Unless, mail: Mail, subject: str | None, body: str | None) -> list[Condition]:
    """What takes a match back. A pattern alone is asked where the rule itself asks: of the subject, the text, or both."""
    places = [mail.subject] if subject is not None or body is None else []
    places += [mail.text] if body is not None else []
    fields = (
        ("mail", unless.anywhere, tuple(places)),
        ("subject", unless.subject, (mail.subject,)),
        ("body", unless.body, (mail.text,)),
    )
    named: list[Condition] = [(name, each, values, "anything") for name, each, values in fields if each is not None]
    return named + _headers(unless.headers, mail)


def _taken_back(unless: list[list[Condition]], *, ignore_case: bool) -> str | None:
    """Which exception takes a match back, as a sentence; None where it stands."""
    for conditions in unless:
        answer = asked(conditions, ignore_case=ignore_case)
        if answer.groups is not None:
            return answer.said.removeprefix("mail ")
    return None
