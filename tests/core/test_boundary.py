from __future__ import annotations

from datetime import timedelta

import pytest

from vigie.core.boundary import channel_of, leak, shared_channels
from vigie.core.client import Client, Contact, EscalationPolicy, EscalationStep, Person, Rota
from vigie.core.message import Message, Outbound


def client(id_: str, name: str, **contacts: str) -> Client:
    people = {role: Contact(name=role, email=email) for role, email in contacts.items()}
    return Client(
        id=id_, name=name, zone="UTC", languages=("en",), slack_channel=f"#{id_}", policy="night", contacts=people
    )


MAISON = client("maison-lumiere", "Maison Lumière", warehouse="noc@host.example", it="it@lumiere.example")
NORDWIND = client("nordwind", "Nordwind & Söhne", ops="Ops@nordwind.example", host="noc@host.example")
JAPAN = client("maison-lumiere-jp", "Maison Lumière Japan")
OR = client("or", "Or")
CLIENTS = [MAISON, NORDWIND, JAPAN, OR]
ROTA = Rota(
    people={"amina": Person(id="amina", name="Amina", email="amina@vigie.example", slack="U1")},
    policies={"night": EscalationPolicy(id="night", steps=(EscalationStep(page=("amina",), delay=timedelta(1)),))},
    platform_channel="#platform",
)


def message(
    recipient: str, text: str = "", *, of: str = "maison-lumiere", channel: str = "mail", **forms: str
) -> Outbound:
    return Outbound(
        key="k",
        incident=None,
        client=of,
        channel=channel,
        purpose="message",
        recipient=recipient,
        message=Message(subject=forms.pop("subject", ""), text=text, **forms),
    )


@pytest.mark.parametrize(
    ("outbound", "reason"),
    [
        (message("it@lumiere.example", "your files"), None),
        (message("#maison-lumiere", "your files", channel="slack"), None),
        (message("anybody@x.example", "your files"), None),
        # another client's people and channel
        (message("#nordwind", channel="slack"), "the channel belongs to 'nordwind'"),
        (message("ops@NORDWIND.example"), "the recipient belongs to 'nordwind'"),
        (message("noc@host.example", "your files"), None),  # the host of both
        (message("noc@host.example", "for Maison Lumière", of="nordwind"), "it names the client 'maison-lumiere'"),
        # another client's name, in any form of the message
        (message("it@lumiere.example", "as at Nordwind & Söhne"), "it names the client 'nordwind'"),
        (message("it@lumiere.example", subject="NORDWIND & SÖHNE"), "it names the client 'nordwind'"),
        (message("it@lumiere.example", html="<b>Nordwind &amp; Söhne</b>"), "it names the client 'nordwind'"),
        (message("it@lumiere.example", slack="Nordwind\n&amp; So\u0308hne"), "it names the client 'nordwind'"),
        # whole words, or nobody would ever be told anything
        (message("it@lumiere.example", "the order, for Orly"), None),
        (message("it@lumiere.example", "the Or order"), "it names the client 'or'"),
        # the longer name is not the shorter one, nor the other way round
        (message("x@x.example", "Maison Lumière Japan: 3 files", of="maison-lumiere-jp"), None),
        (message("x@x.example", "Maison Lumière Japan and Maison Lumière", of="maison-lumiere-jp"),
         "it names the client 'maison-lumiere'"),
        (message("x@x.example", "Maison Lumière Japan: 3 files"), "it names the client 'maison-lumiere-jp'"),
        (message("x@x.example", "Maison Lumière: 3 files"), None),
        # our own people read everything
        (message("Amina@vigie.example", "Nordwind & Söhne"), None),
        (message("U1", "Nordwind & Söhne", channel="slack"), None),
        (message("amina@vigie.example", "Maison Lumière", of="nordwind"), None),
        # one channel in two spellings
        (message("Nordwind", channel="slack"), "the channel belongs to 'nordwind'"),
        (message("nordwind", channel="slack"), "the channel belongs to 'nordwind'"),
        # our own channel reads everything, as our people do
        (message("platform", "Nordwind & Söhne", channel="slack"), None),
        # the platform speaks of all, to nobody's people
        (message("#platform", "blind: Nordwind & Söhne", of="platform", channel="slack"), None),
        (message("#nordwind", "blind", of="platform", channel="slack"), "the channel belongs to 'nordwind'"),
        (message("ops@nordwind.example", "blind", of="platform"), "the recipient belongs to 'nordwind'"),
        # a client that is in no table
        (message("x@x.example", "Maison Lumière", of="unknown"), "it names the client 'maison-lumiere'"),
        # procedures
        (message("procedure.maison-lumiere.relaunch-job", "Nordwind & Söhne", channel="procedure"), None),
        (message("procedure._shared.call", channel="procedure"), None),
        (message("procedure.nordwind.relaunch-job", channel="procedure"), "the procedure belongs to 'nordwind'"),
        (message("procedure.maison-lumiere-jp.x", channel="procedure"), "the procedure belongs to 'maison-lumiere-jp'"),
    ],
)  # fmt: skip
def test_what_may_leave(outbound: Outbound, reason: str | None):
    assert leak(outbound, iter(CLIENTS), ROTA) == reason


def test_a_client_without_a_name_is_named_by_nothing():
    assert leak(message("x@x.example", "text"), [MAISON, client("new", " ")], ROTA) is None
    assert leak(message("x@x.example", "text"), [], ROTA) is None


def test_a_channel_by_its_id() -> None:
    here = message("#maison-lumiere", channel="slack")
    byid = NORDWIND.model_copy(update={"slack_channel": "C0MAISON"})
    assert leak(here, [MAISON, byid], ROTA) is None
    assert leak(here, [MAISON, byid], ROTA, {"maison-lumiere": "C0MAISON"}) == "the channel belongs to 'nordwind'"
    ours = ROTA.model_copy(update={"platform_channel": "C0MAISON"})
    said = message("#maison-lumiere", "Nordwind & Söhne", channel="slack")
    assert leak(said, [MAISON, NORDWIND], ours, {"maison-lumiere": "C0MAISON"}) == "it names the client 'nordwind'"


def test_where_a_client_is_told() -> None:
    assert channel_of(MAISON, CLIENTS, ROTA) == "#maison-lumiere"
    same = NORDWIND.model_copy(update={"slack_channel": "Maison-Lumiere"})
    assert channel_of(MAISON, [MAISON, same], ROTA) == "#platform"
    assert channel_of(same, [MAISON, same], ROTA) == "#platform"
    assert shared_channels([MAISON, same, JAPAN], ROTA) == [("maison-lumiere", ("maison-lumiere", "nordwind"))]
    ours = OR.model_copy(update={"slack_channel": "platform"})
    assert shared_channels([ours], ROTA) == [("platform", ("or", "platform"))]
    assert shared_channels(CLIENTS, None) == []
