"""The actions inside the control room: messages, waiting, runs of DAGs, the incident, another procedure."""

from __future__ import annotations

from vigie.core.action import Acknowledge, Open, Resolve, Send, Trigger, Wait
from vigie.core.errors import Refused, TransportError, VigieError
from vigie.core.incident import Incident
from vigie.core.message import Outbound
from vigie.core.open_step import PROCEDURE
from vigie.tasks.all_clear import after_end
from vigie.tasks.deed import Deed, Later, Result
from vigie.tasks.run_incident import note_opening
from vigie.tasks.runs import start_run
from vigie.tasks.site import library
from vigie.tasks.wait_trigger import WaitTrigger, green


def send(wanted: Send, deed: Deed) -> Result:
    """Put a message into the desk's outbox, once. ``to`` is a contact of the client, or its Slack channel."""
    incident = _incident(deed)
    client = library().client(incident.client)
    contact = client.contacts.get(wanted.to)
    language = (contact.language if contact else None) or client.languages[0]
    facts = deed.place.facts | {"purpose": "message"}
    try:
        message = library().render(wanted.template, client.id, language, facts)
    except VigieError as failed:
        # A message to a client is no page: rather none than a wrong one, and people are told the reason.
        raise TransportError(str(failed), permanent=True) from None
    outbound = Outbound(
        key=deed.key,
        incident=incident.id,
        client=client.id,
        channel="mail" if contact else "slack",
        purpose="message",
        recipient=contact.email if contact else client.slack_channel,
        message=message,
        reply_to=None if contact else f"{incident.id}/page/1/slack",
        variables={**after_end(incident), **({"by": incident.acknowledged_by} if incident.acknowledged_by else {})},
        next_action_at=deed.place.now,
    )
    deed.place.logbook.queue(outbound, None)
    return Result(True, f"'{message.subject}' to {contact.name if contact else 'the channel'}")


def wait(wanted: Wait, deed: Deed) -> Result:
    """Wait until a check is green."""
    place = deed.place
    if wanted.watch is None:
        incident, watch = _incident(deed).id, ""
    else:
        incident, watch = "", f"{place.client}.{wanted.watch}"
    said = green(place.logbook, incident, watch, place.now)
    if said:
        return Result(True, said)
    until = place.now + wanted.at_most
    raise Later(WaitTrigger(until.isoformat(), place.now.isoformat(), incident=incident, watch=watch))


def trigger(wanted: Trigger, deed: Deed) -> Result:
    """Start a DAG of the client, once; wait for its end where the block says how long."""
    place = deed.place
    if not wanted.dag.startswith(f"{place.client}."):
        raise Refused(f"'{wanted.dag}' is not a DAG of {place.client}")
    run_id = deed.key.replace("/", ".")
    conf: dict[str, object] = {**wanted.conf, "incident": place.incident_id}
    start_run(wanted.dag, run_id, conf, f"by {place.procedure.title}")
    if wanted.at_most is None:
        return Result(True, f"{wanted.dag} started: {run_id}", run_id)
    until = place.now + wanted.at_most
    raise Later(WaitTrigger(until.isoformat(), place.now.isoformat(), dag_id=wanted.dag, run_id=run_id))


def acknowledge(_wanted: Acknowledge, deed: Deed) -> Result:
    """Take the incident in the name of the procedure; that somebody has it already is well too."""
    incident = _incident(deed)
    outcome = deed.place.logbook.acknowledge(incident.id, PROCEDURE, deed.place.now, PROCEDURE)
    return Result(True, f"{incident.id} is {outcome.incident.status if outcome.incident else 'unknown'}")


def resolve(wanted: Resolve, deed: Deed) -> Result:
    """Resolve the incident in the name of the procedure."""
    incident = _incident(deed)
    if wanted.note:
        deed.place.logbook.note(incident.id, PROCEDURE, deed.place.now, wanted.note)
    deed.place.logbook.resolve(incident.id, PROCEDURE, deed.place.now, PROCEDURE)
    return Result(True, f"{incident.id} is resolved")


def open_procedure(wanted: Open, deed: Deed) -> Result:
    """Open another procedure for the same incident, once."""
    place = deed.place
    dag_id = library().procedure(place.client, wanted.procedure).dag_id
    run_id = f"{place.incident_id or place.run_id}.{wanted.procedure}"
    conf: dict[str, object] = {"incident": place.incident_id, "client": place.client}
    if place.incident_id:
        note_opening(place.logbook, dag_id, run_id, place.incident_id, place.now, place.client)
    start_run(dag_id, run_id, conf, f"from {place.procedure.title}")
    return Result(True, f"{wanted.procedure} is open", run_id)


def _incident(deed: Deed) -> Incident:
    incident = deed.place.incident
    if incident is None:
        raise TransportError(
            "This run belongs to no incident, so there is nothing to act on. "
            'Open a procedure from an incident, or give the run the conf {"incident": "INC-…"}.',
            permanent=True,
        )
    return incident
