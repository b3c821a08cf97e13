from __future__ import annotations

from vigie.authoring import KoMail, Respond, flux


@flux(client="nordwind", stream="stock")
def stock_interface():
    """
    ## Stock interface
    The interface between the warehouse and the shop mails when its queue stands still.
    """
    KoMail(
        task_id="queue_stuck",
        mailbox="nordwind_ops",
        sender="interface@nordwind.example",
        subject=r"queue (?P<queue>[\w.-]+) (stuck|stopped)",
        resolves=r"queue (?P<queue>[\w.-]+) (running|empty)",
        dedup_key="{queue}",
        respond=Respond(severity="high", template="mail_ko", procedure="queue-stuck"),
    )
