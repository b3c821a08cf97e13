from __future__ import annotations

from vigie.authoring import KoMail, Respond, flux


@flux(client="nordwind", stream="finance")
def end_of_day():
    """
    ## End-of-day positions
    The night batch `EOD_POS` closes the books at 02:00; accounting starts at 07:00 and cannot start without it.
    """
    KoMail(
        task_id="batch_ko",
        mailbox="nordwind_ops",
        sender="batch@nordwind.example",
        subject=r"\[KO\] (?P<job>\w+)",
        resolves=r"\[OK\] (?P<job>\w+)",
        dedup_key="{job}",
        respond=Respond(severity="critical", template="mail_ko", procedure="eod-pos-ko"),
    )
