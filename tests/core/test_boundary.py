from __future__ import annotations

from datetime import timedelta

import pytest

from vigie.core.boundary import channel_of, redacted, refusal, shared_channels
from vigie.core.client import Client, Contact, EscalationPolicy, EscalationStep, Person, Rota
from vigie.core.client_marks import ClientMarks
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
MAISON = MAISON.model_copy(update={"domains": ("lumiere.fr",)})
NORDWIND = NORDWIND.model_copy(update={"domains": ("nordwind.example",), "aliases": ("Nordwind",)})
CLIENTS = [MAISON, NORDWIND, JAPAN, OR]
MARKS = ClientMarks(CLIENTS)
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


NOBODY = "the recipient is no contact of 'maison-lumiere' and in none of its domains"


@pytest.mark.parametrize(
    ("outbound", "reason"),
    [
        (message("it@lumiere.example"), None),
        (message("#maison-lumiere", channel="slack"), None),
        # another client's people and channel
        (message("#nordwind", channel="slack"), "the channel belongs to 'nordwind'"),
        (message("ops@NORDWIND.example"), "the recipient belongs to 'nordwind'"),
        (message("anybody@sub.nordwind.example"), "the recipient belongs to 'nordwind'"),
        (message("noc@host.example"), None),  # the host of both
        # somebody whom no table knows
        (message("anybody@x.example"), NOBODY),
        (message("anybody@lumiere.example.evil.example"), NOBODY),
        (message("it@elsewhere.lumiere.fr"), None),
        (message("it@xlumiere.fr"), NOBODY),
        (message("x@x.example", of="unknown"), "the recipient is no contact of 'unknown' and in none of its domains"),
        # our own people
        (message("Amina@vigie.example"), None),
        (message("U1", channel="slack"), None),
        (message("amina@vigie.example", of="nordwind"), None),
        # one channel in two spellings
        (message("Nordwind", channel="slack"), "the channel belongs to 'nordwind'"),
        (message("nordwind", channel="slack"), "the channel belongs to 'nordwind'"),
        # the platform speaks to nobody's people
        (message("#platform", of="platform", channel="slack"), None),
        (message("#nordwind", of="platform", channel="slack"), "the channel belongs to 'nordwind'"),
        (message("ops@nordwind.example", of="platform"), "the recipient belongs to 'nordwind'"),
        # procedures
        (message("procedure.maison-lumiere.relaunch-job", channel="procedure"), None),
        (message("procedure._shared.call", channel="procedure"), None),
        (message("procedure.nordwind.relaunch-job", channel="procedure"), "the procedure belongs to 'nordwind'"),
        (message("procedure.maison-lumiere-jp.x", channel="procedure"), "the procedure belongs to 'maison-lumiere-jp'"),
    ],
)  # fmt: skip
def test_whom_it_may_reach(outbound: Outbound, reason: str | None) -> None:
    refused = refusal(outbound, iter(CLIENTS), ROTA)
    assert (refused.reason if refused else None) == reason
    assert (refused is not None and refused.stranger) == (reason is not None and "no contact" in reason)


@pytest.mark.parametrize(
    ("outbound", "said", "told"),
    [
        (message("it@lumiere.example", "as at Nordwind & Söhne"), "as at […]", ["nordwind"]),
        (message("#maison-lumiere", "Nordwind & Söhne", channel="slack"), "[…]", ["nordwind"]),
        (message("noc@host.example", "for Maison Lumière", of="nordwind"), "for […]", ["maison-lumiere"]),
        (message("x@x.example", "Maison Lumière Japan: 3 files", of="maison-lumiere-jp"), None, []),
        # our own people and our own channel read everything, and a run stays inside Airflow
        (message("Amina@vigie.example", "Nordwind & Söhne"), None, []),
        (message("U1", "Nordwind & Söhne", channel="slack"), None, []),
        (message("platform", "Nordwind & Söhne", channel="slack"), None, []),
        (message("#platform", "blind: Nordwind & Söhne", of="platform", channel="slack"), None, []),
        (message("procedure.maison-lumiere.relaunch-job", "Nordwind & Söhne", channel="procedure"), None, []),
        # a client that is in no table
        (message("x@x.example", "Maison Lumière", of="unknown"), "[…]", ["maison-lumiere"]),
    ],
)  # fmt: skip
def test_what_it_may_say_there(outbound: Outbound, said: str | None, told: list[str]) -> None:
    expected = outbound.message.text if said is None else said.replace("[…]", "[another client]")
    message, named = redacted(outbound, CLIENTS, ROTA, MARKS)
    assert (message.text, named) == (expected, told)


def test_every_form_of_a_message_is_heard() -> None:
    forms = {"subject": "NORDWIND", "html": "<b>Nord</b>wind &amp; S&ouml;hne", "slack": "Nord\u200bwind"}
    said, told = redacted(message("it@lumiere.example", "nordwind", **forms), CLIENTS, ROTA, MARKS)
    assert told == ["nordwind"]
    assert (said.subject, said.text, said.slack) == ("[another client]",) * 3
    assert said.html == "<b>[another client]</b>"


def test_the_name_is_replaced_in_the_clients_language() -> None:
    french = MAISON.model_copy(update={"languages": ("fr", "en")})
    said, _ = redacted(message("it@lumiere.example", "chez Nordwind"), [french, NORDWIND], ROTA, MARKS)
    assert said.text == "chez [un autre client]"


def test_a_channel_by_its_id() -> None:
    here = message("#maison-lumiere", channel="slack")
    byid = NORDWIND.model_copy(update={"slack_channel": "C0MAISON"})
    assert refusal(here, [MAISON, byid], ROTA) is None
    refused = refusal(here, [MAISON, byid], ROTA, {"maison-lumiere": "C0MAISON"})
    assert refused is not None
    assert refused.reason == "the channel belongs to 'nordwind'"
    ours = ROTA.model_copy(update={"platform_channel": "C0MAISON"})
    said = message("#maison-lumiere", "Nordwind & Söhne", channel="slack")
    places = {"maison-lumiere": "C0MAISON"}
    assert redacted(said, [MAISON, NORDWIND], ours, MARKS, places)[1] == ["nordwind"]


def test_where_a_client_is_told() -> None:
    assert channel_of(MAISON, CLIENTS, ROTA) == "#maison-lumiere"
    same = NORDWIND.model_copy(update={"slack_channel": "Maison-Lumiere"})
    assert channel_of(MAISON, [MAISON, same], ROTA) == "#platform"
    assert channel_of(same, [MAISON, same], ROTA) == "#platform"
    assert shared_channels([MAISON, same, JAPAN], ROTA) == [("maison-lumiere", ("maison-lumiere", "nordwind"))]
    ours = OR.model_copy(update={"slack_channel": "platform"})
    assert shared_channels([ours], ROTA) == [("platform", ("or", "platform"))]
    assert shared_channels(CLIENTS, None) == []
