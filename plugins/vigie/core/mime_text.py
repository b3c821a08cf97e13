"""What a mail says: the one text of it that was written to be read, HTML laid out as text."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from email.message import Message as MimeMessage
from typing import NamedTuple

import inscriptis
from lxml import etree
from lxml import html as lxml_html

from vigie.core.mime import ATTACHED, TEXT_LIMIT, body, file_name, parameter, parts, printable
from vigie.core.plain_text import unflowed, without_files

_HTML_LIMIT = 200_000
_STUB = 200
"""A plain text so short, beside a long HTML one, says only that the mail is HTML."""

_LONG_REFERENCE = re.compile(r"&#\d{8,};?")

_STYLE = re.compile(r"\b(?:display|white-space)\s{0,4}:\s{0,4}[a-z-]{1,20}", re.IGNORECASE)
_WIDE = re.compile(r" {2,}")


class Words(NamedTuple):
    """A text, sentences about what of it was left unread, and the names of files that stood in it."""

    text: str
    curtailed: tuple[str, ...] = ()
    files: tuple[str, ...] = ()


def words(mime: MimeMessage) -> Words:
    """The mail's own text; where it has none of its own, that of the mail that it carries; never raises."""
    own = _first(part for part in parts(mime, opened=False) if part.get_content_type() not in ATTACHED or part is mime)
    said = own if own.text.strip() else _first(parts(mime))
    if not said.text.strip() and any(_is_tnef(part) for part in parts(mime)):
        return said._replace(curtailed=(*said.curtailed, "its text is in winmail.dat, which only Outlook can read"))
    return said


def _is_tnef(part: MimeMessage) -> bool:
    return part.get_content_type() in {"application/ms-tnef", "application/vnd.ms-tnef"} or (
        file_name(part).lower() == "winmail.dat"
    )


def _first(candidates: Iterable[MimeMessage]) -> Words:
    marked: MimeMessage | None = None
    last: MimeMessage | None = None
    plain = Words("")
    curtailed: tuple[str, ...] = ()
    for part in candidates:
        kind = part.get_content_type()
        if part.is_multipart() or file_name(part):
            continue
        if kind == "text/html":
            marked = marked if marked is not None else part
        elif kind == "text/calendar" or kind.startswith("multipart/"):  # what is left of parts that make no sense
            last = last if last is not None else part
        elif kind == "text/plain" and not plain.text.strip():
            plain = _plain(part)
    if marked is not None and len(plain.text.strip()) < _STUB:
        laid_out = _laid_out(marked)
        if len(laid_out.text.strip()) > (_STUB + 5 * len(plain.text.strip()) if plain.text.strip() else 0):
            return laid_out
        curtailed = laid_out.curtailed
    read = plain if plain.text.strip() or last is None else _cut(body(last, TEXT_LIMIT + 1))
    return Words(read.text, curtailed + read.curtailed, plain.files)


def _plain(part: MimeMessage) -> Words:
    """A plain part as it was meant, its soft breaks joined and its files taken out."""
    written = _cut(body(part, TEXT_LIMIT + 1))
    text, files = without_files(written.text)
    if parameter(part, "format") == "flowed":
        text = unflowed(text, delete_space=parameter(part, "delsp") == "yes")
    return Words(text, written.curtailed, files)


def _cut(text: str) -> Words:
    if len(text) <= TEXT_LIMIT:
        return Words(text)
    return Words(text[:TEXT_LIMIT], (f"its text is longer than {TEXT_LIMIT:,} characters: the rest was not read",))


def _laid_out(part: MimeMessage) -> Words:
    marked = body(part, _HTML_LIMIT + 1)
    curtailed: tuple[str, ...] = ()
    if len(marked) > _HTML_LIMIT:
        curtailed = (f"its HTML is longer than {_HTML_LIMIT:,} characters: the rest was not read",)
    text, more, _ = _cut(html_text(marked[:_HTML_LIMIT]))
    return Words(text, curtailed + more)


def html_text(marked: str) -> str:
    """HTML as text, tables in columns (inscriptis); without its tags alone where it is nested too deeply for that."""
    laid_out = _inscribed(_LONG_REFERENCE.sub("\ufffd", marked)) if marked.strip() else None
    return _without_tags(marked) if laid_out is None else laid_out


def _inscribed(marked: str) -> str | None:
    parser = lxml_html.HTMLParser(encoding="utf-8")
    try:
        tree = lxml_html.document_fromstring(marked.encode(), parser=parser)
        if any("depth" in error.message for error in parser.error_log):  # libxml2 drops what is deeper
            return None
        _plainly_styled(tree)
        return _squeezed(printable(inscriptis.Inscriptis(tree).get_text()))
    except (etree.LxmlError, ValueError, LookupError, TypeError, AttributeError, AssertionError, RecursionError):
        return None


def _plainly_styled(tree: etree._Element) -> None:
    """Keep of styles what hides or breaks a text: indents are as wide as the sender likes, a gigabyte if he does."""
    for element in tree.iter():
        if style := element.get("style"):
            element.set("style", ";".join(found[0] for found in _STYLE.finditer(style)))


def _squeezed(text: str) -> str:
    """Columns one space apart, as a rule expects them; at most one empty line."""
    lines = (_WIDE.sub(" ", line.replace("\xa0", " ").rstrip()) for line in text.splitlines())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")


def _without_tags(marked: str) -> str:
    text = re.sub(r"<(script|style)\b[^<>]*>[^<]*", " ", marked, flags=re.IGNORECASE)
    text = re.sub(r"<(br|/p|/div|/tr|/li|/h[1-6])\b[^<>]*>", "\n", text, flags=re.IGNORECASE)
    text = re.sub(r"</t[dh]\b[^<>]*>", " ", text, flags=re.IGNORECASE)
    text = re.sub(r"<[^<>]*>", "", text)
    return html.unescape(_LONG_REFERENCE.sub("\ufffd", text))  # html.unescape raises for 4,300 digits
