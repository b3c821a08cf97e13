"""A night of many incidents, each with a life of its own; whatever happens in it, somebody hears of each that is left."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from random import Random
from textwrap import dedent
from typing import NamedTuple

from tests.scenarios.site import write_site

from vigie.core.client import PLATFORM
from vigie.core.entry import Entry
from vigie.core.escalation import Decision
from vigie.core.incident import Incident
from vigie.core.look import Look
from vigie.core.message import Message, Outbound
from vigie.core.open_step import PROCEDURE, OpenStep
from vigie.core.signal import Signal
from vigie.core.unanswered import WATCH as CALLS
from vigie.tasks.life_rounds import LifeRounds
from vigie.tasks.wording import Wording
from vigie.testing.control_room import ControlRoom

DUSK = datetime(2026, 11, 24, 19, tzinfo=UTC)
TICK = timedelta(minutes=20)
"""All waits of the policies are whole ticks, so that one look at the clock serves many incidents."""

HEARD_WITHIN = timedelta(minutes=60)
"""The longest wait of any policy below: so long after the last sign of people comes the next call."""

STEP_HEARD_WITHIN = HEARD_WITHIN + TICK
"""A step leaves the calling to its incident while that calls, and looks again after its own wait."""

FLUX = '''
    from __future__ import annotations

    from vigie.authoring import KoMail, Respond, flux

    WORDS = {"subject": r"\\\\[KO\\\\] (?P<job>\\\\w+)", "resolves": r"\\\\[OK\\\\] (?P<job>\\\\w+)", "dedup_key": "{job}"}


    @flux(client="nordwind", stream="finance")
    def end_of_day():
        """Everything that mails a KO."""
        for name, respond in {
            "batch": Respond(severity="critical", template="mail_ko", procedure="eod-ko", storm_after=1000),
            "slow": Respond(severity="critical", template="mail_ko", hold="20 min", storm_after=1000),
            "warning": Respond(severity="low", template="mail_ko", page=False),
            "stormy": Respond(severity="high", template="mail_ko"),
        }.items():
            KoMail(
                task_id=name, mailbox="nordwind_ops", sender=f"{name}@nordwind.example", respond=respond,
                **{key: value.replace("\\\\\\\\", "\\\\") for key, value in WORDS.items()},
            )
'''

ROTA = """
    people:
      anna: {name: Anna Weiss, email: anna@vigie.example, slack: U0ANNA, language: en}
      bruno: {name: Bruno Keller, email: bruno@vigie.example, slack: U0BRUNO, language: fr}
      petra: {name: Petra Holm, email: petra@vigie.example, slack: U0PETRA, language: en}
    policies:
      duty:
        steps:
          - {page: [anna], delay: 20 min}
          - {page: [bruno], delay: 20 min}
        repeat: 0
        last_resort: {every: 40 min}
      platform_duty:
        steps:
          - {page: [petra], delay: 20 min}
        repeat: 1
        last_resort: {every: 60 min}
    platform_channel: platform
"""

FILES: dict[str, tuple[str, str]] = {
    "as it was": ("include/rota/team.yaml", ROTA),
    "others on duty": ("include/rota/team.yaml", ROTA.replace("page: [anna]", "page: [petra, bruno]")),
    "another last resort": (
        "include/rota/team.yaml",
        ROTA.replace("{every: 40 min}", "{page: [bruno], every: 20 min}"),
    ),
    "a short patience": (
        "include/rota/team.yaml",
        ROTA.replace("repeat: 0", "repeat: 2\\n        if_unresolved: 20 min"),
    ),
    "no client's policy": ("include/rota/team.yaml", ROTA.replace("  duty:", "  other:")),
    "no platform's policy": ("include/rota/team.yaml", ROTA.replace("  platform_duty:", "  other:")),
    "a rota cut short": ("include/rota/team.yaml", ROTA[: len(ROTA) // 2]),
    "an empty rota": ("include/rota/team.yaml", ""),
    "a client cut short": ("include/clients/nordwind/client.yaml", "name: [\n"),
    "another client's policy": (
        "include/clients/nordwind/client.yaml",
        "name: N\nzone: UTC\nlanguages: [en]\nslack_channel: nordwind\npolicy: platform_duty\n",
    ),
    "a broken template": ("include/templates/mail_ko.md.j2", "{% block subject %}"),
    "a broken procedure": ("include/procedures/nordwind/eod-ko.md", "---\ntitle: ["),
}
"""What authors write in the middle of the night, by what it does."""

PEOPLE = ("anna", "bruno", "petra", "zoe")
"""Zoe stands in no rota."""


class Deed(NamedTuple):
    """What happens to one incident, so many ticks after the deed before it."""

    after: int
    what: str
    who: str = "anna"


DEEDS = (
    "KO", "OK", "flaps", "is taken", "is escalated", "a procedure escalates", "is resolved", "is reopened", "is noted",
    "a step asks", "a step is answered", "a step is asked again",
)  # fmt: skip
WORDS = {"KO": ("KO",), "OK": ("OK",), "flaps": ("KO", "OK", "KO")}
"""What a job says."""

KINDS = ("batch", "slow", "warning")
STATUSES = ("open", "acknowledged", "resolved")

WORLD = (
    *FILES, "the thread dies", "the triggerer dies", "the triggerer restarts", "the mailbox is dark", "the mailbox is back",
    "mail is refused", "mail is taken", "mail is dark", "mail is back", "another desk", "a storm",
)  # fmt: skip


LONGEST = 5
"""Deeds in a life. Each begins with a KO; what has no more is met with silence."""


def plan_of(lives: Sequence[Sequence[Deed]], ticks: int) -> list[list[tuple[int, Deed]]]:
    """What happens at each tick of a night, by the numbers of the jobs; the lives begin one after the other."""
    plan: list[list[tuple[int, Deed]]] = [[] for _ in range(ticks)]
    for number, life in enumerate(lives):
        tick = number % 3
        for deed in (Deed(0, "KO"), *life):
            tick += deed.after
            if tick < ticks:
                plan[tick].append((number, deed))
    return plan


def drawn_lives(random: Random, number: int) -> list[list[Deed]]:
    """So many lives, each another one."""
    return [
        [Deed(random.randint(0, 3), random.choice(DEEDS), random.choice(PEOPLE)) for _ in range(random.randint(0, LONGEST))]
        for _ in range(number)
    ]  # fmt: skip


class Terse(Wording):
    """Says nothing but a mail of some calls: what is said is tried elsewhere, and takes nine tenths of a desk's time."""

    def outbounds(self, incident: Incident, decision: Decision) -> list[Outbound]:
        """One mail for each person of a call, of each hundredth incident."""
        if int(incident.id.partition("-")[2]) % 100:
            return []
        people = [
            name for act in decision.acts if act.what == "page" for name in act.people if name in self._rota.people
        ]
        keys = [(f"page/{decision.pages}/mail/{name}", self._rota.people[name]) for name in people]
        said = Message(subject=incident.title, text="")
        return [self._to(incident, key, "page", person, said) for key, person in keys]


