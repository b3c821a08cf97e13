"""What people see of what was sent: a Slack channel with its threads and edits, and somebody's mail."""

from __future__ import annotations

from dataclasses import dataclass, field

from vigie.core.message import Outbound
from vigie.testing.memory_messenger import MemoryMessenger


def words(outbound: Outbound) -> str:
    """Everything that a message says, in one string."""
    said = outbound.message
    return "\n".join(part for part in (said.subject, said.slack or said.text) if part)


@dataclass
class Post:
    """A message in a channel as it stands now: ``versions`` are its words from the first to the last edit."""

    ref: str
    outbound: Outbound
    versions: list[str]
    thread: list[Post] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Its words now."""
        return self.versions[-1]

    @property
    def buttons(self) -> list[str]:
        """The labels of its buttons now."""
        return [button.label for button in self.outbound.buttons if not button.only_words]

    @property
    def repeated(self) -> bool:
        """Whether it says that it may have been sent before."""
        return self.outbound.repeated


class Channel:
    """A Slack channel."""

    def __init__(self, messenger: MemoryMessenger, name: str) -> None:
        self._messenger = messenger
        self.name = name

    @property
    def posts(self) -> list[Post]:
        """The messages that begin a thread, with their answers."""
        return [post for post in self._all() if post.outbound.reply_to is None]

    def said(self, text: str) -> list[Post]:
        """Every message, in a thread or not, that says this or once did."""
        return [post for post in self._all() if any(text in version for version in post.versions)]

    def _all(self) -> list[Post]:
        posts: dict[str, Post] = {}
        for sent in self._messenger.sent:
            outbound = sent.outbound
            if outbound.recipient != self.name:
                continue
            if outbound.edits and sent.ref in posts:
                posts[sent.ref].outbound = outbound.model_copy(update={"reply_to": posts[sent.ref].outbound.reply_to})
                posts[sent.ref].versions.append(words(outbound))
                continue
            posts[sent.ref] = Post(sent.ref, outbound, [words(outbound)])
            if sent.reply_ref in posts:
                posts[sent.reply_ref].thread.append(posts[sent.ref])
        return list(posts.values())


class Inbox:
    """Somebody's mail."""

    def __init__(self, messenger: MemoryMessenger, address: str) -> None:
        self._messenger = messenger
        self.address = address

    @property
    def mails(self) -> list[Outbound]:
        """What arrived, the oldest first."""
        return [sent.outbound for sent in self._messenger.sent if sent.outbound.recipient == self.address]

    def got(self, text: str) -> list[Outbound]:
        """The mails that say this, in their subject or text."""
        return [mail for mail in self.mails if text in f"{mail.message.subject}\n{mail.message.text}"]
