"""The name of a folder, as people write it and as the server has it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any, NamedTuple

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError

from vigie.adapters.imap_complaint import is_limit
from vigie.core.errors import TransportError

_SHOWN = 20


class Folder(NamedTuple):
    """A folder that the server lists; ``separator`` stands between the levels of its name, None where it has none."""

    name: str
    separator: str | None


def select_folder(
    connection: IMAPClient, wanted: str, where: str, *, readonly: bool = True
) -> tuple[str, dict[bytes, Any]]:
    """Select the folder: its name as the server writes it, and what the server says of it.

    Raises TransportError where it is not there, and what imapclient raises.
    """
    try:
        return wanted, dict(connection.select_folder(wanted, readonly=readonly))
    except IMAPClientAbortError:
        raise
    except IMAPClientError as error:
        if is_limit(str(error)):
            raise
        there = _folders(connection)
        if wanted in [folder.name for folder in there]:
            raise
        name = same_folder(wanted, there)
        if name is None:
            raise TransportError(f"{where}: {missing_folder(wanted, there)}") from error
    return name, dict(connection.select_folder(name, readonly=readonly))


def _folders(connection: IMAPClient) -> list[Folder]:
    return [
        Folder(str(name), separator.decode("ascii", "replace") if separator else None)
        for flags, separator, name in connection.list_folders()
        if not {flag.lower() for flag in flags} & {b"\\noselect", b"\\nonexistent"}
    ]


def same_folder(wanted: str, there: Sequence[Folder]) -> str | None:
    """The server's name of the folder that is meant; None where no folder, or more than one, can be meant.

    Written with ``/`` or ``.`` whatever the server's separator is, in another normal form of Unicode, or INBOX in
    small letters.
    """
    meant = [folder.name for folder in there if _levels(folder.name, folder.separator) in _readings(wanted)]
    return meant[0] if len(meant) == 1 else None


def missing_folder(wanted: str, there: Sequence[Folder]) -> str:
    """The sentence about a folder that is not there: the nearest name, and what is there."""
    names = sorted(folder.name for folder in there)
    if not names:
        return f"there is no folder {_shown(wanted)}, and the account sees none at all"
    by_fold = {"/".join(_levels(folder.name, folder.separator)).casefold(): folder.name for folder in there}
    last = {_levels(folder.name, folder.separator)[-1].casefold(): folder.name for folder in there}
    fold = unicodedata.normalize("NFC", wanted).casefold()
    near = get_close_matches(fold, [*by_fold, *last], n=1)
    nearest = f"; is {_shown((last | by_fold)[near[0]])} meant?" if near else "."
    more = f", and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    listed = ", ".join(_shown(name) for name in names[:_SHOWN])
    return f"there is no folder {_shown(wanted)}{nearest} There are: {listed}{more}"


def _levels(name: str, separator: str | None) -> tuple[str, ...]:
    plain = unicodedata.normalize("NFC", name)
    levels = plain.split(separator) if separator else [plain]
    return ("INBOX", *levels[1:]) if levels[0].upper() == "INBOX" else tuple(levels)


def _readings(wanted: str) -> set[tuple[str, ...]]:
    return {_levels(wanted, separator) for separator in (None, "/", ".")}


def _shown(name: str) -> str:
    return "'" + re.sub(r"[\x00-\x1f\x7f]", "�", name)[:100] + "'"
