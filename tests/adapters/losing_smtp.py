"""An SMTP server that can take a mail and hang up before it says so."""

from __future__ import annotations

from vigie.demo.captured_mail import CapturedMail
from vigie.demo.smtp_capture import SmtpCapture


class LosingSmtp(SmtpCapture):
    """Loses the answer to as many mails as ``answers_to_lose``."""

    answers_to_lose = 0

    def keep(self, mail: CapturedMail) -> None:
        super().keep(mail)
        if self.answers_to_lose:
            self.answers_to_lose -= 1
            for connection in self._connections:
                connection.transport.abort()
