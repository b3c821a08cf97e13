"""Whether the OK of a rule can ever end its KO's incident: tried on mails made from the rule's own patterns."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from vigie.core.mail import Mail
from vigie.core.mail_key import dedup_key
from vigie.core.mail_rule import weigh
from vigie.core.pattern import group_names
from vigie.core.pattern_sample import samples
from vigie.core.watch import MailPatterns, MailWatch

_FRAMES = ("{}", "{} Wv", "Xj {}", "Xj {} Wv")
"""What else stands in a subject: the same in the KO and in its OK."""


def never_ends(watch: MailWatch) -> str | None:
    """Why no OK of this rule can ever end an incident of its KO, as a sentence; None where one can, or nobody knows.

    The rule must be one that its own check accepts.
    """
    if watch.resolves is None and watch.resolves_body is None:
        return None
    watch = watch.model_copy(update={"authenticated_by": None})  # who proves an OK is another question
    kos, oks = list(_kos(watch)), list(_oks(watch))
    heard = [(mail, weigh(watch, mail)) for mail in oks]
    if oks and all(weighed.event == "trigger" for _, weighed in heard):
        return (
            f"{watch.task_id}: no OK ever ends its incident: what resolves finds is a KO by subject first, as in"
            f" '{_shown(oks[0])}'; narrow subject=, or take the OK back with unless=."
        )
    if watch.dedup_key is not None:
        return None
    opened = [
        dedup_key(watch, mail, weighed.groups) for mail in kos if (weighed := weigh(watch, mail)).event == "trigger"
    ]
    ended = [dedup_key(watch, mail, weighed.groups) for mail, weighed in heard if weighed.event == "resolve"]
    if not opened or not ended or set(opened) & set(ended):
        return None
    return (
        f"{watch.task_id}: no OK ever ends its incident: without dedup_key the key is the subject, and it is"
        f" '{opened[0][:60]}' for the KO and '{ended[0][:60]}' for the OK; {_remedy(watch)}."
    )


def unproved(watch: MailPatterns) -> str | None:
    """What becomes of the OK of a critical rule that everybody can forge, as a sentence; None where all is well."""
    if watch.ends_by_itself:
        return None
    if isinstance(watch, MailWatch) and watch.resolves is None and watch.resolves_body is None:
        return None
    who = f"whatever writes as {watch.sender}" if watch.sender else "whatever writes it"
    late = "an OK" if isinstance(watch, MailWatch) else "a mail that comes late"
    return (
        f"{watch.task_id}: its incident is critical, and {late} does not end it, {who}: a person does. Name its whole"
        " address in sender=, or the mail server that checks senders in authenticated_by=."
    )


def _remedy(watch: MailWatch) -> str:
    written = [pattern for pattern in (watch.subject, watch.resolves) if pattern is not None]
    both = frozenset[str].intersection(*map(group_names, written)) if written else frozenset[str]()
    if both:
        return f"write dedup_key='{''.join(f'{{{name}}}' for name in sorted(both))}'"
    return "take what names the job into a group of both patterns, (?P<job>…), and write dedup_key='{job}'"


def _shown(mail: Mail) -> str:
    return mail.subject[:80] or mail.text[:80]


def _kos(watch: MailWatch) -> Iterator[Mail]:
    texts = _texts(watch.body, watch)
    headers = tuple((name, _texts(pattern, watch)[0]) for name, pattern in watch.headers.items())
    attachments = tuple(_texts(watch.attachment, watch)[:1]) if watch.attachment is not None else ()
    for subject in _framed(_texts(watch.subject, watch)):
        for text in texts:
            yield _mail(watch, subject, text, headers, attachments)


def _oks(watch: MailWatch) -> Iterator[Mail]:
    """Where the subject does not matter, it is that of the KO, with and without what makes it one."""
    subjects = _texts(watch.resolves, watch) if watch.resolves is not None else ["", *_texts(watch.subject, watch)]
    for subject in _framed(subjects):
        for text in _texts(watch.resolves_body, watch):
            yield _mail(watch, subject, text)


def _framed(subjects: list[str]) -> Iterator[str]:
    for frame in _FRAMES:
        yield from (frame.format(subject) for subject in subjects)


def _texts(pattern: str | None, watch: MailWatch) -> list[str]:
    """Texts that the pattern finds; an empty one where none is asked, or none can be made."""
    return list(samples(pattern, ignore_case=watch.ignore_case)) if pattern is not None else [""]


def _mail(
    watch: MailWatch,
    subject: str,
    text: str,
    headers: tuple[tuple[str, str], ...] = (),
    attachments: tuple[str, ...] = (),
) -> Mail:
    """An ordinary mail of a program, from and to whom the rule wants it."""
    sender, recipient = (
        f"x{of}" if of.startswith("@") else of for of in (watch.sender or "@x", watch.recipient or "@x")
    )
    return Mail(
        message_id="",
        identity="",
        subject=subject,
        sender=sender.lower(),
        recipients=(recipient.lower(),),
        text=text,
        attachments=attachments,
        origin="auto_generated",
        received_at=datetime(2026, 11, 23, tzinfo=UTC),
        sent_at=None,
        size=1,
        headers=headers,
    )
