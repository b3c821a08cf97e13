"""A whole control room in one process, with a clock that is moved by hand: what authors and scenarios play with."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from airflow.sdk import DAG

from vigie.cli.flux_file import load
from vigie.core.entry import Entry
from vigie.core.incident import Incident
from vigie.core.look import Look
from vigie.core.message import Channel as Way
from vigie.core.open_step import OpenStep
from vigie.core.ports import Messenger
from vigie.core.undelivered import FLUX as UNDELIVERED
from vigie.core.watch import DatedWatch, MailboxWatch
from vigie.core.working_days import WorkingDays
from vigie.documents.library import Library
from vigie.logbook.book import Logbook
from vigie.logbook.incidents import Outcome
from vigie.logbook.migrations import migrate
from vigie.tasks import connections
from vigie.tasks.audit import Finding, audit
from vigie.tasks.channel_rounds import ChannelRounds
from vigie.tasks.desk import Desk
from vigie.tasks.file_round import FileRound
from vigie.tasks.look_round import LookRound
from vigie.tasks.mail_round import MailRound
from vigie.tasks.session import Session
from vigie.tasks.sessions import WATCH, AnyWatch
from vigie.tasks.step_answers import StepAnswers, Told
from vigie.tasks.watch_sensor import WatchSensor
from vigie.testing.clock import HandClock
from vigie.testing.inbox import Channel, Inbox
from vigie.testing.memory_messenger import MemoryMessenger
from vigie.testing.outside_world import OutsideWorld
from vigie.testing.procedure_runs import ProcedureRuns

_TICK = timedelta(seconds=1)


class ControlRoom(OutsideWorld):
    """The real logbook, judges, sessions and desk; mailboxes, file servers, Slack and mail in memory.

    ``site`` holds the authors' ``dags/`` and ``include/``, ``folder`` is where the logbook is made. Nothing happens
    but by a call; whatever is due then happens before the call returns. Use it in a ``with``: it names the site
    in the environment (``VIGIE_SITE``), where flux files look for it. Drafts of procedures run as they are written, as
    in development; with ``production`` only approved text is led through.
    """

    def __init__(self, folder: Path, *, site: Path, at: datetime, production: bool = False) -> None:
        super().__init__(HandClock(at))
        self.site = site
        self.clock.pass_until = self._pass_until
        address = f"sqlite:///{folder / 'logbook.db'}"
        migrate(address)
        self.logbook = Logbook(address)
        self.library = Library(site, production=production)
        self.slack_messenger = MemoryMessenger()
        self.mail_messenger = MemoryMessenger(can_tell=False)
        self.procedures = ProcedureRuns(self.library, self.logbook, self.clock)
        self.desks = [self.desk("desk")]
        self._watches: dict[str, AnyWatch] = {}
        self._sessions: dict[str, Session] = {}
        self._again: dict[str, datetime] = {}
        self._planned: datetime | None = None
        self._ours = {"VIGIE_SITE": str(site), "VIGIE_MODE": "production" if production else "development"}
        self._before = {name: os.environ.get(name) for name in self._ours}

    def __enter__(self) -> Self:
        os.environ.update(self._ours)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for name, value in self._before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
        self.logbook.close()

    # What is on guard

    def reads(self, flux: str) -> DAG:
        """Read a flux of the site, ``dags/nordwind/end_of_day.py``, and look for all its watches; its DAG."""
        (dag,) = (value for value in vars(load(self.site / flux)).values() if isinstance(value, DAG))
        self.watches(*(WATCH.validate_python(task.watch) for task in dag.tasks if isinstance(task, WatchSensor)))
        return dag

    def watches(self, *watches: AnyWatch) -> None:
        """Look for these, from now on."""
        for watch in watches:
            self._watches[watch.id] = watch
            session = self._sessions.get(watch.source)
            if session is None:
                session = self._sessions[watch.source] = self.session(watch.id)
            else:
                session.join_watch(watch)
            self._again[watch.source] = self.clock.now
        self._work()

    def session(self, watch: str, record: Callable[[Look], object] | None = None) -> Session:
        """Another session of this watch, in nobody's hands: to be stepped and killed. ``record`` may die under it."""
        rule = self._watches[watch]
        session = Session(self._round(rule), self.logbook, record or self.logbook.record, clock=self.clock)
        session.join_watch(rule)
        return session

    def triggerer_restarts(self) -> None:
        """All sessions are gone, whatever they were at; others begin from the logbook."""
        self._sessions.clear()
        self._again.clear()
        self.watches(*self._watches.values())

    def triggerer_dies(self) -> None:
        """Nobody looks any more."""
        self._sessions.clear()
        self._again.clear()

    def check(self, watch: str) -> Finding:
        """What the flux's own check says of a watch; TransportError where nobody can look."""
        finding = audit(self._watches[watch], self.logbook, connections.find, self.clock.now, self._audit_round)
        self._work()
        return finding

    def signs_in_to_channels(self) -> int:
        """The rounds look whether Slack and mail take our sign-in, where it is time; how many were tried."""
        slack, mail = self.slack_messenger, self.mail_messenger
        tried = ChannelRounds(self.logbook, {"slack": lambda: slack, "mail": lambda: mail}).walk(self.clock.now)
        self._work()
        return tried

    # The people

    def slack(self, channel: str) -> Channel:
        """What a Slack channel shows."""
        return Channel(self.slack_messenger, channel)

    def mailbox_of(self, name: str) -> Inbox:
        """The mail of one of our people (by the rota), or at an address."""
        person = None if "@" in name else self.library.rota().people[name]
        return Inbox(self.mail_messenger, person.email if person else name)

    def takes_it(self, person: str, incident: str | None = None) -> Outcome:
        """Somebody presses *Take it*; without a name of the incident it is the last one that is not about messages."""
        outcome = self.logbook.acknowledge(incident or self._pressed, person, self.clock.now, "slack")
        self._work()
        return outcome

    def resolves_it(self, person: str, incident: str | None = None) -> Outcome:
        """Somebody presses *Resolve*; without a name of the incident, as in ``takes_it``."""
        outcome = self.logbook.resolve(incident or self._pressed, person, self.clock.now, "slack")
        self._work()
        return outcome

    def reopens_it(self, person: str, incident: str | None = None, why: str = "") -> Outcome:
        """Somebody presses *Reopen*, and says why; without a name of the incident, as in ``takes_it``."""
        outcome = self.logbook.reopen(incident or self._pressed, person, self.clock.now, "slack", why)
        self._work()
        return outcome

    def answers(self, person: str, option: str, step: str | None = None, **given: object) -> Told:
        """Somebody presses an answer in Slack or on a page; without the step's name it is the one that is open."""
        open_steps = self.logbook.steps(status="open")
        (asked,) = [each for each in open_steps if step in {None, each.id, each.task_id}]
        return self.answers_to(asked, person, option, **given)

    def answers_to(self, asked: OpenStep, person: str, option: str, **given: object) -> Told:
        """Somebody presses an answer under a question as it stood when it was asked."""
        told = StepAnswers(self.logbook, self.library).give(
            asked, option, given, by=person, at=self.clock.now, via="Slack",
            take=lambda at, said, _: self.procedures.take(at, said, given, person),
        )  # fmt: skip
        self.procedures.resume()
        self._work()
        return told

    def answers_in_airflow(self, person: str, option: str, **given: object) -> bool:
        """Somebody answers the one open question on Airflow's own page; False where it is no longer asked."""
        waiting = [(run.run_id, task) for run in self.procedures.runs.values() for task in run.waiting]
        if not waiting:
            return False
        ((run_id, task_id),) = waiting
        answered = self.procedures.answer(run_id, task_id, option, person, given)
        self._work()
        return answered

    @property
    def open_steps(self) -> list[str]:
        """The titles of the steps that wait for people."""
        return [step.title for step in self.logbook.steps(status="open")]

    # What the logbook says

    @property
    def incidents(self) -> list[Incident]:
        """Every incident, the oldest first."""
        return self.logbook.incidents(statuses=("open", "acknowledged", "resolved"))[::-1]

    @property
    def incident(self) -> Incident:
        """The last incident."""
        return self.incidents[-1]

    @property
    def _pressed(self) -> str:
        return next(each.id for each in reversed(self.incidents) if each.flux != UNDELIVERED)

    def entries(self, kind: str = "", incident: str | None = None) -> list[Entry]:
        """What was written, by the beginning of its kind: ``incident.``."""
        return self.logbook.entries(kind_prefix=kind, incident=incident, limit=10_000)

    # How it runs

    def desk(self, name: str, **instead: Messenger) -> Desk:
        """A desk at this logbook; one of its messengers may be another: ``slack=…``."""
        messengers: dict[Way, Messenger] = {
            "slack": instead.get("slack", self.slack_messenger),
            "mail": instead.get("mail", self.mail_messenger),
            "procedure": instead.get("procedure", self.procedures),
        }
        return Desk(self.logbook, self.library, messengers, name)

    def _round(self, watch: AnyWatch, *, at_once: bool = False) -> LookRound:
        if isinstance(watch, MailboxWatch):
            mailbox = watch.mailbox
            return MailRound(
                watch.source, lambda: self.mailbox(mailbox), self.logbook, days=self._days, clock=self.clock
            )
        where, sites = watch.where, self.library.site_table
        return FileRound(
            watch.source,
            lambda: self.server(where),
            self.logbook,
            sites,
            days=self._days,
            at_once=at_once,
            clock=self.clock,
        )

    def _days(self, watch: DatedWatch) -> WorkingDays:
        return self.library.calendars.working_days(watch.client, watch.calendar)

    def _audit_round(self, watch: AnyWatch) -> LookRound:
        return self._round(watch, at_once=True)

    def _is_news(self, connection: str) -> None:
        for watch in self._watches.values():
            if isinstance(watch, MailboxWatch) and watch.mailbox == connection and watch.source in self._again:
                self._again[watch.source] = self.clock.now
        self._work()

    def _pass_until(self, end: datetime) -> None:
        while (at := self._next()) is not None and at <= end:
            self.clock.now = at
            self._work()
        self.clock.now = end
        self._work()

    def _next(self) -> datetime | None:
        planned = [*self._again.values(), *filter(None, [self._planned])]
        # What was due and left undone must not stop the clock.
        return max(min(planned), self.clock.now + _TICK) if planned else None

    def _work(self) -> None:
        """Everything that is due now, until nothing is."""
        now = self.clock.now
        for _ in range(1000):
            for source in [source for source, again in self._again.items() if again <= now]:
                self._again[source] = self._sessions[source].go_on()
            self._planned = self.logbook.next_due()
            is_due = self._planned is not None and self._planned <= now
            acted = sum(desk.act(now) for desk in self.desks) if is_due else 0
            if not acted and all(again > now for again in self._again.values()):
                return
        raise AssertionError("the control room does not come to rest")
