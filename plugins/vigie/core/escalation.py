"""What to do about an incident now: the pure heart of the desk. No end of it is silent."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple

from vigie.core.client import EscalationPolicy
from vigie.core.incident import Incident
from vigie.core.life import forgotten_at, unsteady


class Act(NamedTuple):
    """One thing to do.

    ``page`` asks these people to act; ``warn`` tells the channel and calls nobody; ``tell`` changes the incident's
    message in place, and where ``note`` is true also answers in its thread; ``end`` writes the end to those who were
    called; ``back`` tells its owner that it is back, ``flapping`` that it comes and goes, ``recall`` that people are
    called again; ``open_procedure`` starts the procedure's run, once; ``all_clear`` writes the end to the client's contacts
    who were told of the incident.
    """

    what: Literal["page", "warn", "tell", "end", "back", "flapping", "recall", "open_procedure", "all_clear"]
    people: tuple[str, ...] = ()
    note: bool = False


class Decision(NamedTuple):
    """What the desk does now, and when it has to think again. ``reason`` goes into the logbook.

    ``pages``, ``level`` and ``exhausted`` are those of the incident after it (without ``level`` it grows with the
    pages); ``recall`` says that the call of an
    incident that somebody has begins again, ``again`` that the people of a level are called once more within its time.
    """

    pages: int
    next_action_at: datetime | None
    acts: tuple[Act, ...]
    reason: str
    level: int | None = None
    exhausted: str = ""
    recall: bool = False
    again: bool = False


def decide(incident: Incident, policy: EscalationPolicy, now: datetime, everybody: tuple[str, ...] = ()) -> Decision:
    """Decide. ``now`` is UTC; ``everybody`` are the people of the rota, for when the last resort reaches nobody.

    While nobody acknowledges, each step of the policy pages its people and waits its delay; after the last step the
    policy starts again, ``repeat`` times; then the last resort calls until somebody takes the incident. An
    acknowledgement ends the paging, opens the procedure and is told; when nobody works on it for ``if_unresolved``, the
    call begins again. An incident that was resolved before anybody was paged or took it is not told (Alertmanager:
    resolved within group_wait). One that pages nobody is told in the channel, once, and kept up to date there.
    """
    if incident.status == "resolved":
        return _ended(incident, now)
    if incident.status == "acknowledged" and incident.recalled_at is None:
        return _held(incident, policy, now, everybody)
    if not incident.page:
        act = Act("tell") if incident.pages else Act("warn")
        back = (_came_back(incident),) if incident.pages and incident.reopened_at is not None else ()
        return Decision(max(1, incident.pages), None, (act, *back), "told in the channel; nobody is paged for it")
    return _calling(incident, policy, now, everybody)


def changed_by(decision: Decision, incident: Incident, at: datetime | None) -> dict[str, Any]:
    """What the logbook changes in an incident that was decided about at this instant (UTC; needed where it is called)."""
    changes: dict[str, Any] = {
        "pages": decision.pages,
        "level": incident.level + decision.pages - incident.pages if decision.level is None else decision.level,
        "exhausted": decision.exhausted,
        "next_action_at": decision.next_action_at,
        "told": incident.revision,
    }
    if decision.pages > incident.pages:
        called = dict(incident.called)
        for name in (name for act in decision.acts if act.what == "page" for name in act.people):
            called[name] = (called.get(name, (decision.pages, 0))[0], decision.pages)
        changes |= {"called_at": at, "called": called}
        changes |= {} if decision.again else {"paged_at": at}
    if decision.recall:
        changes["recalled_at"] = at
    if any(act.what == "end" for act in decision.acts):
        changes["cleared"] = incident.pages
    return changes


def _ended(incident: Incident, now: datetime) -> Decision:
    """Told at once among ourselves, and to the client's contacts when it has not come back for ``hold``.

    One that has come back lately may do so again: those who were called are written to when it has not.
    """
    if incident.pages == 0 and incident.acknowledged_at is None:
        return Decision(0, None, (), "resolved before anybody was paged")
    news, clear_at, waits = incident.told != incident.revision, incident.all_clear_at, unsteady(incident)
    flapping = waits and incident.flapping_at is not None  # its thread is told the end that lasts
    acts: tuple[Act, ...] = (Act("tell", note=not flapping),) if news else ()
    if news and not waits:
        acts += (Act("end"),)
    if clear_at is None or not (waits or incident.audience == "client"):
        return _same(incident, None, acts, "resolved")
    if now < clear_at:
        return _same(incident, clear_at, acts, "resolved")
    if waits:
        acts += (*([Act("tell", note=True)] if flapping else []), Act("end"))
    if incident.audience == "client":
        acts += (Act("all_clear"),)
    return _same(incident, None, acts, "resolved" if news else "it has not come back")


def _held(incident: Incident, policy: EscalationPolicy, now: datetime, everybody: tuple[str, ...]) -> Decision:
    """Somebody has it. Where nobody works on it, the call begins again with the first step; it stays theirs."""
    acts: tuple[Act, ...] = ()
    if incident.told != incident.revision:
        acts = (Act("tell", note=True), *((_came_back(incident),) if _back(incident) else ()))
        acts += (Act("open_procedure"),) if incident.procedure else ()
    reason = f"acknowledged by {incident.acknowledged_by}"
    if not incident.page:
        return _same(incident, None, acts, reason)
    due = forgotten_at(incident, policy.if_unresolved, now)
    if now < due:
        return _same(incident, due, acts, reason)
    begun = incident.model_copy(update={"recalled_at": now, "level": 0, "paged_at": None, "told": incident.revision})
    call = _calling(begun, policy, now, everybody)
    return call._replace(acts=(*acts, Act("recall"), *call.acts), recall=True)


def _calling(incident: Incident, policy: EscalationPolicy, now: datetime, everybody: tuple[str, ...]) -> Decision:
    acts: tuple[Act, ...] = (Act("flapping"),) if incident.flapping_at and _returned(incident) else ()
    due = _due(incident, policy, now)
    if due is not None and now < due:
        if _returned(incident) and not incident.flapping_at:
            # It is back before the time of its step was over: those people again, and the next ones when it is.
            return _call(incident, policy, incident.level, due, acts, everybody)._replace(again=True)
        if incident.told != incident.revision:
            acts += (Act("tell"),)
        return _same(incident, due, acts, "changed while waiting for an answer")
    level = _next_level(incident, policy)
    return _call(incident, policy, level, now + _wait(policy, level), acts, everybody)


def _call(
    incident: Incident,
    policy: EscalationPolicy,
    level: int,
    until: datetime,
    acts: tuple[Act, ...],
    everybody: tuple[str, ...],
) -> Decision:
    number, people = incident.pages + 1, _people(incident, policy, level, everybody)
    exhausted = policy.id if level > policy.levels else ""
    reason = f"page {number}: {', '.join(people)}"
    return Decision(number, until, (*acts, Act("page", people=people)), reason, level, exhausted)


def next_people(incident: Incident, policy: EscalationPolicy, everybody: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Whom the next call goes to, if nobody takes it before."""
    return _people(incident, policy, _next_level(incident, policy), everybody)