class Night:
    """The control room, and what has happened in it."""

    def __init__(self, room: ControlRoom) -> None:
        self.room = room
        self.told: list[str] = []
        self._numbers = count()

    @property
    def now(self) -> datetime:
        return self.room.clock.now

    @property
    def lives(self) -> int:
        """How many incidents of a client there were, each with a life of its own."""
        found = self.room.logbook.incidents(statuses=STATUSES, limit=10_000)
        return sum(each.client != PLATFORM and each.dedup_key.startswith("JOB_") for each in found)

    def happens(self, deeds: Sequence[tuple[int, Deed]], world: Sequence[str]) -> None:
        """All that happens at one instant: the jobs speak, people press, the world turns, and the desk acts on it all."""
        said = [(number, word) for number, deed in deeds for word in WORDS.get(deed.what, ())]
        signals = tuple(self._signal(number, word) for number, word in said if not mails(number))
        self.room.logbook.record(Look(source="jobs", at=self.now, signals=signals))
        for watch in KINDS:
            subjects = [f"[{word}] JOB_{number}" for number, word in said if mails(number) and kind(number) == watch]
            if subjects:
                self.room.mails_come(subjects, to="nordwind_ops", sender=f"{watch}@nordwind.example")
        known = {each.dedup_key: each for each in self.room.incidents}
        for number, deed in deeds:
            if (about := known.get(f"JOB_{number}")) is not None:
                self._does(deed, about)
        for what in world:
            self._turns(what)
        self.room.clock.advances("1 s")

    def passes(self) -> None:
        """A tick of the clock, and the round at its end."""
        self.room.clock.advances(TICK - timedelta(seconds=1))
        LifeRounds(self.room.logbook, self.room.library, self._tell).walk(self.now)
        self.room.clock.advances("0 s")

    def _signal(self, number: int, word: str) -> Signal:
        """What a mail of the job leads to; to read the mails of all would take most of the time."""
        watch = self.room._watches[f"nordwind.end_of_day.{kind(number)}"]
        job = f"JOB_{number}"
        return watch.signal(
            "trigger" if word == "KO" else "resolve",
            dedup_key=job, key=f"{job}/{next(self._numbers)}", seen_at=self.now, title=f"{job} says {word}",
        )  # fmt: skip

    def _tell(self, subject: str, text: str) -> None:
        self.told.append(f"{subject}: {text}")

    def _does(self, deed: Deed, about: Incident) -> None:
        book, at = self.room.logbook, self.now
        if deed.what == "is taken":
            book.acknowledge(about.id, deed.who, at, "slack")
        elif deed.what == "is escalated":
            book.escalate(about.id, deed.who, at, "web")
        elif deed.what == "a procedure escalates":
            book.escalate(about.id, PROCEDURE, at, "procedure")
        elif deed.what == "is resolved":
            book.resolve(about.id, PROCEDURE if deed.who == "petra" else deed.who, at, "web")
        elif deed.what == "is reopened":
            book.reopen(about.id, deed.who, at, "web")
        elif deed.what == "is noted":
            book.note(about.id, deed.who, at, "I am on it.")
        elif deed.what not in WORDS:
            self._step(deed, about)

    def _step(self, deed: Deed, about: Incident) -> None:
        book, at = self.room.logbook, self.now
        line = Entry(at=at, client=about.client, incident=about.id, kind="procedure.step", actor=PROCEDURE, text="")
        there = book.steps(incident=about.id, status="open")
        if deed.what == "a step is answered" and there:
            book.answer_step(
                there[0], deed.who, at, "Yes", answers={}, entry=line.model_copy(update={"actor": deed.who})
            )
        elif deed.what == "a step asks" or (deed.what == "a step is asked again" and there):
            step = OpenStep(
                client=about.client, incident=about.id, dag_id="procedure.nordwind.eod-ko", run_id=f"{about.id}.1",
                task_id="ask", procedure="eod-ko", title="Is it over?", options=("Yes",), owner=deed.who, opened_at=at,
                next_action_at=at + TICK,
            )  # fmt: skip
            book.open_step(step, line)

    def _turns(self, what: str) -> None:
        room = self.room
        if what in FILES:
            path, text = FILES[what]
            room.site.joinpath(path).write_text(dedent(text).lstrip("\n"), "utf-8")
        elif what == "the thread dies":
            for session in list(room._sessions.values()):
                session.tell_blind("its thread was ended: MemoryError")
            room.triggerer_restarts()
        elif what == "the triggerer dies":
            room.triggerer_dies()
        elif what == "the triggerer restarts":
            room.triggerer_restarts()
        elif what == "the mailbox is dark":
            room.goes_dark("nordwind_ops")
        elif what == "the mailbox is back":
            room.comes_back("nordwind_ops")
        elif what == "mail is refused":
            for name in PEOPLE:
                room.mail_messenger.refuse(f"{name}@vigie.example")
        elif what == "mail is taken":
            for name in PEOPLE:
                room.mail_messenger.accept(f"{name}@vigie.example")
        elif what == "mail is dark":
            room.mail_messenger.go_dark()
        elif what == "mail is back":
            room.mail_messenger.come_back()
        elif what == "another desk":
            room.desks = [room.desk(f"desk at {self.now:%H:%M}")]
        else:
            jobs = [f"[KO] STORM_{number}" for number in range(12)]
            room.mails_come(jobs, to="nordwind_ops", sender="stormy@nordwind.example")

    # What has to hold

    def silent(self) -> list[str]:
        """What would fall silent, or has: nothing, ever."""
        book, now = self.room.logbook, self.now
        found = [f"{each.what}: {each.why}" for each in book.unattended(now)]
        due = book.next_due()
        if due is not None and due <= now:
            found.append(f"the desk has left something undone since {due}")
        incidents = {each.id: each for each in book.incidents(limit=10_000)}
        found += [
            f"{each.id}: nobody has heard of it since {heard(each)}"
            for each in incidents.values()
            if _is_late(each, now)
        ]
        for step in book.steps(status="open", limit=10_000):
            about = incidents.get(step.incident or "")
            last = max(step.paged_at or step.opened_at, step.opened_at, heard(about) if about else step.opened_at)
            if now - last > STEP_HEARD_WITHIN:
                found.append(f"{step.id}: nobody has heard of it since {last}")
        used_up = {each.key for each in book.unanswered()}
        told = [each.dedup_key for each in incidents.values() if (each.client, each.watch) == (PLATFORM, CALLS)]
        if sorted(told) != sorted(used_up):
            found.append(f"the platform was told of {told}, and {used_up} are used up")
        return found + self.told


