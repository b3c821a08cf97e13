"""Signals become incidents: the rules, without a database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from vigie.core.doubtful import no_less_certain
from vigie.core.entry import Entry
from vigie.core.incident import Incident
from vigie.core.life import comes_back, reopened, resolved
from vigie.core.signal import Signal
from vigie.core.storm import BUSY, PAUSE, STORM_KEY, STORM_TEMPLATE, Storm, begins, storm_of
from vigie.logbook.columns import canonical_json, short_key
from vigie.logbook.draft import Draft, IncidentKey, incident_key, sooner, storm_key, worse


@dataclass(slots=True)
class Story:
    """What the signals of a look, in their order, make of the unresolved incidents.

    ``lines`` are the entries to write, each with the incident it belongs to, once that has its number. ``opened``
    says by watch (as stored) when its latest incidents opened. ``reopened`` are those that came back.
    """

    drafts: list[Draft] = field(default_factory=list)
    lines: list[tuple[Entry, Draft | None]] = field(default_factory=list)
    opened: dict[str, list[datetime]] = field(default_factory=dict)
    reopened: list[Draft] = field(default_factory=list)
    _unresolved: dict[IncidentKey, Draft] = field(default_factory=dict)
    _ended: dict[IncidentKey, Draft] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        unresolved: Iterable[Incident],
        opened: Mapping[str, Iterable[datetime]] | None = None,
        ended: Iterable[Incident] = (),
    ) -> Story:
        """Begin with the incidents that are open or acknowledged now, and those that ended lately, the last one last."""
        story = cls([Draft(incident, new=False) for incident in unresolved])
        story.opened = {watch: list(instants) for watch, instants in (opened or {}).items()}
        story._unresolved = {incident_key(draft.incident): draft for draft in story.drafts}
        story._ended = {incident_key(each): Draft(each, new=False) for each in ended}
        story.drafts += story._ended.values()
        return story

    def tell(self, signal: Signal) -> None:
        """Apply one signal, never seen before."""
        draft = self._unresolved.get(incident_key(signal))
        if signal.event == "trigger":
            self._trigger(signal, draft)
        elif draft is None and self._stormy(signal):
            self._calm(signal)
        else:
            self._say(signal, f"anomaly.{signal.event}", draft, key=signal.key)
            if draft is not None:
                self._change(signal, draft)

    def _change(self, signal: Signal, draft: Draft) -> None:
        known = draft.incident
        if signal.event == "resolve":
            self._resolve(signal, draft)
        elif known.title != signal.title or not _same(known.facts, signal.facts):
            draft.change(
                title=signal.title,
                facts=signal.facts,
                next_action_at=sooner(known.next_action_at, signal.seen_at),
            )

    def _resolve(self, signal: Signal, draft: Draft) -> None:
        draft.become(resolved(draft.incident, signal.watch, signal.seen_at))
        key = incident_key(draft.incident)
        self._ended[key] = self._unresolved.pop(key)
        self._say(signal, "incident.resolved", draft)

    def _trigger(self, signal: Signal, draft: Draft | None) -> None:
        if draft is not None:
            self._count(signal, draft, signal.title, no_less_certain(draft.incident.facts, signal.facts))
        elif signal.page and self._stormy(signal):
            self._storm(signal)
        elif (ended := self._returning(signal, incident_key(signal))) is not None:
            self._return(signal, ended, signal.title, signal.facts)
        elif not signal.page:
            self._open(signal, _opened_by(signal))  # what pages nobody is no part of a storm, and begins none
        elif self._breaks_out(signal):
            self._storm(signal)
        else:
            self.opened.setdefault(short_key(signal.watch), []).append(signal.seen_at)
            self._open(signal, _opened_by(signal))

    def _open(self, signal: Signal, incident: Incident) -> None:
        draft = Draft(incident, new=True)
        self.drafts.append(draft)
        self._unresolved[incident_key(incident)] = draft
        self._say(signal, "anomaly.trigger", draft, key=signal.key)
        self._say(signal, "incident.opened", draft, text=incident.title)

    def _returning(self, signal: Signal, key: IncidentKey) -> Draft | None:
        """The incident of this key that ended so lately that it is the same one."""
        draft = self._ended.get(key)
        if draft is None:
            return None
        known = draft.incident.model_copy(update={"hold": signal.hold})
        return draft if comes_back(known, signal.seen_at) else None

    def _return(self, signal: Signal, draft: Draft, title: str, facts: dict[str, Any], **changes: Any) -> None:
        """It is back: the same incident, with its owner and its thread."""
        key = incident_key(draft.incident)
        draft.become(reopened(draft.incident, signal.seen_at, returned=True))
        self._unresolved[key] = self._ended.pop(key)
        self.reopened.append(draft)
        self._count(signal, draft, title, facts, hold=signal.hold, **changes)
        self._say(signal, "incident.reopened", draft, text=title)

    def _count(self, signal: Signal, draft: Draft, title: str, facts: dict[str, Any], **changes: Any) -> None:
        """One detection more; told at once, or with others where there are many (``PAUSE``)."""
        known = draft.incident
        severity, page = worse(known.severity, signal.severity), known.page or signal.page
        changes |= {"count": known.count + 1, "title": title, "facts": facts, "severity": severity, "page": page}
        if severity != known.severity or page != known.page or changes.get("status"):
            changes["next_action_at"] = sooner(known.next_action_at, signal.seen_at)
        elif not _same(known.facts, facts):
            pause = PAUSE if known.count >= BUSY else timedelta(0)
            changes["next_action_at"] = sooner(known.next_action_at, signal.seen_at + pause)
        draft.change(**changes)
        self._say(signal, "anomaly.trigger", draft, key=signal.key)

    def _stormy(self, signal: Signal) -> bool:
        """Whether the signal's key is in the storm of its watch."""
        draft = self._unresolved.get(storm_key(signal))
        storm = storm_of(draft.incident) if draft else None
        return storm is not None and signal.dedup_key in storm.keys

    def _breaks_out(self, signal: Signal) -> bool:
        """Whether a key that is new belongs to a storm: one that gathers, or one that begins with it."""
        draft = self._unresolved.get(storm_key(signal))
        storm = storm_of(draft.incident) if draft else None
        gathers = storm is not None and storm.gathers(signal.seen_at)
        return gathers or begins(signal, self.opened.get(short_key(signal.watch), ()))

    def _storm(self, signal: Signal) -> None:
        draft = self._unresolved.get(storm_key(signal))
        storm = storm_of(draft.incident) if draft else None
        joined = (storm or Storm((), 0, signal.seen_at)).joined(signal)
        title, facts = joined.title(signal.title), joined.facts(signal.facts)
        if draft is None and (ended := self._returning(signal, storm_key(signal))) is not None:
            was = storm_of(ended.incident)
            others = {} if was is not None and was.gathers(signal.seen_at) else _NOBODYS
            self._return(signal, ended, title, facts, **others)
        elif draft is None or storm is None:
            about = {"dedup_key": STORM_KEY, "template": STORM_TEMPLATE, "title": title, "facts": facts}
            self._open(signal, _opened_by(signal).model_copy(update=about))
        elif draft.incident.status == "acknowledged" and not storm.gathers(signal.seen_at):
            self._count(signal, draft, title, facts, **_NOBODYS)
        else:
            self._count(signal, draft, title, facts)

    def _calm(self, signal: Signal) -> None:
        """A key of the storm is well again, or has changed its words; the last one that is well ends the storm."""
        draft = self._unresolved[storm_key(signal)]
        storm = storm_of(draft.incident)
        self._say(signal, f"anomaly.{signal.event}", draft, key=signal.key)
        if signal.event != "resolve" or storm is None:
            return
        left = storm.left(signal.dedup_key)
        if left.over:
            self._resolve(signal, draft)
            return
        planned = sooner(draft.incident.next_action_at, signal.seen_at + PAUSE)
        draft.change(facts=left.facts(signal.facts), title=left.title(signal.title), next_action_at=planned)

    def _say(self, signal: Signal, kind: str, draft: Draft | None, key: str | None = None, text: str = "") -> None:
        data: dict[str, Any] = {"dedup_key": signal.dedup_key, "severity": signal.severity}
        if key is not None:
            data["facts"] = signal.facts
        line = Entry(
            at=signal.seen_at,
            client=signal.client,
            kind=kind,
            actor=f"watch:{signal.watch}",
            text=text or signal.title,
            flux=signal.flux,
            watch=signal.watch,
            key=key,
            data=data,
        )
        self.lines.append((line, draft))


_NOBODYS: dict[str, Any] = {
    "status": "open",
    "acknowledged_at": None,
    "acknowledged_by": None,
    "recalled_at": None,
    "paged_at": None,
    "level": 0,
    "exhausted": "",
}
"""Whoever took a storm took what it held then; this is another one, and the calls for it begin with the first step."""


def _same(one: Any, other: Any) -> bool:
    return canonical_json(one) == canonical_json(other)


def _opened_by(signal: Signal) -> Incident:
    return Incident(
        id="",
        client=signal.client,
        flux=signal.flux,
        watch=signal.watch,
        dedup_key=signal.dedup_key,
        status="open",
        severity=signal.severity,
        title=signal.title,
        template=signal.template,
        procedure=signal.procedure,
        audience=signal.audience,
        page=signal.page,
        hold=signal.hold,
        facts=signal.facts,
        opened_at=signal.seen_at,
        next_action_at=signal.seen_at,
    )
