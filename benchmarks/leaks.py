"""Seeded leaks of 15 kinds and clean messages against the wall between clients: stopped, replaced, falsely held.

`PYTHONPATH=plugins .vigie/env/bin/python benchmarks/leaks.py`

Goal: every leak stopped or replaced, and under 1 % of the clean messages changed.
"""

from __future__ import annotations

import random
import sys
import unicodedata
from collections.abc import Callable, Iterator
from datetime import timedelta
from html import escape
from typing import NamedTuple

from vigie.core.boundary import redacted, refusal
from vigie.core.client import Client, Contact, EscalationPolicy, EscalationStep, Person, Rota
from vigie.core.client_marks import ClientMarks
from vigie.core.message import Message, Outbound
from vigie.core.site import Site

SEED = 2026
EACH = 20
CLEAN = 700

NAMES = """Maison Lumière|Maison Lumière Japan|Nordwind Logistik|Müller & Söhne|Łódź Textil|Café Central|H&M Home|Acme
Acme Europe|Société du Nord|北風物流|Çelik Holding|Ångström Parts|Dupont-Moretti|L'Atelier Bleu|Banco São Bento|Orchidée
Grands Moulins|Kōbe Steelworks|Zürich Re|Petit Navire|Vålerenga Sport|O'Brien Foods|Cimenterie Générale|Hôtel Belleville
Transports Gérard|Pharma-Sud|Boulangerie Élysée|Tissus d'Orient|Ferrari & Figli|Øresund Ferries|Jiménez Hermanos
Groupe Vauban|Rhône Distribution|Aerolux|Brasserie Kléber|Skånska Bygg|Niederrhein Druck|Vistula Bank|Atlantic Freight"""

PLACES = ["Bastille", "Harbour", "Airport", "Opera", "Station", "Market", "Bridge", "Castle", "Garden", "Square"]


class Case(NamedTuple):
    """One message: its kind, its outbox row, what must not be read in it (normalised) or None where it is clean."""

    kind: str
    outbound: Outbound
    secret: str | None


def slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.replace("ø", "o").replace("Ø", "O").replace("Ł", "L").replace("ł", "l"))
    kept = "".join(
        char if char.isascii() and char.isalnum() else " " for char in plain if not unicodedata.combining(char)
    )
    return "-".join(kept.lower().split())


def client(number: int, name: str) -> Client:
    own = slug(name) or f"kitakaze-{number}"
    return Client(
        id=own, name=name, aliases=(f"{name.split(maxsplit=1)[0][:3].upper()}X{number}",), domains=(f"{own}.example",),
        zone="UTC", languages=("en", "fr")[number % 2 :][:1], slack_channel=f"{own}-night", policy="night",
        contacts={"it": Contact(name="IT", email=f"it{number}@contact-{number}.example")},
        connections={f"{own.replace('-', '_')}_wms": "the file server"},
    )  # fmt: skip


def site(number: int, of: Client, place: str) -> Site:
    return Site(code=f"{of.id[:3].upper()}-{number:03}", name=f"{of.id[:4].title()} {place}", zone="UTC", country="FR")


CLIENTS = [client(number, name) for number, name in enumerate(NAMES.replace("\n", "|").split("|"))]
SITES = {
    each.id: [site(at * 100 + no, each, place) for no, place in enumerate(PLACES)] for at, each in enumerate(CLIENTS)
}
ROTA = Rota(
    people={"anna": Person(id="anna", name="Anna", email="anna@vigie.example", slack="U0ANNA")},
    policies={
        "night": EscalationPolicy(id="night", steps=(EscalationStep(page=("anna",), delay=timedelta(minutes=9)),))
    },
    platform_channel="platform",
)

SENTENCES = [
    "[KO] EOD_POS failed on {host} at 02:{minute:02}",
    "{count} of {total} replenishment files are missing since {hour:02}:30",
    "Le traitement de nuit est en erreur, {count} positions n'ont pas été chargées",
    "Die Dateien der Nacht fehlen noch, Ordner /in/{number}",
    "restarted job batch_{number} (exit code {count}); see log line {number}",
    "Hello, we are looking into it and write again. Regards, the watch",
    "Order {number} for the north, total {total} EUR, central warehouse, station {count}",
    "Un contrôle de la société de transport, groupe {count}, hôtel et café compris",
    "REPL_{number}_2026{count:04}.csv is {total} bytes long, 3 minutes old",
]


def sentence(rng: random.Random) -> str:
    return rng.choice(SENTENCES).format(
        host=f"srv{rng.randint(1, 99)}", minute=rng.randint(0, 59), hour=rng.randint(0, 23), count=rng.randint(1, 40),
        total=rng.randint(41, 90_000), number=rng.randint(100, 99_999),
    )  # fmt: skip


Kind = Callable[[Client, random.Random], str]


def invisible(name: str, rng: random.Random) -> str:
    at = rng.randint(1, len(name) - 1)
    return name[:at] + rng.choice("\u200b\u200d\u00ad\u2060\ufeff") + name[at:]


