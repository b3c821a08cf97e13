"""Mails as files: one in a file, a folder of them, a Maildir, or an mbox."""

from __future__ import annotations

import mailbox
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

LIMIT = 5_000_000
"""How much of a mail is read, in bytes: as much as is fetched from a mailbox."""

_MBOX = frozenset({".mbox", ".mbx", ""})
_OUTLOOK = b"\xd0\xcf\x11\xe0"
"""How Outlook's .msg begins, as all of the old Office's files."""


class MailFile(NamedTuple):
    """One mail: where it was found, its first bytes, and how many it has."""

    name: str
    raw: bytes
    size: int


def mail_files(path: Path) -> Iterator[MailFile | str]:
    """The mails behind a path, in the order of their names; instead of what cannot be read, a sentence that says why."""
    if path.is_dir():
        inside = sorted(each for each in path.rglob("*") if each.is_file() and _may_be_mail(each))
        if not inside:
            yield f"{path}: there is no mail in this folder: neither .eml nor .mbox files, and it is no Maildir."
        for each in inside:
            yield from _opened(each)
    elif path.exists():
        yield from _opened(path)
    else:
        yield f"{path}: there is no such file or folder."


def _may_be_mail(path: Path) -> bool:
    return path.suffix.lower() in {".eml", ".mbox", ".mbx"} or path.parent.name in {"cur", "new"}


def _opened(path: Path) -> Iterator[MailFile | str]:
    try:
        with path.open("rb") as file:
            raw = file.read(LIMIT)
        if path.suffix.lower() in _MBOX and path.parent.name not in {"cur", "new"} and raw.startswith(b"From "):
            yield from _each_of(path)
        elif raw.startswith(_OUTLOOK):
            yield f"{path}: this is Outlook's own format (.msg). Save the mail as .eml, or take it from another mail program."
        elif not raw.strip():
            yield f"{path}: this file is empty."
        else:
            yield MailFile(str(path), raw, path.stat().st_size)
    except OSError as refused:
        yield f"{path}: it cannot be read: {refused.strerror or refused}."


def _each_of(path: Path) -> Iterator[MailFile]:
    """The mails of an mbox, counted from 1."""
    box = mailbox.mbox(path, create=False)
    try:
        for place, key in enumerate(box.iterkeys(), start=1):
            raw = box.get_bytes(key)
            yield MailFile(f"{path}:{place}", raw[:LIMIT], len(raw))
    finally:
        box.close()
