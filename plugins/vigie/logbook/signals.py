"""Signals become incidents: the rules, without a database."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from vigie.core.entry import Entry
from vigie.core.incident import Incident
from vigie.core.severity import SEVERITIES, Severity
from vigie.core.signal import Signal
from vigie.logbook.columns import canonical_json, short_key

IncidentKey = tuple[str, str, str, str]


def incident_key(named: Signal | Incident) -> IncidentKey:
    """``client · flux · watch · dedup_key``, as stored."""
    return (short_key(named.client), short_key(named.flux), short_key(named.watch), short_key(named.dedup_key))


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


@dataclass(slots=True)
class Story:
    """What the signals of a look, in their order, make of the unresolved incidents.

    ``lines`` are the entries to write, each with the incident it belongs to, once that has its number.
    """

    drafts: list[Draft] = field(default_factory=list)
    lines: list[tuple[Entry, Draft | None]] = field(default_factory=list)
    _unresolved: dict[IncidentKey, Draft] = field(default_factory=dict)

    @classmethod
    def of(cls, unresolved: Iterable[Incident]) -> Story:
        """Begin with the incidents that are open or acknowledged now."""
        story = cls([Draft(incident, new=False) for incident in unresolved])
        story._unresolved = {incident_key(draft.incident): draft for draft in story.drafts}
        return story

    def tell(self, signal: Signal) -> None:
        """Apply one signal, never seen before."""
        draft = self._unresolved.get(incident_key(signal))
        if signal.event == "trigger":
            self._trigger(signal, draft)
            return
        self._say(signal, f"anomaly.{signal.event}", draft, key=signal.key)
        if draft is None:
            return
        known = draft.incident
        if signal.event == "resolve":
            draft.change(
                status="resolved",
                resolved_at=signal.seen_at,
                resolved_by=signal.watch,
                next_action_at=_sooner(known.next_action_at, signal.seen_at),
            )
            del self._unresolved[incident_key(signal)]
            self._say(signal, "incident.resolved", draft)
        elif known.title != signal.title or not _same(known.facts, signal.facts):
            draft.change(
                title=signal.title,
                facts=signal.facts,
                next_action_at=_sooner(known.next_action_at, signal.seen_at),
            )

    def _trigger(self, signal: Signal, draft: Draft | None) -> None:
        if draft is not None:
            known = draft.incident
            severity = _worse(known.severity, signal.severity)
            changes: dict[str, Any] = {
                "count": known.count + 1,
                "title": signal.title,
                "facts": signal.facts,
                "severity": severity,
            }
            if severity != known.severity or not _same(known.facts, signal.facts):
                changes["next_action_at"] = _sooner(known.next_action_at, signal.seen_at)
            draft.change(**changes)
            self._say(signal, "anomaly.trigger", draft, key=signal.key)
            return
        draft = Draft(_opened_by(signal), new=True)
        self.drafts.append(draft)
        self._unresolved[incident_key(signal)] = draft
        self._say(signal, "anomaly.trigger", draft, key=signal.key)
        self._say(signal, "incident.opened", draft)

    def _say(self, signal: Signal, kind: str, draft: Draft | None, key: str | None = None) -> None:
        data: dict[str, Any] = {"dedup_key": signal.dedup_key, "severity": signal.severity}
        if key is not None:
            data["facts"] = signal.facts
        line = Entry(
            at=signal.seen_at,
            client=signal.client,
            kind=kind,
            actor=f"watch:{signal.watch}",
            text=signal.title,
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
        facts=signal.facts,
        opened_at=signal.seen_at,
        next_action_at=signal.seen_at,
    )