KINDS: dict[str, Kind] = {
    "name": lambda other, _: other.name,
    "upper case": lambda other, _: other.name.upper(),
    "without accents": lambda other, _: "".join(
        char for char in unicodedata.normalize("NFKD", other.name) if not unicodedata.combining(char)
    ),
    "decomposed accents": lambda other, _: unicodedata.normalize("NFD", other.name),
    "full width": lambda other, _: "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in other.name),
    "invisible characters": lambda other, rng: invisible(other.name, rng),
    "HTML entities": lambda other, _: "".join(
        f"&#{ord(char)};" if not char.isascii() else escape(char) for char in other.name
    ),
    "escaped twice": lambda other, _: escape(other.name.encode("ascii", "xmlcharrefreplace").decode()),
    "in a path": lambda other, _: f"/data/{other.id}/in/REPL.csv",
    "id in a DAG's name": lambda other, _: f"{other.id}.end_of_day",
    "alias": lambda other, _: other.aliases[0],
    "domain": lambda other, _: f"https://sftp.{other.domains[0]}/in",
    "contact": lambda other, _: other.contacts["it"].email,
    "connection": lambda other, _: next(iter(other.connections)),
    "channel": lambda other, _: f"#{other.slack_channel}",
    "site's code": lambda other, rng: f"REPL_{rng.choice(SITES[other.id]).code}_20261124.csv",
    "site's name": lambda other, rng: rng.choice(SITES[other.id]).name,
}


def told(own: Client, text: str, form: str, *, kind: str, secret: str | None) -> Case:
    forms = {"subject": "", "text": "", "html": "", "slack": ""} | {form: f"<p>{text}</p>" if form == "html" else text}
    outbound = Outbound(
        key="k", incident="INC-1", client=own.id, channel="slack" if form == "slack" else "mail", purpose="message",
        recipient=own.slack_channel if form == "slack" else own.contacts["it"].email, message=Message(**forms),
    )  # fmt: skip
    return Case(kind, outbound, secret)


def cases(rng: random.Random) -> Iterator[Case]:
    """The leaks of each kind in every form of a message, messages to others' people, then the clean ones."""
    forms = ("subject", "text", "html", "slack")
    for kind, leak in KINDS.items():
        for number in range(EACH):
            own, other = rng.sample(CLIENTS, 2)
            while other.id in own.id or own.id in other.id:
                own, other = rng.sample(CLIENTS, 2)
            said = leak(other, rng)
            yield told(own, f"{sentence(rng)} {said} {sentence(rng)}", forms[number % 4], kind=kind, secret=said)
    for kind in ("another's contact", "another's channel", "nobody's address"):
        for _ in range(EACH):
            own, other = rng.sample(CLIENTS, 2)
            case = told(own, sentence(rng), "slack" if "channel" in kind else "text", kind=kind, secret="")
            address = {"another's contact": other.contacts["it"].email, "another's channel": other.slack_channel}
            yield case._replace(
                outbound=case.outbound.model_copy(update={"recipient": address.get(kind, "x@y.example")})
            )
    for number in range(CLEAN):
        own = rng.choice(CLIENTS)
        mine = rng.choice([own.name, own.id, own.name.upper(), rng.choice(SITES[own.id]).code, own.domains[0], ""])
        yield told(own, f"{sentence(rng)} {mine} {sentence(rng)}", forms[number % 4], kind="clean", secret=None)


def outcome(case: Case, marks: ClientMarks) -> str:
    """``stopped`` before it leaves, ``replaced`` in what it says, ``left`` as it was."""
    if refusal(case.outbound, CLIENTS, ROTA):
        return "stopped"
    message, others = redacted(case.outbound, CLIENTS, ROTA, marks)
    whole = f"{message.subject}{message.text}{message.html}{message.slack}"
    return "replaced" if others and (not case.secret or case.secret not in whole) else "left"


def counted(seed: int = SEED) -> dict[str, dict[str, int]]:
    """For each kind how many came to which end."""
    marks, counts = ClientMarks(CLIENTS, SITES), {}
    for case in cases(random.Random(seed)):
        found = counts.setdefault(case.kind, {"stopped": 0, "replaced": 0, "left": 0})
        found[outcome(case, marks)] += 1
    return counts


def main() -> int:
    counts = counted()
    print("| kind | stopped | replaced | left |\n| --- | --- | --- | --- |")
    for kind, found in counts.items():
        print(f"| {kind} | {found['stopped']} | {found['replaced']} | {found['left']} |")
    clean = counts.pop("clean")
    leaked, seeded = sum(each["left"] for each in counts.values()), sum(sum(each.values()) for each in counts.values())
    wrong = clean["stopped"] + clean["replaced"]
    print(
        f"\nLeaks: {seeded - leaked} of {seeded} stopped or replaced (goal: all; {'met' if not leaked else 'missed'})."
    )
    print(f"Clean: {wrong} of {CLEAN} changed (goal: under 1 %; {'met' if wrong < CLEAN / 100 else 'missed'}).")
    return 0 if not leaked and wrong < CLEAN / 100 else 1


if __name__ == "__main__":
    sys.exit(main())
