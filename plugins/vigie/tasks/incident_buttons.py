"""The buttons under an incident's message. Each has its own row: none ever stands where another one was."""

from __future__ import annotations

from vigie.core.incident import Incident
from vigie.core.message import Button
from vigie.core.thread_words import say
from vigie.tasks.incident_facts import IncidentFacts

_TAKE, _LINKS, _RESOLVE, _REOPEN = range(4)


def buttons_of(incident: Incident, about: IncidentFacts) -> tuple[Button, ...]:
    """What can be done about an incident as it stands; where a button is gone, words stand in its place.

    *Resolve* and *Reopen* open a form that asks why.
    """
    language = about.language(incident)
    found = [_taking(incident, about, language)]
    if incident.procedure:
        words, url = say(language, "open_procedure"), about.procedure_url(incident)
        found.append(Button(label=words, action="open_procedure", url=url, row=_LINKS))
    words, url = say(language, "open_incident"), about.incident_url(incident)
    found.append(Button(label=words, action="open_incident", url=url, row=_LINKS))
    if incident.status == "acknowledged":
        found.append(Button(label=say(language, "resolve"), action="resolve", value=incident.id, row=_RESOLVE))
    elif incident.status == "resolved":
        found.append(Button(label=_ended(incident, about, language), action="", row=_RESOLVE, only_words=True))
        found.append(Button(label=say(language, "reopen"), action="reopen", value=incident.id, row=_REOPEN))
    return tuple(found)


def _taking(incident: Incident, about: IncidentFacts, language: str) -> Button:
    if incident.status == "open" or incident.recalled_at is not None:
        words = say(language, "take")
        return Button(label=words, action="acknowledge", value=incident.id, style="primary", row=_TAKE)
    words = say(language, "nobody_took_it")
    if incident.acknowledged_by:
        who, time = about.name(incident.acknowledged_by, incident), about.clock(incident.acknowledged_at, incident)
        words = say(language, "taken", who=who, time=time)
    return Button(label=words, action="", row=_TAKE, only_words=True)


def _ended(incident: Incident, about: IncidentFacts, language: str) -> str:
    time = about.clock(incident.resolved_at, incident)
    if incident.resolved_by == incident.watch:
        return say(language, "ended_itself", time=time)
    return say(language, "ended_by", who=about.name(incident.resolved_by, incident), time=time)
