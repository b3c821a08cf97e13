"""What a mail says: every text of it that was written to be read, HTML laid out as text."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message as MimeMessage
from typing import Literal, NamedTuple

from vigie.core.html_text import html_text
from vigie.core.long_text import ends, told
from vigie.core.mime import ATTACHED, TEXT_LIMIT, body, composed, file_name, parameter, parts
from vigie.core.plain_text import unflowed, without_files
from vigie.core.unread import unread

_STUB = 200
"""A plain text so short, beside a longer HTML, mostly says that the mail is HTML."""

_TEXTS = 50
"""So many texts of one mail are read, those of the mails that it carries included."""

_MARKED = 600_000
"""What the HTML of one mail, and of the mails that it carries, may cost in all (`html_text.Page`)."""

_CARRIED = 10
"""So many mails within a mail are read."""

_NO_TEXT = frozenset([
    "text/rfc822-headers", "text/css", "text/javascript", "text/ecmascript", "text/vcard", "text/x-vcard",
    "text/directory", "text/x-amp-html", "text/watch-html", "text/vnd.abc",
])  # fmt: skip
_TEXT_BESIDES = re.compile(
    r"application/(?:[\w.+-]{1,60}\+)?(?:json|xml|yaml|csv|x-yaml|x-ndjson|jsonl|x-json|toml|sql|x-sh|x-subrip)"
)
_TEXT_NAME = re.compile(r"\.(?:txt|log|out|err|csv|tsv|json|xml|ya?ml|md|ini|conf|sql|lst|asc|html?)$", re.IGNORECASE)
_MARKED_UP = frozenset({"text/html", "application/xhtml+xml"})
_IS_HTML = re.compile(r"\s{0,99}(?:<!DOCTYPE\s+html|<html[\s>])", re.IGNORECASE)
_ESCAPED = re.compile(r"(?:\\u[0-9a-fA-F]{4})+")
_REFERENCE = re.compile(r"&(?:#\d{1,7}|#x[0-9a-fA-F]{1,6}|[a-zA-Z]{2,8});")
_WORD = re.compile(r"\w+")

_Role = Literal["own", "marked", "named", "attached", "last"]


class Words(NamedTuple):
    """The texts of a mail, sentences about what of them was left unread, the names of files that stood in them.

    ``texts`` say the mail's own words, each as one part or one kind of part has them; ``carried`` is what the mails
    say that it carries.
    """

    texts: tuple[str, ...]
    curtailed: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    carried: str = ""

    @property
    def text(self) -> str:
        """All of its own; where it has none, that of the mails that it carries."""
        own = "\n".join(self.texts)
        return own if own.strip() else self.carried


def words(mime: MimeMessage) -> Words:
    """All that the mail says; never raises."""
    left = _Left()
    own = _own(mime, left)
    within = list(_carried(mime))
    carried = [_own(each, left) for each in within[:_CARRIED]]
    said = "\n".join(text for each in carried for text in each.texts)
    read = ends(said, TEXT_LIMIT)
    curtailed: tuple[str, ...] = (told("text", len(said), read),) if read.between else ()
    if len(within) > _CARRIED:
        curtailed += (f"of {len(within):,} mails that it carries the first {_CARRIED} were read",)
    unseen = unread(mime, "\n".join(own.texts) + said)
    sentences = (*own.curtailed, *(sentence for each in carried for sentence in each.curtailed), *curtailed, *unseen)
    return own._replace(
        carried=read.text,
        curtailed=tuple(dict.fromkeys(sentences)),
        files=(*own.files, *(name for each in carried for name in each.files)),
    )


def _carried(mime: MimeMessage) -> Iterator[MimeMessage]:
    """The mails that it carries as attachments, those within them too."""
    for part in parts(mime):
        if part.get_content_type() in ATTACHED and part.is_multipart():
            inner: object = part.get_payload()
            for each in inner if isinstance(inner, list) else []:
                if isinstance(each, MimeMessage):
                    yield each


@dataclass
class _Left:
    """What may still be read of one mail and the mails that it carries: their number costs as their length does."""

    texts: int = _TEXTS
    marked: int = _MARKED


class _Text(NamedTuple):
    """One part as it is read; ``between`` are the characters that were left out of it already."""

    role: _Role
    text: str
    curtailed: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    between: int = 0


def _own(mime: MimeMessage, left: _Left) -> Words:
    """The texts of one mail without those of the mails that it carries."""
    leaves = [(part, role) for part in parts(mime, opened=False) if (role := _role(part, whole=part is mime))]
    read: list[_Text] = []
    many: tuple[str, ...] = ()
    for roles in (("own", "marked", "named"), ("attached",), ("last",)):
        asked = [(part, role) for part, role in leaves if role in roles]
        read = [_read(part, role, left) for part, role in asked[: left.texts]]
        left.texts -= len(read)
        if len(asked) > len(read):
            many = (f"of {len(asked):,} texts the first {len(read)} were read",)
        if any(each.text.strip() for each in read):
            break
    texts = _together(_of(read, "own", "attached", "last"), _of(read, "marked"))
    if (named := _of(read, "named")).strip():
        texts = (*(text for text in texts if text.strip()), named)
    cut = [ends(text, TEXT_LIMIT // len(texts)) for text in texts]
    before = sum(each.between for each in read)
    return Words(
        tuple(each.text for each in cut),
        (
            *many,
            *(said for each in read for said in each.curtailed),
            *(
                told("text", len(text) + before, each)
                for text, each in zip(texts, cut, strict=True)
                if each.between or (before and text is texts[0])
            ),
        ),
        tuple(name for each in read for name in each.files),
    )


def _of(read: list[_Text], *roles: _Role) -> str:
    return "\n".join(each.text for each in read if each.role in roles and each.text.strip())


def _role(part: MimeMessage, *, whole: bool) -> _Role | None:
    """What a part is to the reader: its text, its HTML, a text with a name, a text that is attached, the last resort."""
    kind = part.get_content_type()
    if part.is_multipart() or kind in _NO_TEXT or (kind in ATTACHED and not whole):
        return None
    name = file_name(part)
    attached = part.get_content_disposition() == "attachment"
    if kind == "text/calendar" or kind.startswith("multipart/"):  # what is left of parts that make no sense
        return "last"
    if kind in _MARKED_UP:
        return "attached" if attached else "named" if name else "marked"
    if kind.startswith("text/") or (whole and kind in ATTACHED):
        return "attached" if attached else "named" if name else "own"
    if _TEXT_BESIDES.fullmatch(kind) or (name and _TEXT_NAME.search(name) and kind.startswith("application/")):
        return "attached"
    return None


def _read(part: MimeMessage, role: _Role, left: _Left) -> _Text:
    kind = part.get_content_type()
    text = body(part)
    if kind in _MARKED_UP or (role == "own" and _IS_HTML.match(text)):
        page = html_text(text, left.marked)
        left.marked = max(0, left.marked - page.cost)
        return _Text("marked" if role == "own" else role, page.text, page.curtailed)
    read = ends(text, 4 * TEXT_LIMIT)
    text, files = without_files(read.text)
    if parameter(part, "format") == "flowed":
        text = unflowed(text, delete_space=parameter(part, "delsp") == "yes")
    if kind.endswith("json"):
        text = _ESCAPED.sub(_unescaped, text)
    elif kind.endswith("xml"):
        text = _REFERENCE.sub(lambda found: html.unescape(found[0]), text)
    return _Text(role, composed(text), (), files, read.between)


def _unescaped(found: re.Match[str]) -> str:
    units = bytes.fromhex(found[0].replace("\\u", ""))
    return units.decode("utf-16-be", "replace").replace("\x00", "\ufffd")


def _together(plain: str, marked: str) -> tuple[str, ...]:
    """The plain text, and the HTML where it says more; the HTML first where the plain text is a stub.

    Most HTML says what its plain text says. Where it has a word that the plain text lacks, people see it, be it one
    in a table or in the place of a picture.
    """
    if not plain.strip() or not marked.strip():
        return (plain if plain.strip() else marked,)
    in_plain, in_marked = _words_of(plain), _words_of(marked)
    if in_marked <= in_plain:
        return (plain,)
    if in_plain <= in_marked:
        return (marked,)
    return (marked, plain) if len(plain.strip()) < _STUB < len(marked) else (plain, marked)


def _words_of(text: str) -> set[str]:
    return set(_WORD.findall(text.casefold()))


def adds(text: str, to: str) -> bool:
    """Whether a text has a word that the other lacks."""
    return not _words_of(text) <= _words_of(to)
