from __future__ import annotations

from vigie.authoring import KoMail, Respond, flux


@flux(client="maison-lumiere", stream="pricing")
def price_update():
    """
    ## Price update
    The head office sends new prices to every till during the night; the interface mails when a country fails.
    """
    KoMail(
        task_id="prices_ko",
        mailbox="maison_lumiere_ops",
        sender="prices@maison-lumiere.example",
        subject=r"PRICES (?P<country>[A-Z]{2}) FAILED",
        resolves=r"PRICES (?P<country>[A-Z]{2}) DONE",
        dedup_key="{country}",
        respond=Respond(severity="high", template="mail_ko", procedure="prices-failed"),
    )
