"""What of a mail nobody here can read: it is told, for a KO may stand in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.message import Message as MimeMessage

from vigie.core.mime import file_name, parameter, parts

_ENCRYPTED_TEXT = re.compile(r"^-----BEGIN PGP MESSAGE-----", re.MULTILINE)
_SHOWN = 3
_PARTS = 200


def unread(mime: MimeMessage, text: str) -> tuple[str, ...]:
    """Sentences about what of the mail is not read; ``text`` is what was read of it."""
    said = dict.fromkeys(_kinds(mime))
    if _ENCRYPTED_TEXT.search(text):
        said["its text is encrypted (PGP)"] = None
    if said or text.strip():
        return tuple(said)
    carried = [_named(part) for part in _leaves(mime) if part.get_content_maintype() not in {"text", "multipart"}]
    if any(_is_tnef(part) for part in _leaves(mime)):
        return ("its text is in winmail.dat, which only Outlook can read",)
    if not carried:
        return ()
    more = f" and {len(carried) - _SHOWN} more" if len(carried) > _SHOWN else ""
    return (f"it has no text, and what it carries is not read: {', '.join(carried[:_SHOWN])}{more}",)


def _leaves(mime: MimeMessage) -> Iterator[MimeMessage]:
    for _, part in zip(range(_PARTS), parts(mime, opened=False), strict=False):
        if not part.is_multipart():
            yield part


def _kinds(mime: MimeMessage) -> Iterator[str]:
    for _, part in zip(range(_PARTS), parts(mime, opened=False), strict=False):
        kind = part.get_content_type()
        if kind.startswith("text/"):
            continue
        name = file_name(part).lower() if kind.startswith("application/") else ""
        if kind in {"application/pkcs7-mime", "application/x-pkcs7-mime"} or name == "smime.p7m":
            if parameter(part, "smime-type") in {"signed-data", "compressed-data", "certs-only"}:
                yield f"its text is within an S/MIME container ({parameter(part, 'smime-type')}), which is not opened"
            else:
                yield "its text is encrypted (S/MIME)"
        elif kind in {"application/pgp-encrypted", "multipart/encrypted"}:
            yield "its text is encrypted (PGP)"
        elif kind == "application/x-microsoft-rpmsg-message" or name == "message.rpmsg":
            yield "its text is encrypted (Microsoft rights management)"
        elif kind == "message/partial":
            number, total = parameter(part, "number") or "?", parameter(part, "total") or "?"
            yield f"it is part {number} of {total} of a mail that was sent in pieces (RFC 2046 5.2.2)"
        elif kind == "message/external-body":
            yield "its text lies elsewhere (message/external-body)"


def _is_tnef(part: MimeMessage) -> bool:
    return part.get_content_type() in {"application/ms-tnef", "application/vnd.ms-tnef"} or (
        file_name(part).lower() == "winmail.dat"
    )


def _named(part: MimeMessage) -> str:
    name = file_name(part)
    return f"{part.get_content_type()} ({name[:80]})" if name else part.get_content_type()
