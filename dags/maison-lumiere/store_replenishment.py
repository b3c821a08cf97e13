from __future__ import annotations

from vigie.authoring import KoMail, MissingFile, Respond, flux


@flux(client="maison-lumiere", stream="supply")
def store_replenishment():
    """
    ## Store replenishment
    Each warehouse drops one file per store before 06:00, the store's own time.
    """
    MissingFile(
        task_id="store_files",
        where="maison_lumiere_wms",
        path="outbound/REPL_{site.code}_{business_date:%Y%m%d}.csv",
        sites="stores",
        opens="00:00",
        due="06:00",
        grace="10 min",
        jeopardy="30 min",
        jeopardy_below="80 %",
        stable_for="30 s",
        min_size=1,
        respond=Respond(
            severity="high", template="file_missing", procedure="replenishment-missing", group_by=["warehouse"]
        ),
    )
    KoMail(
        task_id="wms_ko",
        mailbox="maison_lumiere_ops",
        sender="wms@maison-lumiere.example",
        subject=r"\[KO\] (?P<job>\w+)",
        resolves=r"\[OK\] (?P<job>\w+)",
        dedup_key="{job}",
        respond=Respond(severity="critical", template="mail_ko", procedure="relaunch-job"),
    )
