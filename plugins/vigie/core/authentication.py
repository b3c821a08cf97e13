"""What a mail server found out about who sent a mail: Authentication-Results (RFC 8601), read as data of strangers.

The header says whatever its writer wrote. So one server alone is believed, by its name; of its headers only the
topmost, and what stands above the newest ``Received``: everything below may have come with the mail.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.message import Message as MimeMessage
from typing import NamedTuple

from vigie.core.mime import printable

HEADER = "authentication-results"
NAMELESS = "protection.outlook.com"
"""By this name an author means Exchange Online, which leaves its own out."""

_MOST = 50
_PIECE = re.compile(r'"(?:[^"\\]|\\.)*"|\((?:[^()\\]|\\.)*\)|[^"();]+|.', re.DOTALL)
_METHOD = re.compile(r"([A-Za-z][\w-]*)(?:\s*/\s*\d+)?\s*=\s*([A-Za-z]+)")
_PROPERTY = re.compile(
    r'\b(header|smtp)\s*\.\s*(from|d|i|mailfrom)\s*=\s*("(?:[^"\\]|\\.)*"(?:@[^\s";]+)?|[^\s";]+)', re.IGNORECASE
)


class Finding(NamedTuple):
    """One method's result, as ``dmarc=pass``, and the domains that it names, by ``header.from`` and the like."""

    method: str
    result: str
    domains: dict[str, str]


class Results(NamedTuple):
    """One header: the server that wrote it (lower case, empty where it has no name), and its findings.

    ``ours`` is true where it was surely written after the mail had left its sender.
    """

    server: str
    findings: tuple[Finding, ...]
    ours: bool


def results_of(mime: MimeMessage) -> tuple[Results, ...]:
    """The headers of a mail, the newest first."""
    found: list[Results] = []
    ours = True
    for name, value in mime.items():
        if name.lower() == "received":
            ours = False
        elif name.lower() == HEADER and len(found) < _MOST:
            found.append(_read(printable(str(value)), ours=ours))
    return tuple(found)


def believed(results: tuple[Results, ...], server: str) -> list[Finding]:
    """What this server found, by those of its headers that no sender can have written unless the server lets them in."""
    wanted = {server.lower()} | ({""} if server.lower() == NAMELESS else set())
    its = [each for each in results if each.server in wanted]
    return [finding for place, each in enumerate(its) if place == 0 or each.ours for finding in each.findings]


class Proof(NamedTuple):
    """Whether a mail was sent by the domain that its From names, and why, as a sentence."""

    holds: bool
    why: str


def proof(results: tuple[Results, ...], server: str, sender: str, *, authors: int = 1) -> Proof:
    """Whether the server says that ``sender`` is no lie: DMARC passed, or DKIM or SPF for the domain of the From.

    The domain must be the same, or one above it (``acme.example`` for ``mail.acme.example``).
    """
    domain = sender.rpartition("@")[2]
    if authors != 1 or not domain:
        return Proof(False, f"its From names {authors or 'no'} addresses, and only one can be checked")
    found = believed(results, server)
    if not found:
        return Proof(False, f"no Authentication-Results of {server} is in it")
    said = ", ".join(dict.fromkeys(f"{each.method}={each.result}" for each in found if each.method in _CHECKS))
    failed = any(each.method == "dmarc" and each.result in {"fail", "permerror", "temperror"} for each in found)
    passed = next((each for each in found if each.result == "pass" and _is_of(each, domain)), None)
    if passed is not None and not failed:
        return Proof(True, f"{server} says that {domain} sent it ({passed.method}=pass)")
    return Proof(False, f"{server} does not say that {domain} sent it ({said or 'it checked nothing'})")


_CHECKS = {"dmarc": ("header.from",), "dkim": ("header.d", "header.i"), "spf": ("smtp.mailfrom",)}


def _is_of(finding: Finding, domain: str) -> bool:
    named = [finding.domains[name] for name in _CHECKS.get(finding.method, ()) if name in finding.domains]
    if finding.method == "dmarc":
        return all(each == domain for each in named)  # it is about the From alone; some leave it out
    return any(each == domain or ("." in each and domain.endswith(f".{each}")) for each in named)


def _read(value: str, *, ours: bool) -> Results:
    pieces = list(_pieces(value))
    named = not _METHOD.match(pieces[0]) and pieces[0].lower() != "none"
    server = pieces[0].split()[0].strip('"').lower() if named and pieces[0] else ""
    return Results(server, tuple(_findings(pieces[1:] if named else pieces)), ours)


def _pieces(value: str) -> Iterator[str]:
    """What stands between semicolons, without comments; in a quoted string neither is one."""
    piece, depth = "", 0
    for found in _PIECE.findall(value):
        if found == "(":
            depth += 1
        elif found == ")":
            depth = max(0, depth - 1)
        elif depth or found.startswith("("):
            continue
        elif found == ";":
            yield piece.strip()
            piece = ""
        else:
            piece += found
    yield piece.strip()


def _findings(pieces: list[str]) -> Iterator[Finding]:
    for piece in pieces:
        found = _METHOD.match(piece)
        if found:
            domains: dict[str, str] = {}
            for kind, name, value in _PROPERTY.findall(piece[found.end() :]):
                domains.setdefault(f"{kind}.{name}".lower(), value.strip('"').rpartition("@")[2].rstrip(".").lower())
            yield Finding(found[1].lower(), found[2].lower(), domains)
