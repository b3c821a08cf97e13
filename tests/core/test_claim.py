"""Whose a connection is."""

from __future__ import annotations

import pytest

from vigie.core.claim import claimants, refused
from vigie.core.client import Client


def _client(name: str, *connections: str) -> Client:
    return Client(
        id=name,
        name=name,
        zone="Europe/Paris",
        languages=("fr",),
        slack_channel=name,
        policy="duty",
        connections=dict.fromkeys(connections, "a thing"),
    )


CLIENTS = {each.id: each for each in (_client("acme", "acme_ops"), _client("bolt", "bolt_ops"), _client("cold"))}


@pytest.mark.parametrize(
    ("client", "connection", "why"),
    [
        ("acme", "acme_ops", None),
        ("acme", "bolt_ops", "the connection 'bolt_ops' belongs to the client 'bolt'."),
        ("acme", "acme_op", "the connection 'acme_op' is not one of acme's."),
        ("cold", "cold_ops", None),
        ("cold", "bolt_ops", "the connection 'bolt_ops' belongs to the client 'bolt'."),
        ("nobody", "free", None),
        ("nobody", "acme_ops", "the connection 'acme_ops' belongs to the client 'acme'."),
    ],
)
def test_a_client_uses_its_own_and_nobody_elses(client: str, connection: str, why: str | None) -> None:
    assert refused(client, connection, CLIENTS) == why


def test_one_claimed_twice_is_told_of_the_tables_and_not_of_the_fluxes() -> None:
    clients = CLIENTS | {"dune": _client("dune", "acme_ops")}
    assert claimants("acme_ops", clients) == ("acme", "dune")
    assert refused("acme", "acme_ops", clients) is None
    assert refused("dune", "acme_ops", clients) is None
