"""The mail desk as an Airflow task, and its watch on the mailbox that our own mails come back to."""

from __future__ import annotations

from typing import Any

from airflow.sdk import BaseOperator, Context

from vigie.core.bounce import BOUNCED_TEMPLATE
from vigie.core.client import PLATFORM
from vigie.core.respond import Respond
from vigie.core.watch import ReturnPath
from vigie.documents.library import Library
from vigie.tasks import connections
from vigie.tasks.audit import audit
from vigie.tasks.clock import utc_now
from vigie.tasks.mail_desk import MailDesk, rules_of
from vigie.tasks.mail_filing import MailFiling
from vigie.tasks.sessions import WATCH
from vigie.tasks.site import library

TASK = "mail"
"""The task, and the watch that it is the second pair of eyes of."""


def return_path(documents: Library) -> ReturnPath | None:
    """The watch on the mailbox of ``returns``; None where the site names none."""
    rules = rules_of(documents)
    if rules.returns is None:
        return None
    return ReturnPath(
        client=PLATFORM,
        flux="mail_desk",
        task_id=TASK,
        mailbox=rules.returns,
        folder=rules.returns_folder,
        respond=Respond(severity="critical", template=BOUNCED_TEMPLATE),
    )


class MailDeskOperator(BaseOperator):
    """Tells unclassified mail, and files what is done with. Red where our own mails cannot be seen coming back."""

    def __init__(self, *, watch: dict[str, Any] | None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.watch = watch

    def execute(self, context: Context) -> int:
        """Tell and file, then look whether somebody looks for bounces, and look where nobody does."""
        now = utc_now()
        told = MailDesk(connections.logbook(), library()).tell(now)
        filed = MailFiling(connections.logbook(), library(), connections.mail_filer).file(now)
        self.log.info("%s messages are to be sent, %s mails were filed", told, filed)
        if self.watch is not None:
            finding = audit(WATCH.validate_python(self.watch), connections.logbook(), connections.find, now)
            self.log.info("%s: %s", finding.outcome, finding.text)
        return told
