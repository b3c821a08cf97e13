"""The chain of the record: each entry's link holds all before it, so that nothing can be changed or taken out unseen."""

from __future__ import annotations

import hashlib
import hmac
from typing import Literal, NamedTuple

BEGINNING = ""
"""What the first entry is linked to."""


class Head(NamedTuple):
    """The newest entry: its place, and the link that holds the whole record. Written ``41:9f86…``."""

    seq: int
    link: str

    def __str__(self) -> str:
        return f"{self.seq}:{self.link}"

    @classmethod
    def read(cls, written: str) -> Head:
        """A head from its writing. Raises ValueError."""
        seq, colon, link = written.strip().partition(":")
        if not colon or not seq.isascii() or not seq.isdecimal() or len(link) != 64:
            raise ValueError(f"'{written}' is no head of a record; write it as it was sent, 41:9f86…")
        return cls(int(seq), link.lower())


class Fault(NamedTuple):
    """What is wrong with an entry of the record.

    ``changed``: it no longer says what its digest says. ``link``: it, or what stood before it, is not what it was.
    ``pruned``: its text was taken away, as the database allows; its digest stays. ``head``: the record no longer
    holds the head that was sent out.
    """

    seq: int
    what: Literal["changed", "link", "pruned", "head"]


def link(before: str, seq: int, digest: str) -> str:
    """The link of an entry: SHA-256 over its predecessor's link, its place and its digest."""
    return hashlib.sha256(f"{before}|{seq}|{digest}".encode()).hexdigest()


def same(one: str, other: str) -> bool:
    """Whether two links are equal."""
    return hmac.compare_digest(one.encode(), other.encode())
