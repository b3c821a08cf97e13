"""What is wrong with a rota at run time, as problems of the platform."""

from __future__ import annotations

from tests.core.test_call_plan import PLATFORM, policy, rota
from tests.core.test_unanswered import NOON

from vigie.core.client import Client
from vigie.core.rota_fault import rota_faults


def client(name: str, called_by: str = "duty") -> Client:
    return Client(
        id=name, name=name.title(), zone="UTC", languages=("en",), slack_channel=name, policy=called_by
    )  # fmt: skip


def test_nothing_is_wrong() -> None:
    assert list(rota_faults(rota(policy("duty", ("anna",)), PLATFORM), [client("acme")])) == []


def test_each_policy_that_is_named_and_missing_is_one_fault() -> None:
    found = list(rota_faults(rota(), [client("acme"), client("nordwind"), client("lumiere", "night")]))
    assert [each.kind for each in found] == ["policy platform_duty", "policy duty", "policy night"]
    assert found[1].title == "The rota has no policy 'duty': everybody in it is called instead"
    assert found[1].facts["reason"] == "'duty' is named by acme, nordwind; add it under 'policies:' in include/rota/"
    assert {each.flux for each in found} == {"rota"}


def test_a_rota_that_cannot_be_read_is_told() -> None:
    torn = rota(policy("duty", ("anna",)), PLATFORM, unreadable=True)
    (fault,) = rota_faults(torn, [client("acme")])
    assert (fault.kind, fault.template) == ("unreadable", "rota_fault")
    assert fault.signal("trigger", NOON).client == "platform"
