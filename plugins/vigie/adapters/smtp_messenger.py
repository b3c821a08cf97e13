"""Messages by mail, through an SMTP server."""

from __future__ import annotations

import hashlib
import html
import re
import smtplib
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parseaddr

from vigie.core.errors import CannotTell, InDoubt, Refused, TransportError
from vigie.core.message import Outbound

_REPEATED = "perhaps repeated"
_LOGIN_REFUSED = {530, 534, 535, 538}  # RFC 4954
_OURS_REFUSED = re.compile(r"5\.(7\.(8|9|30|57|60|139)|2\.252)\b")
"""What says in any command that our sign-in or our sender is refused: RFC 4954, and Exchange Online's NDR codes."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


class SmtpMessenger:
    """Sends one mail per message, to one address; the ref is its Message-ID, which is made from the key.

    A mail sent twice has the same Message-ID, so that the receiving side may drop the second. ``connect`` gives a
    connection that is logged in; it is used for one mail. ``sender`` is an address, with or without a name;
    ``domain`` ends our Message-IDs.
    """

    def __init__(self, connect: Callable[[], smtplib.SMTP], sender: str, domain: str) -> None:
        self._connect = connect
        self._sender = sender
        self._domain = domain

    def send(self, outbound: Outbound, *, reply_ref: str | None = None) -> str:
        """Send it, as an answer to the mail ``reply_ref`` if given; an edit is a new mail of the same thread.

        Raises InDoubt where the server took the text and did not say what became of it.
        """
        mail = self._written(outbound, reply_ref)
        where = f"mail to {outbound.recipient}"
        smtp = self._connected(where)
        try:
            self._hand_over(smtp, mail, where)
            with suppress(OSError, smtplib.SMTPException):  # the mail is taken; this changes nothing
                smtp.quit()
        finally:
            smtp.close()
        return str(mail["Message-ID"])

    def sign_in(self) -> None:
        """Sign in and name our sender, and send nothing. Raises Refused where one of them is refused."""
        where = "mail"
        smtp = self._connected(where)
        try:
            smtp.ehlo_or_helo_if_needed()
            self._name_sender(smtp, _address(*parseaddr(self._sender)), where)
            with suppress(OSError, smtplib.SMTPException):
                smtp.rset()
                smtp.quit()
        except (OSError, smtplib.SMTPException) as error:
            raise TransportError(f"{where}: {_line(str(error)) or type(error).__name__}") from error
        finally:
            smtp.close()

    def find(self, outbound: Outbound, *, reply_ref: str | None = None) -> str | None:
        """Nobody can know: raises CannotTell."""
        raise CannotTell(f"mail to {outbound.recipient}: SMTP cannot say whether a mail arrived")

    def _connected(self, where: str) -> smtplib.SMTP:
        try:
            return self._connect()
        except smtplib.SMTPAuthenticationError as error:
            raise _of_ours(f"{where}: the login was refused", error.smtp_code, error.smtp_error) from error
        except (OSError, smtplib.SMTPException) as error:  # SMTPException is an OSError; both are named for the reader
            raise TransportError(f"{where}: {_line(str(error)) or type(error).__name__}") from error

    def _hand_over(self, smtp: smtplib.SMTP, mail: EmailMessage, where: str) -> None:
        try:
            smtp.ehlo_or_helo_if_needed()
            self._name_sender(smtp, mail["From"].addresses[0], where)
            code, answer = smtp.rcpt(mail["To"].addresses[0].addr_spec)
            if code not in (250, 251):
                raise _refusal(where, code, answer)
        except (OSError, smtplib.SMTPException) as error:
            raise TransportError(f"{where}: {_line(str(error)) or type(error).__name__}") from error
        try:
            code, answer = smtp.data(mail.as_bytes())
        except smtplib.SMTPDataError as error:  # refused before the text was sent
            raise _refusal(where, error.smtp_code, error.smtp_error) from error
        except (OSError, smtplib.SMTPException) as error:
            said = _line(str(error)) or type(error).__name__
            raise InDoubt(f"{where}: the connection was lost before the server's answer: {said}") from error
        if code != 250:
            raise _refusal(where, code, answer)

    def _name_sender(self, smtp: smtplib.SMTP, sender: Address, where: str) -> None:
        code, answer = smtp.mail(sender.addr_spec)
        if code in _LOGIN_REFUSED:
            raise _refusal(where, code, answer)
        if code != 250:
            raise _of_ours(f"{where}: our sender {sender.addr_spec} was refused", code, answer)

    def _written(self, outbound: Outbound, reply_ref: str | None) -> EmailMessage:
        digest = hashlib.sha256(outbound.key.encode("utf-8", "backslashreplace")).hexdigest()[:32]
        message = outbound.message
        mail = EmailMessage(policy=SMTP)
        mail["From"] = _address(*parseaddr(self._sender))
        mail["To"] = _address("", outbound.recipient)
        mail["Subject"] = _line(f"({_REPEATED}) {message.subject}" if outbound.repeated else message.subject)
        mail["Date"] = datetime.now(UTC)
        mail["Message-ID"] = f"<{digest}@{self._domain}>"
        if reply_ref:
            mail["In-Reply-To"] = mail["References"] = _line(reply_ref)
        mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no vacation answers
        mail["X-Auto-Response-Suppress"] = "All"  # the same for Exchange
        mail["X-Vigie-Key"] = _line(outbound.key)  # by which our own mail is known when it comes back
        before = [f"({_REPEATED})"] if outbound.repeated else []
        links = [button for button in outbound.buttons if button.url and button.url not in message.text]
        text = "\n\n".join([*before, message.text, *(f"{link.label}: {link.url}" for link in links)])
        mail.set_content(_clean(text), cte="quoted-printable")
        if message.html:
            paragraphs = [f"<p>{html.escape(each)}</p>" for each in before]
            anchors = [f'<p><a href="{html.escape(link.url)}">{html.escape(link.label)}</a></p>' for link in links]
            page = "\n".join([*paragraphs, message.html, *anchors])
            mail.add_alternative(_clean(page), subtype="html", cte="quoted-printable")
        return mail


def _address(name: str, address: str) -> Address:
    """An address for a header and the envelope: ASCII, for few servers take others (RFC 6531)."""
    try:
        made = Address(_line(name), addr_spec=address)
    except (ValueError, IndexError, MessageError):
        made = None
    if made is None or not made.username or not made.domain or not address.isascii():
        raise TransportError(f"{address!r} is not a mail address", permanent=True)
    return made


def _refusal(where: str, code: int, answer: bytes | str) -> TransportError:
    """What the server said: 4xx is for now, 5xx for good (RFC 5321 4.2.1)."""
    said = _said(answer)
    if code in _LOGIN_REFUSED or (code >= 500 and _OURS_REFUSED.match(said)):
        return Refused(f"{where}: {code} {said}")
    return TransportError(f"{where}: {code} {said}", permanent=500 <= code < 600)


def _of_ours(where: str, code: int, answer: bytes | str) -> TransportError:
    """The same where it is about us, and no recipient's: no mail goes out then."""
    text = f"{where}: {code} {_said(answer)}"
    return Refused(text) if 500 <= code < 600 else TransportError(text)


def _said(answer: bytes | str) -> str:
    return _line(answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer)[:300]


def _line(text: str) -> str:
    """One line without control characters: what may stand in a header."""
    return " ".join(_CONTROL.sub(" ", _clean(text)).split())


def _clean(text: str) -> str:
    """Text that can be written as UTF-8 (a lone surrogate cannot)."""
    return text.encode("utf-8", "replace").decode("utf-8")
