"""How a message leaves: claimed, sent, recorded; and what becomes of one that does not."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from vigie.core.entry import Entry
from vigie.core.errors import CannotTell, InDoubt, Refused, TransportError
from vigie.core.message import Channel, Obstacle, Outbound
from vigie.core.page_bundle import bundle_of
from vigie.core.ports import Messenger
from vigie.documents.library import Library
from vigie.logbook.book import Logbook
from vigie.logbook.outbox import DOUBT_AFTER
from vigie.tasks.all_clear import is_all_clear
from vigie.tasks.shared_channels import SharedChannels
from vigie.tasks.wall import Wall
from vigie.tasks.wording import Wording

RETRY = (2, 5, 15, 30, 60, 120)
"""Seconds before a failed message is tried again; the last one repeats."""

LONGEST_PAUSE = timedelta(minutes=10)
"""However long a channel asks to be left alone, a message is tried again after this."""

REFUSED_TRIES = 30
"""Attempts before giving up on a message whose credential is refused (about an hour): a person may fix that, and the
page must not be lost meanwhile."""

ASK_AGAIN = timedelta(seconds=30)
"""How long a message stays in doubt where the messenger cannot be asked, before it is asked again."""

log = logging.getLogger(__name__)


class Sender:
    """Sends messages of the outbox. ``name`` is written into each claim.

    ``touched`` says that something was sent, given up or put off since it was last set to False.
    """

    def __init__(
        self,
        logbook: Logbook,
        library: Library,
        messengers: Mapping[Channel, Messenger],
        channels: SharedChannels,
        name: str,
    ) -> None:
        self._logbook = logbook
        self._library = library
        self._wall = Wall(library)
        self._messengers = messengers
        self._name = name
        self._channels = channels
        self.touched = False

    def send(self, waiting: Sequence[Outbound], now: datetime) -> bool:
        """Send these in one message: one, or the pages of a bundle."""
        free = [outbound for outbound in waiting if not self._held(outbound, now)]
        claimed = [got for each in free if (got := self._logbook.claim(each.key, self._name, now)) is not None]
        if not claimed:
            return len(free) < len(waiting)
        outbound = claimed[0] if len(claimed) == 1 else bundle_of(claimed)
        self.touched = True
        try:
            ref = self._messengers[outbound.channel].send(outbound, reply_ref=self._reply_ref(outbound))
        except TransportError as failed:
            for each in claimed:
                self._not_sent(each, failed, now)
        except Exception as wrong:
            # It stays claimed, and is settled as any message whose sender has died: nobody knows how far it came.
            for each in claimed:
                self._logbook.note_obstacle(each.key, _error(wrong), "error", now)
            raise
        else:
            for each in claimed:
                repeated = " (perhaps repeated)" if each.repeated else ""
                others = f", with {len(claimed) - 1} others in one mail" if len(claimed) > 1 else ""
                text = f"{each.purpose} to {each.recipient} by {each.channel}{repeated}{others}"
                self._logbook.sent(each.key, ref, now, self._entry(each, now, f"{each.purpose}.sent", text))
        return True

    def _held(self, outbound: Outbound, now: datetime) -> bool:
        """Whether the message must not leave, or changes one that never left; it is then given up, and shown.

        What it says of another client is replaced, and it leaves all the same.
        """
        if outbound.edits and self._never_left(outbound.edits):
            return self._logbook.failed(outbound.key, "the message that it changes was not sent", now)
        if is_all_clear(outbound) and self._never_left(outbound.reply_to or ""):
            return self._logbook.failed(outbound.key, "the mail that it answers was not delivered", now)
        places = self._channels.places(now) if outbound.channel == "slack" else None
        refused = self._wall.refusal(outbound, places)
        if refused is None or (refused.stranger and outbound.variables.get("released_by")):
            self._redact(outbound, places, now)
            return False
        line = self._entry(outbound, now, "message.held", f"not sent, {refused.reason}")
        self.touched = True
        if refused.stranger:
            self._logbook.hold_back(outbound.key, refused.reason, now, line)
        else:
            self._logbook.failed(outbound.key, refused.reason, now, line, obstacle="wall")
        self._logbook.call_failed(outbound, now)
        return True

    def _redact(self, outbound: Outbound, places: Mapping[str, str] | None, now: datetime) -> None:
        message, told = self._wall.redacted(outbound, places)
        if told:
            text = f"{outbound.purpose} to {outbound.recipient}: it told of another client, which was replaced"
            self._logbook.reword(outbound.key, message, self._entry(outbound, now, "message.redacted", text))

    def _never_left(self, key: str) -> bool:
        target = self._logbook.outbound(key)
        return target is not None and target.status in {"failed", "bounced", "held"}

    def _not_sent(self, outbound: Outbound, failed: TransportError, now: datetime) -> None:
        pause = timedelta(seconds=failed.retry_after or RETRY[min(outbound.attempts, len(RETRY)) - 1])
        pause = min(pause, LONGEST_PAUSE)
        if isinstance(failed, InDoubt):
            self._logbook.note_obstacle(outbound.key, str(failed), "away", now)
            self._settle(outbound, now, pause, str(failed))
        elif failed.permanent and not (isinstance(failed, Refused) and outbound.attempts < REFUSED_TRIES):
            text = f"{outbound.purpose} to {outbound.recipient} by {outbound.channel} failed: {failed}"
            line = self._entry(outbound, now, "message.failed", text)
            kind: Obstacle = "credential" if isinstance(failed, Refused) else "recipient"
            self._logbook.failed(outbound.key, str(failed), now, line, obstacle=kind, claimed_at=outbound.claimed_at)
            self._logbook.call_failed(outbound, now)
            if outbound.channel == "procedure" and "skip" not in outbound.variables:
                self._say_refused(outbound, str(failed), now)
        else:
            hindered: tuple[Obstacle, datetime] = ("credential" if isinstance(failed, Refused) else "away", now)
            self._logbook.retry(
                outbound.key, now + pause, str(failed), hindered=hindered, claimed_at=outbound.claimed_at
            )

    def _say_refused(self, outbound: Outbound, reason: str, now: datetime) -> None:
        incident = self._logbook.incident(outbound.incident or "")
        if incident is not None:
            self._logbook.queue(Wording(self._library, now).procedure_refused(incident, reason), None)

    def doubtful(self, now: datetime) -> list[Outbound]:
        """What a dead desk left between sending and recording."""
        return self._logbook.in_doubt(now - DOUBT_AFTER)

    def settle(self, outbound: Outbound, now: datetime) -> bool:
        """Find out whether a doubtful message arrived, and record it. An error of ours puts it off."""
        try:
            return self._settle(outbound, now)
        except TransportError:
            raise
        except Exception as wrong:
            self._put_off(outbound, _error(wrong), "error", now)
            raise

    def _settle(
        self, outbound: Outbound, now: datetime, pause: timedelta = timedelta(0), why: str = "the desk was interrupted"
    ) -> bool:
        """Ask the messenger whether it arrived; where nobody can know, a page goes again and the rest is shown.

        What goes again waits for ``pause`` first: a server that never answers must not be flooded with one page.
        """
        key, claim = outbound.key, outbound.claimed_at
        self.touched = True
        what = f"{outbound.purpose} to {outbound.recipient} by {outbound.channel}"
        try:
            ref = self._messengers[outbound.channel].find(outbound, reply_ref=self._reply_ref(outbound))
        except CannotTell:
            if outbound.purpose == "page":
                return self._logbook.requeue(key, now + pause, repeated=True, claimed_at=claim)
            line = self._entry(outbound, now, "message.maybe_sent", f"{what}: maybe sent")
            return self._logbook.maybe_sent(key, now, line, reason=why, claimed_at=claim)
        except TransportError as failed:
            log.warning("%s stays in doubt: %s", key, failed)
            return self._put_off(outbound, str(failed), "away", now)
        if ref is None:
            return self._logbook.requeue(key, now + pause, repeated=False, claimed_at=claim)
        line = self._entry(outbound, now, f"{outbound.purpose}.sent", f"{what}: it had arrived")
        return self._logbook.sent(key, ref, now, line)

    def _put_off(self, outbound: Outbound, why: str, obstacle: Obstacle, now: datetime) -> bool:
        self.touched = True
        return self._logbook.still_in_doubt(
            outbound.key, now + ASK_AGAIN, reason=why, hindered=(obstacle, now), claimed_at=outbound.claimed_at
        )

    def _reply_ref(self, outbound: Outbound) -> str | None:
        target = self._logbook.outbound(outbound.edits or outbound.reply_to or "")
        return target.ref if target else None

    def _entry(self, outbound: Outbound, now: datetime, kind: str, text: str) -> Entry:
        return Entry(at=now, client=outbound.client, incident=outbound.incident, kind=kind, actor="desk", text=text)


def _error(wrong: Exception) -> str:
    return f"an error in Vigie: {type(wrong).__name__}: {wrong}"[:500]