def _people(incident: Incident, policy: EscalationPolicy, level: int, everybody: tuple[str, ...]) -> tuple[str, ...]:
    """Whom a level calls; the last resort everybody, where it has reached nobody."""
    if level <= policy.levels:
        return policy.steps[(level - 1) % len(policy.steps)].page
    last = policy.last_resort.page or policy.people
    return (everybody or last) if incident.unreached else last


def _next_level(incident: Incident, policy: EscalationPolicy) -> int:
    """The level after the present one, past the steps that call only who handed the incident on."""
    level = min(incident.level, policy.levels) + 1
    while level <= policy.levels:
        if set(policy.steps[(level - 1) % len(policy.steps)].page) != {incident.handed_on_by}:
            break
        level += 1
    return level


def _wait(policy: EscalationPolicy, level: int) -> timedelta:
    return policy.last_resort.every if level > policy.levels else policy.steps[(level - 1) % len(policy.steps)].delay


def _due(incident: Incident, policy: EscalationPolicy, now: datetime) -> datetime | None:
    """When the present level is over; None where none was begun, or it is to be over now.

    One that began in the future began by a clock that went wrong: nobody waits for that.
    """
    if incident.level == 0 or incident.paged_at is None or incident.paged_at > now:
        return None
    return incident.paged_at + _wait(policy, incident.level)


def _came_back(incident: Incident) -> Act:
    return Act("flapping") if incident.flapping_at else Act("back")


def _back(incident: Incident) -> bool:
    """Whether it came back to the one who had it."""
    back, taken = incident.reopened_at, incident.acknowledged_at
    return back is not None and taken is not None and taken <= back


def _returned(incident: Incident) -> bool:
    """Whether nobody was called since it came back."""
    back = incident.reopened_at
    return back is not None and incident.recalled_at is None and (incident.called_at or incident.opened_at) < back


def _same(incident: Incident, due: datetime | None, acts: tuple[Act, ...], reason: str) -> Decision:
    return Decision(incident.pages, due, acts, reason, incident.level, incident.exhausted)
