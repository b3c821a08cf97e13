"""Everything Vigie raises on purpose, in three families.

VigieError
├── InvalidDocument    an author's file is wrong; carries every Problem found in it
└── TransportError     the outside world failed; ``permanent`` says whether trying again can help
    ├── Refused        the other side refused our credential (always permanent)
    │   └── NotInVault    the vault answers and has no such connection
    ├── FolderUnreadable  the server answers, and does not show us this folder
    │   └── FolderSlow    the listing is not whole yet and goes on
    ├── InDoubt        a message may have arrived: the answer was lost
    └── CannotTell     the other side cannot say whether a message arrived

Anything else is a bug of ours and is left to crash.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class VigieError(Exception):
    """What Vigie raises on purpose."""


class Problem(BaseModel):
    """One thing wrong in a file that a person wrote: what, where, and what to write instead."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: str
    line: int | None
    message: str
    remedy: str = ""

    def __str__(self) -> str:
        where = self.path if self.line is None else f"{self.path}:{self.line}"
        return f"{where}: {self.message} {self.remedy}".rstrip()


class InvalidDocument(VigieError):
    """An author's document cannot be used. Not the same as a client's flux being wrong."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


class TransportError(VigieError):
    """The outside world failed: a server is away, a message was refused.

    ``permanent`` is true when the same try cannot succeed later (unknown channel, refused recipient).
    ``retry_after``: for so many seconds the other side wants to be left alone.
    The text holds no secret.
    """

    def __init__(self, message: str, *, permanent: bool = False, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.permanent = permanent
        self.retry_after = retry_after


class Refused(TransportError):
    """The other side refused our credential: nobody but a person can mend that."""

    def __init__(self, message: str) -> None:
        super().__init__(message, permanent=True)


class NotInVault(Refused):
    """The vault answers, and has no such connection or does not show it to us."""


class FolderUnreadable(TransportError):
    """The server is there and does not show this one folder: others can be looked into meanwhile."""


class FolderSlow(FolderUnreadable):
    """The listing of this folder is not whole yet and goes on: ask again. Nobody is blind by it for now."""


class InDoubt(TransportError):
    """The message was handed over and no clear answer came: it may have arrived. ``Messenger.find`` settles it."""


class CannotTell(TransportError):
    """The other side has no way to say whether a message arrived (SMTP has none)."""
