"""The head of a mail, mended: what gateways and scripts break so that all that follows is taken for text.

Zammad, Gmail and Outlook read such mails; a parser that goes by RFC 5322 loses the subject, or the sender.
"""

from __future__ import annotations

import re

_LIMIT = 200_000
_FIELDS = 2_000

_BLANK_LINE = re.compile(rb"\r?\n\r?\n|\r\r")
_FIELD = re.compile(rb"([!-9;-~]{1,100})[ \t]*:")
_OF_MAIL = re.compile(
    rb"(?:subject|from|to|cc|date|sender|reply-to|message-id|mime-version|received|return-path|in-reply-to|references"
    rb"|delivered-to|content-[a-z-]{1,30}|x-[\w-]{1,60}|auto-submitted|precedence|list-[a-z-]{1,20}|importance|priority"
    rb"|dkim-signature|authentication-results|arc-[a-z-]{1,30}|thread-(?:topic|index)|user-agent|errors-to)[ \t]*:",
    re.IGNORECASE,
)
_CORE = re.compile(
    rb"(?:subject|from|to|date|message-id|content-type|content-transfer-encoding|auto-submitted)[ \t]*:", re.IGNORECASE
)
"""Read wherever it stands: a flood of other headers hides none of them."""

_ESSENTIAL = re.compile(rb"^(?:subject|from)[ \t]*:", re.IGNORECASE | re.MULTILINE)


def split_head(raw: bytes) -> tuple[bytes, bytes, tuple[str, ...]]:
    """The head of a mail with each field on a line that parsers know, its body, and what of the head was left unread.

    The head has the line ends that it had; it ends without an empty line.
    """
    raw = _begun(raw)
    head, body = _parted(raw)
    told: tuple[str, ...] = ()
    if len(head) > _LIMIT:
        told = (f"of {len(head):,} bytes of headers the first {_LIMIT:,} were read",)
        whole = max(head.rfind(b"\n", 0, _LIMIT), head.rfind(b"\r", 0, _LIMIT))
        head = head[: whole if whole > 0 else _LIMIT]
    lines = head.splitlines()
    if not lines:
        return b"", body, told
    fields, text = _fields(lines)
    if len(fields) > _FIELDS:
        told = (*told, f"of {len(fields):,} lines of headers the first {_FIELDS:,} were read")
        fields = fields[:_FIELDS] + [line for line in fields[_FIELDS:] if _CORE.match(line)][:50]
    end = b"\r\n" if b"\r\n" in head else b"\n"
    return end.join(fields), end.join([*text, b""]) + end + body if text else body, told


def _begun(raw: bytes) -> bytes:
    """Without what stands before the first header: a byte order mark, empty lines, double carriage returns."""
    raw = raw.removeprefix(b"\xef\xbb\xbf")
    if b"\r\r\n" in raw[:4_000]:
        raw = raw.replace(b"\r\r\n", b"\r\n")
    bare = raw[:2_000].lstrip(b"\r\n \t")
    if len(bare) < len(raw[:2_000]) and _OF_MAIL.match(bare):
        raw = raw[len(raw[:2_000]) - len(bare) :]
    return raw


def _parted(raw: bytes) -> tuple[bytes, bytes]:
    """Head and body. A head without subject and sender goes on behind an empty line where more headers stand there."""
    blank = _BLANK_LINE.search(raw)
    if blank is None:
        return raw, b""
    head, body = raw[: blank.start()], raw[blank.end() :]
    for _ in range(3):
        if _ESSENTIAL.search(head[:_LIMIT]) or not _FIELD.match(head):
            break
        blank = _BLANK_LINE.search(body)
        more = body[: blank.start()] if blank else body
        if not _is_head(more):
            break
        head, body = head + b"\n" + more, body[blank.end() :] if blank else b""
    return head, body


def _is_head(block: bytes) -> bool:
    """Whether a block of lines is nothing but headers, of which one is the subject or the sender."""
    lines = block[:_LIMIT].splitlines()[:200]
    fields = [line for line in lines if line[:1] not in {b" ", b"\t"}]
    return bool(fields and _ESSENTIAL.search(block[:_LIMIT]) and all(_FIELD.match(line) for line in fields))


def _fields(lines: list[bytes]) -> tuple[list[bytes], list[bytes]]:
    """The lines of the head, those that were broken off put back, and the text that begins where no header follows."""
    last = max((place for place, line in enumerate(lines) if _OF_MAIL.match(line)), default=-1)
    fields: list[bytes] = []
    for place, line in enumerate(lines):
        if line[:1] in {b" ", b"\t"}:
            fields.append(line)
        elif field := _FIELD.match(line):
            fields.append(field[1] + b":" + line[field.end() :])
        elif place == 0 and line.startswith((b"From ", b">From ")):
            fields.append(line.removeprefix(b">"))
        elif place < last:
            fields.append(b" " + line)  # the rest of the header above, which somebody broke without indenting it
        else:
            return fields, lines[place:]
    return fields, []


_TYPE = re.compile(r"\s*\"?'?([\w.+-]{1,60})\s?/\s?([\w.+-]{1,80})\"?'?\s*(.*)", re.DOTALL)
_ALONE = {
    "html": "text/html",
    "text": "text/plain",
    "plain": "text/plain",
    "multipart": "multipart/mixed",
    "txt": "text/plain",
}
_ENCODINGS = ("quoted-printable", "base64", "x-uuencode", "8bit", "7bit", "binary")


def mended_type(written: str) -> str:
    """A Content-Type as RFC 2045 has it, where it lacks a ``;``, a quote or its second half."""
    found = _TYPE.match(written)
    if found:
        kind, rest = f"{found[1]}/{found[2]}", found[3]
    else:
        first, _, rest = written.strip().partition(";")
        kind = _ALONE.get(first.strip().strip("\"'").lower(), "")
        if not kind and re.match(r"\s*(charset|boundary|name)\s*=", written, re.IGNORECASE):
            kind = "multipart/mixed" if "boundary" in written.lower() else "text/plain"
            rest = written
        if not kind:
            return written
    rest = rest.strip().strip(";, \t\r\n")
    if rest.count('"') % 2:
        rest += '"'
    return f"{kind}; {rest}" if "=" in rest else kind


def mended_encoding(written: str) -> str:
    """A Content-Transfer-Encoding as it is meant: ``base-64;`` is base64."""
    bare = re.sub(r"[^a-z0-9]", "", written.lower())
    for known in _ENCODINGS:
        if bare.startswith(re.sub(r"[^a-z0-9]", "", known)):
            return known
    return written.strip()
