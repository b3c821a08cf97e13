"""Signals become incidents: the rules, without a database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from vigie.core.doubtful import no_less_certain
from vigie.core.entry import Entry
from vigie.core.incident import Incident
from vigie.core.life import resolved
from vigie.core.severity import SEVERITIES, Severity
from vigie.core.signal import Signal
from vigie.core.storm import BUSY, PAUSE, STORM_KEY, STORM_TEMPLATE, Storm, begins, storm_of
from vigie.logbook.columns import canonical_json, short_key

IncidentKey = tuple[str, str, str, str]


def incident_key(named: Signal | Incident) -> IncidentKey:
    """``client · flux · watch · dedup_key``, as stored."""
    return (short_key(named.client), short_key(named.flux), short_key(named.watch), short_key(named.dedup_key))


def storm_key(signal: Signal) -> IncidentKey:
    """The key of the storm that a signal may belong to."""
    return (*incident_key(signal)[:3], STORM_KEY)


def _worse(one: Severity, other: Severity) -> Severity:
    return max(one, other, key=SEVERITIES.index)


def _sooner(planned: datetime | None, at: datetime) -> datetime:
    return at if planned is None else min(planned, at)


@dataclass(slots=True)
class Draft:
    """An incident while the signals of one look are applied to it."""

    incident: Incident
    new: bool
    touched: bool = False

    def change(self, **changes: Any) -> None:
        """Change fields, and count the revision."""
        self.incident = self.incident.model_copy(update={**changes, "revision": self.incident.revision + 1})
        self.touched = True

    def become(self, incident: Incident) -> None:
        """Take what a step of its life makes of it; what was due before stays due."""
        due = _sooner(self.incident.next_action_at, incident.next_action_at or incident.opened_at)
        self.incident = incident.model_copy(update={"next_action_at": due})
        self.touched = True


@dataclass(slots=True)
class Story:
    """What the signals of a look, in their order, make of the unresolved incidents.

    ``lines`` are the entries to write, each with the incident it belongs to, once that has its number. ``opened``
    says by watch (as stored) when its latest incidents opened.
    """

    drafts: list[Draft] = field(default_factory=list)
    lines: list[tuple[Entry, Draft | None]] = field(default_factory=list)
    opened: dict[str, list[datetime]] = field(default_factory=dict)
    _unresolved: dict[IncidentKey, Draft] = field(default_factory=dict)

    @classmethod
    def of(cls, unresolved: Iterable[Incident], opened: Mapping[str, Iterable[datetime]] | None = None) -> Story:
        """Begin with the incidents that are open or acknowledged now."""
        story = cls([Draft(incident, new=False) for incident in unresolved])
        story.opened = {watch: list(instants) for watch, instants in (opened or {}).items()}
        story._unresolved = {incident_key(draft.incident): draft for draft in story.drafts}
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
                next_action_at=_sooner(known.next_action_at, signal.seen_at),
            )

    def _resolve(self, signal: Signal, draft: Draft) -> None:
        draft.become(resolved(draft.incident, signal.watch, signal.seen_at))
        del self._unresolved[incident_key(draft.incident)]
        self._say(signal, "incident.resolved", draft)

    def _trigger(self, signal: Signal, draft: Draft | None) -> None:
        if draft is not None:
            self._count(signal, draft, signal.title, no_less_certain(draft.incident.facts, signal.facts))
        elif not signal.page:
            self._open(signal, _opened_by(signal))  # what pages nobody is no part of a storm, and begins none
        elif self._stormy(signal) or self._breaks_out(signal):
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

    def _count(self, signal: Signal, draft: Draft, title: str, facts: dict[str, Any], **changes: Any) -> None:
        """One detection more; told at once, or with others where there are many (``PAUSE``)."""
        known = draft.incident
        severity = _worse(known.severity, signal.severity)
        changes |= {"count": known.count + 1, "title": title, "facts": facts, "severity": severity}
        if severity != known.severity or changes.get("status"):
            changes["next_action_at"] = _sooner(known.next_action_at, signal.seen_at)
        elif not _same(known.facts, facts):
            pause = PAUSE if known.count >= BUSY else timedelta(0)
            changes["next_action_at"] = _sooner(known.next_action_at, signal.seen_at + pause)
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
        if draft is None or storm is None:
            about = {"dedup_key": STORM_KEY, "template": STORM_TEMPLATE, "title": title, "facts": facts}
            self._open(signal, _opened_by(signal).model_copy(update=about))
        elif draft.incident.status == "acknowledged" and not storm.gathers(signal.seen_at):
            # Whoever took the storm took what it held then; this is another one.
            again = {"status": "open", "acknowledged_at": None, "acknowledged_by": None, "paged_at": None}
            self._count(signal, draft, title, facts, **again)
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
        planned = _sooner(draft.incident.next_action_at, signal.seen_at + PAUSE)
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
