"""A client and its sites, read from ``include/clients/<client>/``."""

from __future__ import annotations

import hashlib
import json
import re
import sys
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from datetime import date
from difflib import get_close_matches
from typing import Any

from vigie.core.client import PLATFORM, Client, Contact
from vigie.core.errors import InvalidDocument, Problem
from vigie.core.monitor import Monitor
from vigie.core.path_text import UNSEEN
from vigie.core.site import Site
from vigie.core.site_table import SiteTable
from vigie.core.zone import available_timezones
from vigie.documents.findings import Findings, did_you_mean, line_of
from vigie.documents.strict_yaml import Written, read_yaml
from vigie.documents.text_file import read_text

FOLDER = "include/clients"
NOT_SITES = frozenset({"client", "calendar"})
"""The files of a client's folder that are no tables of sites."""

CLIENT_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,62}", re.ASCII)
_LANGUAGE = re.compile(r"[a-z]{2}", re.ASCII)
_COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}", re.ASCII)
_ADDRESS = re.compile(r"[^\s@<>()\[\],;:\"\\]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_SITE_FIELDS = ("code", "name", "zone", "country")


def read_client(path: str, client: str, data: bytes) -> Client:
    """Read ``client.yaml`` of a client (the name of its folder). Raises InvalidDocument."""
    findings = Findings(path)
    written = _fields(read_yaml(read_text(data, findings), findings), findings)
    if not CLIENT_ID.fullmatch(client) or client == PLATFORM:
        findings.add(None, f"'{client}' cannot be the name of a client.", "Use small letters, digits and '-'.")
    values = dict(written.value)
    contacts = values.pop("contacts", {})
    if not isinstance(contacts, dict):
        findings.add(line_of(written.lines, ("contacts",)), "contacts: write one field for each contact.")
        contacts = {}
    read = {name: findings.model(Contact, of, written.lines, ("contacts", name)) for name, of in contacts.items()}
    readable = {name: contact for name, contact in read.items() if contact is not None}
    values |= {"contacts": readable, "monitors": _monitors(values.pop("monitors", []), written, findings)}
    model = findings.model(Client, values, written.lines, id=client)
    if model is not None:
        _check_client(model, written, findings)
        _check_contacts(readable, model, written, findings)
    findings.raise_any()
    if model is None:  # cannot be: the problem was raised above
        raise AssertionError(path)
    return model


def read_sites(path: str, data: bytes) -> tuple[Site, ...]:
    """Read a table of sites: a list of rows with a code, a zone, a country, and any further columns.

    Raises InvalidDocument, with the problems of every row, where a row cannot be read.
    """
    table = read_site_table(path, data)
    if table.problems:
        raise InvalidDocument(*table.problems)
    return table


def read_site_table(path: str, data: bytes) -> SiteTable:
    """Read those rows of a table of sites that can be read; its ``problems`` are those of the others.

    Raises InvalidDocument where that is none of them.
    """
    findings = Findings(path)
    written = read_yaml(read_text(data, findings), findings, in_parts=True)
    rows = written.value if written else None
    if written is None or not isinstance(rows, list) or not rows:
        if not findings.problems:
            findings.add(
                1, "the table has no rows.", "Write one row a line: '- {code: PAR-1, zone: Europe/Paris, country: FR}'."
            )
        findings.raise_any()
        raise AssertionError(path)
    wrong = sorted(problem.line or 0 for problem in findings.problems)
    sites: dict[str, Site] = {}
    lines: dict[str, int] = {}
    folded: dict[str, str] = {}
    for number, row in enumerate(rows):
        line = written.lines[number,]
        after = written.lines.get((number + 1,), sys.maxsize)
        if bisect_left(wrong, line) < bisect_left(wrong, max(after, line + 1)):  # told already, by its line
            continue
        site = _site(row, line, written, (number,), findings)
        if site is None:
            continue
        if site.code in sites:
            findings.add(line, f"the code '{site.code}' stands twice.", "Each site has a code of its own.")
            continue
        if (other := folded.setdefault(site.code.casefold(), site.code)) != site.code:
            message = f"the codes '{other}' and '{site.code}' differ in case only."
            findings.add(line, message, "Nobody tells their files apart; each site has a code of its own.")
            continue
        sites[site.code], lines[site.code] = site, line
    if not sites:
        findings.raise_any()
    ordered = sorted(set(findings.problems), key=lambda problem: (problem.line or 0, problem.message))
    return SiteTable(sites.values(), path, lines, ordered)


def digest_of(sites: Sequence[Site], problems: Iterable[Problem] = ()) -> str:
    """A digest of what a table says (SHA-256, hex): comments and the order of fields do not change it."""
    said: list[Any] = [site.model_dump(mode="json") for site in sites]
    said += [str(problem) for problem in problems]
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def is_address(text: str) -> bool:
    """True where the text is one plain mail address (no display name, no list)."""
    return bool(_ADDRESS.fullmatch(text)) and len(text) <= 254


def _fields(written: Written | None, findings: Findings) -> Written:
    findings.raise_any()
    if written is None or not isinstance(written.value, dict):
        findings.add(1, "the file is not a list of fields.", "Write one 'name: value' a line.")
        findings.raise_any()
        raise AssertionError(findings.path)
    return written


def _check_client(client: Client, written: Written, findings: Findings) -> None:
    try:
        Site(code="zone", zone=client.zone, country="")
    except ValueError:
        remedy = _near_zone(client.zone, "Europe/Paris")
        findings.add(line_of(written.lines, ("zone",)), f"zone: '{client.zone}' is not a time zone.", remedy)
    if client.country is not None and not _COUNTRY.fullmatch(client.country):
        line = line_of(written.lines, ("country",))
        findings.add(line, f"country: '{client.country}' is not a country.", "Write two capital letters, as 'FR'.")
    for number, language in enumerate(client.languages):
        if not _LANGUAGE.fullmatch(language):
            line = line_of(written.lines, ("languages", number))
            findings.add(line, f"languages: '{language}' is not a language.", "Write two small letters, as 'fr'.")


def _check_contacts(contacts: dict[str, Contact], client: Client, written: Written, findings: Findings) -> None:
    for name, contact in contacts.items():
        at = ("contacts", name)
        if name == "channel":
            findings.add(
                line_of(written.lines, at), "a contact cannot be called 'channel'.", "That is the Slack channel."
            )
        if not is_address(contact.email):
            line = line_of(written.lines, (*at, "email"))
            findings.add(
                line, f"{name}: '{contact.email}' is not a mail address.", "Write one address, as 'a@b.example'."
            )
        if contact.language is not None and contact.language not in client.languages:
            line = line_of(written.lines, (*at, "language"))
            message = f"{name}: '{contact.language}' is not a language of this client."
            findings.add(line, message, did_you_mean(contact.language, client.languages))


def _monitors(entries: Any, written: Written, findings: Findings) -> list[Monitor]:
    """The client's monitors. One that would match every mail is refused: it would end all proof."""
    if not isinstance(entries, list):
        line = line_of(written.lines, ("monitors",))
        findings.add(line, "monitors: write a list.", "Write one '- {sender: nagios@acme.example}' a line.")
        return []
    found = []
    for number, entry in enumerate(entries):
        monitor = findings.model(Monitor, entry, written.lines, ("monitors", number))
        for wrong in monitor.wrong() if monitor else ():
            at = ("monitors", number, wrong.field) if wrong.field else ("monitors", number)
            findings.add(line_of(written.lines, at), f"monitors: {wrong.message}", wrong.remedy)
        found += [monitor] if monitor else []
    return found


def _site(row: Any, line: int, written: Written, at: tuple[int], findings: Findings) -> Site | None:
    if not isinstance(row, dict):
        findings.add(line, "a row is a list of fields.", "Write '- {code: PAR-1, zone: Europe/Paris, country: FR}'.")
        return None
    cells: dict[str, str] = {}
    for name, value in row.items():
        if isinstance(value, (dict, list)):
            findings.add(line_of(written.lines, (*at, name)), f"{name}: write one text here, not a list.")
            return None
        cells[name] = _text(value)
    attributes = {name: value for name, value in cells.items() if name not in _SITE_FIELDS}
    fields = {name: cells[name] for name in _SITE_FIELDS if name in cells}
    missing = [name for name in ("code", "zone", "country") if name not in fields]
    for name in missing:
        near = get_close_matches(name, attributes, n=1)
        remedy = f"Write '{name}' in place of '{near[0]}'." if near else f"Add '{name}: …' to the row."
        findings.add(line, f"'{name}' is missing.", remedy)
    if missing:
        return None
    before = len(findings.problems)
    code = fields["code"]
    if not _CODE.fullmatch(code):
        findings.add(
            line,
            f"code: '{code}' has a character that cannot stand in a file name.",
            "Use letters, digits, '-', '_', '.'.",
        )
    if not _COUNTRY.fullmatch(fields["country"]):
        findings.add(line, f"country: '{fields['country']}' is not a country.", "Write two capital letters, as 'FR'.")
    for name, value in cells.items():
        if not value.strip() or len(value) > 200:
            findings.add(line_of(written.lines, (*at, name)), f"{name}: write 1 to 200 characters.")
        elif UNSEEN.search(value) or value != value.strip():
            message = f"{name}: a blank at its end, or a character that nobody can see, stands in it."
            findings.add(line_of(written.lines, (*at, name)), message, "Write it anew.")
    try:
        site = Site(**fields, attributes=attributes)
    except ValueError:
        zone_line = line_of(written.lines, (*at, "zone"))
        remedy = _near_zone(fields["zone"], "Asia/Tokyo")
        findings.add(zone_line, f"zone: '{fields['zone']}' is not a time zone.", remedy)
        return None
    return site if len(findings.problems) == before else None


def _near_zone(written: str, example: str) -> str:
    """The remedy for a zone that is none: the one that it nearly is, else what such a name is like."""
    near = get_close_matches(written, available_timezones(), n=1, cutoff=0.88)
    return f"Did you mean '{near[0]}'?" if near else f"Write an IANA name such as '{example}'."


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, date) else str(value)
