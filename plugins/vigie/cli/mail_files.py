"""Mails as files: one in a file, a folder of them, a Maildir, or an mbox."""

from __future__ import annotations

import mailbox
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

LIMIT = 5_000_000
"""How much of a mail is read, in bytes: as much as is fetched from a mailbox."""

_MAIL = frozenset({".eml", ".mbox", ".mbx"})
_MBOX = frozenset({".mbox", ".mbx", ""})
_HEAD = 8_192
_FIELD = re.compile(rb"[!-9;-~]{1,70}[ \t]*:")
_ENVELOPE = re.compile(
    rb"^(from|to|subject|date|received|message-id|return-path|delivered-to)[ \t]*:", re.IGNORECASE | re.MULTILINE
)
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
        refused: list[str] = []
        inside = [each for each in sorted(_inside(path, refused)) if _may_be_mail(each)]
        if not inside and not refused:
            yield f"{path}: there is no mail in this folder: neither .eml nor .mbox files, and it is no Maildir."
        for each in inside:
            yield from _opened(each)
        yield from refused
    elif path.exists():
        yield from _opened(path)
    elif path.is_symlink():
        yield f"{path}: this is a link to a file that is not there."
    else:
        yield f"{path}: there is no such file or folder."


def _inside(folder: Path, refused: list[str]) -> Iterator[Path]:
    """All files below a folder; links to folders are not followed. What is refused is appended."""

    def tell(failed: OSError) -> None:
        refused.append(f"{failed.filename}: this folder cannot be read: {failed.strerror}.")

    for parent, _, names in os.walk(folder, onerror=tell):
        yield from (Path(parent, name) for name in names)


def _may_be_mail(path: Path) -> bool:
    if path.suffix.lower() in _MAIL or path.parent.name in {"cur", "new"}:
        return path.is_symlink() or path.is_file()
    if path.parent.name == "tmp" or not path.is_file():
        return False
    try:
        with path.open("rb") as file:
            return _begins_as_mail(file.read(_HEAD))
    except OSError:
        return False


def _begins_as_mail(raw: bytes) -> bool:
    """Whether a file of another name is a mail: it begins with a header, and has two of those that mails have."""
    begin = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if begin.startswith(b"From "):
        begin = begin.partition(b"\n")[2]
    head = begin.partition(b"\n\n")[0]
    return _FIELD.match(begin) is not None and len({name.lower() for name in _ENVELOPE.findall(head)}) > 1


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
            yield MailFile(str(path), raw, max(path.stat().st_size, len(raw)))  # a pipe has no size
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
