from __future__ import annotations

from vigie.authoring import MissingMail, Respond, flux


@flux(client="nordwind", stream="infrastructure")
def backups():
    """
    ## Backups
    Each of the three servers of the warehouse saves its data during the night, and mails its OK before 06:00.
    """
    MissingMail(
        task_id="backups_ok",
        mailbox="nordwind_ops",
        sender="backup@nordwind.example",
        subject=r"\[OK\] backup of (?P<server>[\w-]+), (?P<business_date>\d{4}-\d\d-\d\d)",
        date_format="%Y-%m-%d",
        opens="22:00",
        due="06:00",
        grace="15 min",
        distinct_by="server",
        expect=["wms-1", "wms-2", "db-1"],
        respond=Respond(severity="high", template="mail_missing"),
    )
