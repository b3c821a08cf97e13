"""What is wrong with the rota at run time: a policy that is named and missing, files that cannot be read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pydantic import JsonValue

from vigie.core.client import PLATFORM_POLICY, Client, Rota
from vigie.core.trouble import Trouble

FLUX = "rota"
SOURCE = "include/rota"
TEMPLATE = "rota_fault"


def rota_faults(rota: Rota, clients: Iterable[Client]) -> Iterator[Trouble]:
    """Each fault, as a problem of the platform: while it lasts, calls go to everybody of the rota."""
    if rota.unreadable:
        title = "The rota cannot be read whole: calls may go to the wrong people"
        reason = "run ./vigie check; it says which file of include/rota/ is wrong, and where"
        yield Trouble(SOURCE, "unreadable", title, {"source": SOURCE, "reason": reason, "watches": []}, TEMPLATE, FLUX)
    named: dict[str, list[str]] = {PLATFORM_POLICY: ["the platform"]}
    for client in clients:
        named.setdefault(client.policy, []).append(client.id)
    for policy, users in named.items():
        if policy not in rota.policies:
            yield missing_policy(policy, users)


def missing_policy(policy: str, users: Iterable[str]) -> Trouble:
    """A policy that these name and the rota lacks."""
    who = ", ".join(users)
    facts: dict[str, JsonValue] = {
        "source": SOURCE,
        "reason": f"'{policy}' is named by {who}; add it under 'policies:' in include/rota/",
        "watches": [],
    }
    title = f"The rota has no policy '{policy}': everybody in it is called instead"
    return Trouble(SOURCE, f"policy {policy}", title, facts, TEMPLATE, FLUX)
