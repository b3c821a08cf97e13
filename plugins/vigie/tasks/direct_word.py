"""The path that does not lead over the desk: straight to the platform's people, by mail, else in Slack."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable

from vigie.core.call_plan import call_plan
from vigie.core.client import PLATFORM, PLATFORM_POLICY
from vigie.core.errors import TransportError
from vigie.core.message import Channel, Message, Outbound
from vigie.core.ports import Messenger
from vigie.documents.library import Library
from vigie.tasks import connections
from vigie.tasks.clock import utc_now
from vigie.tasks.site import library

log = logging.getLogger(__name__)

Addresses = list[tuple[Channel, str]]


def tell_platform(subject: str, text: str) -> None:
    """Say this to the platform's on-call now. Raises TransportError where no channel takes it.

    ``VIGIE_PLATFORM_EMAIL`` is the address of last resort: it is written to where nobody else's mail was taken.
    """
    makers: dict[Channel, Callable[[], Messenger]] = {
        "mail": connections.smtp_messenger,
        "slack": connections.slack_messenger,
    }
    say_directly(subject, text, addresses(library()), makers)


def addresses(documents: Library) -> list[Addresses]:
    """Where the platform's people are reached, the best first: the next ones are for where these fail."""
    rota = documents.readable_rota()
    plan = call_plan(rota, PLATFORM_POLICY)
    if plan.fault:
        log.warning("the rota is at fault (%s): everybody who can be read in it is told", plan.fault)
    on_call = [rota.people[name] for name in plan.policy.steps[0].page if name in rota.people]
    people: Addresses = [("mail", person.email) for person in on_call]
    slack: Addresses = [("slack", rota.platform_channel)]
    slack += [("slack", person.slack) for person in on_call if person.slack]
    last = os.environ.get("VIGIE_PLATFORM_EMAIL", "")
    return [people, [("mail", last)] if last else [], slack]


def say_directly(
    subject: str, text: str, choices: list[Addresses], makers: dict[Channel, Callable[[], Messenger]]
) -> None:
    """Send to all of the first choice; to the next one where none of them was reached.

    Raises the first TransportError where nobody was, or one that says that nobody is known.
    """
    failures: list[TransportError] = []
    for choice in choices:
        reached = 0
        for channel, address in choice:
            outbound = Outbound(
                key=f"rounds|{subject}|{utc_now().isoformat()}|{address}",
                incident=None,
                client=PLATFORM,
                channel=channel,
                purpose="page",
                recipient=address,
                message=Message(subject=subject, text=text),
            )
            try:
                makers[channel]().send(outbound)
                reached += 1
            except TransportError as failed:
                log.warning("%s was not reached by %s: %s", address, channel, failed)
                failures.append(failed)
        if reached:
            return
    raise (
        failures[0]
        if failures
        else TransportError(
            "nobody of the platform is known; name people in 'platform_duty' of the rota, or set VIGIE_PLATFORM_EMAIL",
            permanent=True,
        )
    )
