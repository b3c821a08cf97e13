"""The rounds' part for incidents, steps and calls: whether each has a next action, and whether the desk fails at any."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from vigie.core.client import PLATFORM
from vigie.core.desk_error import cause_of, news_of
from vigie.core.entry import Entry
from vigie.core.errors import TransportError
from vigie.documents.library import Library
from vigie.logbook.book import Logbook
from vigie.tasks.desk_pulse import TOLD_EVERY
from vigie.tasks.platform_news import PlatformNews

NAMED = 20
_OWN = "rounds.failure"

log = logging.getLogger(__name__)


class LifeRounds:
    """Walked each minute. ``tell_directly(subject, text)`` reaches the platform without the desk."""

    def __init__(self, logbook: Logbook, library: Library, tell_directly: Callable[[str, str], None]) -> None:
        self._logbook = logbook
        self._library = library
        self._tell_directly = tell_directly

    def walk(self, now: datetime) -> list[str]:
        """Walk at ``now`` (UTC); what was told directly, by its subject. Raises TransportError where the logbook is away.

        Word that nobody took is tried again in the next round. A part that fails keeps no other from being walked; its
        error is told directly, at most each ten minutes, and raised in the end.
        """
        told: list[str] = []
        failures: list[Exception] = []
        for part in (self._errors, self._unattended, self._news):
            try:
                told += part(now)
            except TransportError:
                raise
            except Exception as error:
                log.exception("the rounds failed at %s; the others go on", part.__name__)
                failures.append(error)
        if failures:
            self._own_failure(failures[0], now)
            raise failures[0]
        return told

    def _own_failure(self, error: Exception, now: datetime) -> None:
        told = self._logbook.beats().get(_OWN)
        if told is None or now - told >= TOLD_EVERY:
            text = f"The rounds that look after incidents, steps and calls fail: {cause_of(error)}: {error}"
            if self._said("Vigie: the rounds fail", text):
                self._logbook.beat(_OWN, now)

    def _errors(self, now: datetime) -> list[str]:
        """An error of the desk that repeats is told once for each cause, with reminders, and again when it is over."""
        told = []
        for news in news_of(self._logbook.errors(), now):
            untold = news.kind == "over" and not any(
                each.told_at for each in self._logbook.errors() if each.what in news.whats
            )
            if not untold and not self._said(news.subject, news.text):
                continue
            if news.kind == "over":
                self._logbook.errors_over(news.whats)
            else:
                self._logbook.errors_told(news.whats, now)
            if not untold:
                told.append(news.subject)
                self._note(now, "desk.failing" if news.kind != "over" else "desk.works", f"{news.text}; told directly")
        return told

    def _unattended(self, now: datetime) -> list[str]:
        """What would fall silent is put right first, then told: the next round would not find it any more."""
        found = self._logbook.unattended(now)
        if not found:
            return []
        self._logbook.attend(found, now)
        named = "\n".join(f"- {each.what}: {each.why}" for each in found[:NAMED])
        more = f"\n- and {len(found) - NAMED} more" if len(found) > NAMED else ""
        first = found[0].what + (f" and {len(found) - 1} more" if len(found) > 1 else "")
        subject = f"Vigie: {first} had no next action"
        text = f"Nobody would have been called for these any more. The desk looks at them now.\n\n{named}{more}"
        self._said(subject, text)
        return [subject]

    def _news(self, now: datetime) -> list[str]:
        PlatformNews(self._logbook, self._library).tell(now)
        return []

    def _said(self, subject: str, text: str) -> bool:
        try:
            self._tell_directly(subject, text)
        except TransportError as away:
            log.error("nobody of the platform could be told: %s: %s: %s", subject, text, away)  # noqa: TRY400
            return False
        return True

    def _note(self, now: datetime, kind: str, text: str) -> None:
        self._logbook.append(Entry(at=now, client=PLATFORM, kind=kind, actor="rounds", text=text[:1000]))
