"""A messenger in memory."""

from __future__ import annotations

from dataclasses import dataclass

from vigie.core.errors import CannotTell, InDoubt, Refused, TransportError
from vigie.core.message import Outbound


@dataclass(frozen=True)
class Sent:
    """A message that arrived, under this ref, in the thread of (or in place of) ``reply_ref``."""

    outbound: Outbound
    ref: str
    reply_ref: str | None


class MemoryMessenger:
    """The twin of SlackMessenger; with ``can_tell=False`` of SmtpMessenger, which cannot find what was sent."""

    def __init__(self, *, can_tell: bool = True) -> None:
        self.sent: list[Sent] = []
        self._can_tell = can_tell
        self._refused: dict[str, bool] = {}
        self._answers_to_lose = 0
        self._dark = False
        self._sign_in_refused = ""
        self._places: dict[str, str] = {}

    def refuse(self, recipient: str, permanent: bool = True) -> None:
        """Refuse messages to this recipient, for good or for now, until ``accept``."""
        self._refused[recipient] = permanent

    def accept(self, recipient: str) -> None:
        """Take messages to this recipient again."""
        self._refused.pop(recipient, None)

    def knows(self, recipient: str, place: str) -> None:
        """Give a recipient another name, its own: the id of a channel."""
        self._places[recipient.lstrip("#")] = place

    def place_of(self, recipient: str) -> str:
        """The recipient's own name."""
        self._reachable()
        return self._places.get(recipient.lstrip("#"), recipient)

    def lose_answer_next(self) -> None:
        """Let the next message arrive and its answer get lost."""
        self._answers_to_lose += 1

    def go_dark(self) -> None:
        """Be unreachable until ``come_back``: nothing arrives."""
        self._dark = True

    def come_back(self) -> None:
        """Answer again."""
        self._dark = False

    def refuse_sign_in(self, reason: str) -> None:
        """Refuse our credential with this reason until ``take_sign_in``."""
        self._sign_in_refused = reason

    def take_sign_in(self) -> None:
        """Take our credential again."""
        self._sign_in_refused = ""

    def sign_in(self) -> None:
        """Sign in, and say nothing."""
        self._reachable()

    def send(self, outbound: Outbound, *, reply_ref: str | None = None) -> str:
        """Keep it in ``sent``; an edit keeps the ref of what it edits."""
        self._reachable()
        if outbound.recipient in self._refused:
            permanent = self._refused[outbound.recipient]
            raise TransportError(f"memory: {outbound.recipient} was refused", permanent=permanent)
        edited = reply_ref if outbound.edits and self._can_tell else None
        ref = edited or f"memory:{len(self.sent) + 1}"
        self.sent.append(Sent(outbound=outbound, ref=ref, reply_ref=reply_ref))
        if self._answers_to_lose:
            self._answers_to_lose -= 1
            raise InDoubt(f"memory: the answer for {outbound.recipient} was lost")
        return ref

    def find(self, outbound: Outbound, *, reply_ref: str | None = None) -> str | None:
        """The ref of the message with this key."""
        if not self._can_tell:
            raise CannotTell(f"memory: nobody knows whether {outbound.key} arrived")
        self._reachable()
        if outbound.edits:
            return None
        return next((each.ref for each in self.sent if each.outbound.key == outbound.key), None)

    def _reachable(self) -> None:
        if self._dark:
            raise TransportError("memory: the server cannot be reached")
        if self._sign_in_refused:
            raise Refused(self._sign_in_refused)
