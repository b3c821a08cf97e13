"""Bodies of fluxes that are well, to be spoilt."""

from __future__ import annotations

FILES = """    MissingFile(
        task_id="store_files",
        where="wms",
        path="outbound/REPL_{site.code}_{business_date}.csv",
        sites="stores",
        opens="00:00",
        due="06:00",
        respond=Respond(severity="high", template="file_missing", group_by=["warehouse"]),
    )
"""
MAIL = r"""    KoMail(
        task_id="ko",
        mailbox="ops",
        subject=r"\[KO\] (?P<job>\w+)",
        resolves=r"\[OK\] (?P<job>\w+)",
        dedup_key="{job}",
        respond=Respond(severity="high", template="mail_ko"),
    )
"""
OK_MAIL = r"""    MissingMail(
        task_id="backups",
        mailbox="ops",
        subject=r"\[OK\] backup (?P<vm>\w+)",
        opens="22:00",
        due="06:00",
        distinct_by="vm",
        expect=["vm1", "vm2"],
        respond=Respond(severity="high", template="mail_missing"),
    )
"""


def flux_file(body: str, client: str = "maison-lumiere") -> str:
    return f'''from vigie.authoring import KoMail, MissingFile, MissingMail, Respond, flux


@flux(client="{client}", stream="supply")
def f():
    """A flux."""
{body}'''
