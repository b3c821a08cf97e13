"""The plain text of a path: what other programs would take for a date or a pattern, and we for itself, is refused."""

from __future__ import annotations

import re

from vigie.core.date_format import lookalike, spelt

_ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://(?:[^/]*/?)?")
_HOST = re.compile(r"(?:[A-Za-z0-9._-]+@)?[A-Za-z0-9.-]{2,}:/|[A-Za-z0-9._-]+@[A-Za-z0-9.-]+:|//+")
"""``file:/x``, ``host:/x``, ``user@host:x`` (scp), ``//host/share`` (Windows)."""

_DRIVE = re.compile(r"[A-Za-z]:[\\/]")
_PERCENT = re.compile(r"(?:%[-^]?[YGymdjUWVuwaAbBhFeHMSIQT][-_./]?)+")
_SET = re.compile(r"\[[!^]?[0-9A-Za-z]-[0-9A-Za-z][^]]*\]")
_OUR_WORD = re.compile(r"\{\{\s*(?:site\.|business_date|slot\b)")
_JINJA = re.compile(
    r"\{\{ .*? \}\}|\{%.*?%\}|\{\{\s*(?:ds|ts|logical_date|execution_date|data_interval|params|var|macros)\b"
)
UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
"""Characters that no reader sees, and that a name of a file would have."""


def check_folders(path: str) -> None:
    """Raise ValueError, with a clause that says what to write, where a path is no path on the connection's server."""
    if address := _ADDRESS.match(path):
        raise ValueError(
            f"it is an address, '{address[1]}://…'; where= names the server, and the path is a place on it: "
            f"write it without '{address[0]}'"
        )
    if _DRIVE.match(path):
        raise ValueError("it begins with a drive of Windows; write the path as the server shows it, with '/'")
    if found := _HOST.match(path):
        raise ValueError(
            f"it begins with an address, '{found[0]}'; where= names the server, and the path is a place on it: write it "
            "without that"
        )
    if path.startswith("~"):
        raise ValueError("no server knows '~'; a path without a '/' at its beginning starts in the login folder")
    if "\\" in path:
        raise ValueError("a '\\' stands in it; write '/' between folders")
    if found := _OUR_WORD.search(path):
        raise ValueError(f"'{found[0]}' has two braces, so it is no field; write one")
    if found := _JINJA.search(path):
        raise ValueError(
            f"'{found[0]}' is a template of Airflow, and stands in the name as it is; write {{business_date:%Y%m%d}}"
        )
    if path != path.strip():
        raise ValueError("a blank stands at its beginning or end; take it away")


def check_text(text: str) -> None:
    """Raise ValueError, with a clause that says what to write, where plain text of a path is meant as something else."""
    if UNSEEN.search(text):
        raise ValueError("a character that nobody can see stands in it; take it away")
    if found := _PERCENT.search(text):
        form = found[0].rstrip("-_./")
        raise ValueError(f"'{form}' stands outside of braces, so it is no date; write {{business_date:{form}}}")
    if like := lookalike(text):
        meant = spelt(like) or "%Y%m%d"
        raise ValueError(f"'{like}' stands in the name as it is; write {{business_date:{meant}}}")
    if found := _SET.search(text):
        raise ValueError(f"'{found[0]}' stands for itself; write '*' for what nobody knows")
    if "?" in text:
        raise ValueError("a '?' stands for itself; write '*' for what nobody knows")