def kind(number: int) -> str:
    """The watch that hears of a job: most call people, each tenth is a warning."""
    return "warning" if number % 10 == 9 else "slow" if number % 3 == 1 else "batch"


def mails(number: int) -> bool:
    """Whether the job sends mails: each twenty-sixth does."""
    return number % 26 == 0


def heard(incident: Incident) -> datetime:
    """When people last heard of an incident, or showed that they are at work on it."""
    signs = (incident.opened_at, incident.called_at, incident.acknowledged_at, incident.active_at, incident.reopened_at)
    return max(at for at in signs if at is not None)


def _is_late(incident: Incident, now: datetime) -> bool:
    return incident.page and now - heard(incident) > HEARD_WITHIN


@contextmanager
def night(folder: Path, prepared: Path) -> Iterator[Night]:
    """A night that begins; ``prepared`` is the file of a logbook in which nothing stands yet."""
    site = write_site(folder / "site")
    site.joinpath("dags/nordwind/end_of_day.py").write_text(dedent(FLUX).lstrip("\n"), "utf-8")
    site.joinpath("include/rota/team.yaml").write_text(dedent(ROTA).lstrip("\n"), "utf-8")
    shutil.copy(prepared, folder / "logbook.db")
    with ControlRoom(folder, site=site, at=DUSK) as room:
        room.reads("dags/nordwind/end_of_day.py")
        yield Night(room)
