"""The stories of the night, told by the world, Vigie and the people, each checked as it goes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from vigie.core.incident import Incident
from vigie.demo.person import Person
from vigie.demo.sightings import Sightings
from vigie.demo.stage import PRICES, Stage, break_file
from vigie.demo.timeline import Timeline
from vigie.demo.wave_story import WaveStory
from vigie.demo.world import LUMIERE, NORDWIND, PLATFORM, World
from vigie.documents.library import Library
from vigie.logbook.book import Logbook

WMS, BATCH = "wms@maison-lumiere.example", "batch@nordwind.example"
A_WHILE = 45.0
"""Seconds within which Vigie must have acted; the benchmarks say how fast it really is."""

READS = 3.0
"""Seconds in which a person of the demo reads a step before she answers it."""

PATIENCE = 90.0
"""Seconds that the demo gives a person who watches, before somebody of the demo acts instead."""


class Night:
    """The stage, the world and the people of one night. ``alone``: nobody watches, so the demo's people act at once."""

    def __init__(
        self,
        stage: Stage,
        world: World,
        logbook: Logbook,
        people: dict[str, Person],
        timeline: Timeline,
        *,
        alone: bool,
    ) -> None:
        self.stage = stage
        self.world = world
        self.logbook = logbook
        self.people = people
        self.timeline = timeline
        self.library = Library(stage.site)
        self.seen = Sightings(world, logbook, self.library, stage.wave.tokyo.due)
        self.wave = WaveStory(stage.site, stage.wave, world, logbook, self.seen, timeline, self._taken_on_page)
        self._patience = 0.0 if alone else PATIENCE

    def play(self) -> None:
        """All of them: the blind one and the wave beside the first, because they have times of their own."""
        self.wave.begin()
        beside: list[tuple[int, Callable[[], None]]] = [
            (3, self.blind_and_sight_again),
            (2, self.wave.tokyo),
            (6, self.wave.holiday),
            (5, self.wave.paris),
            (2, self.wave.newyork),
        ]
        threads = [threading.Thread(target=self._guarded, args=story, daemon=True) for story in beside]
        for thread in threads:
            thread.start()
        self._guarded(1, self.ko_mail)
        self._guarded(4, self.broken_flux)
        for thread in threads:
            while thread.is_alive() and not self.timeline.stopped.is_set():
                thread.join(0.2)

    def _guarded(self, story: int, tell: Callable[[], None]) -> None:
        try:
            tell()
        except Exception as failed:
            if not self.timeline.stopped.is_set():
                self.timeline.expect(story, f"the story goes on ({type(failed).__name__}: {failed})", lambda: None, 0)
                raise

    def ko_mail(self) -> None:
        """A KO mail, nobody answers, the second person takes it, the procedure, the OK mail."""
        say, expect = self.timeline.say, self.timeline.expect
        say(1, "The warehouse system of Maison Lumière mails: [KO] REPL_EXPORT")
        self.world.mail_comes(LUMIERE, WMS, "[KO] REPL_EXPORT", "REPL_EXPORT stopped: ORA-00054 resource busy\n")
        expect(1, "a message in #maison-lumiere with a button", lambda: self.seen.said(LUMIERE, "REPL_EXPORT"), A_WHILE)
        expect(1, "a mail to Camille, on duty", lambda: self.seen.mailed("camille", "REPL_EXPORT"), A_WHILE)
        waits = self.stage.page_waits.total_seconds()
        say(1, f"Nobody answers ({waits:.0f} s here, 10 minutes at work)")
        expect(
            1, "Bruno, the second person, is paged", lambda: self.seen.mailed("bruno", "REPL_EXPORT"), waits + A_WHILE
        )
        incident = self.seen.incident(LUMIERE, "REPL_EXPORT")
        if incident is None:
            return
        self._taken_in_slack(1, incident, "bruno")
        self._procedure(incident)
        say(1, "The batch runs again and mails: [OK] REPL_EXPORT")
        self.world.mail_comes(LUMIERE, WMS, "[OK] REPL_EXPORT", "REPL_EXPORT finished\n")
        expect(
            1,
            "resolved, told in the same thread",
            lambda: self.seen.in_thread(LUMIERE, incident, "resolved_by"),
            A_WHILE,
        )

    def blind_and_sight_again(self) -> None:
        """A mailbox away: told to the platform, not to the client's procedure; nothing that came meanwhile is lost."""
        say, expect = self.timeline.say, self.timeline.expect
        say(3, "The mailbox of Nordwind cannot be reached any more")
        self.world.gates[NORDWIND].close()
        self.world.mail_comes(NORDWIND, BATCH, "[KO] EOD_POS", "EOD_POS stopped in step 4\n")
        say(3, "Meanwhile a mail comes into it: [KO] EOD_POS")
        expect(3, "blind, told in #platform", lambda: self.seen.said(PLATFORM, "nordwind_ops"), 120 + A_WHILE)
        expect(3, "a mail to Petra, the platform's on-call", lambda: self.seen.mailed("petra", "nordwind_ops"), A_WHILE)
        quiet = not self.world.slack.messages(NORDWIND)
        expect(3, "nothing told to the client's side", lambda: "no message in #nordwind" if quiet else None, 0)
        say(3, "The mailbox is back")
        self.world.gates[NORDWIND].open()
        expect(3, "the mail that came meanwhile is an incident", lambda: self.seen.said(NORDWIND, "EOD_POS"), A_WHILE)
        expect(3, "sight again, told in #platform", lambda: self.seen.resolved_in(PLATFORM, "nordwind_ops"), A_WHILE)
        incident = self.seen.incident(NORDWIND, "EOD_POS")
        self.world.mail_comes(NORDWIND, BATCH, "[OK] EOD_POS", "EOD_POS finished\n")
        if incident:
            expect(
                3, "its OK mail resolves it", lambda: self.seen.in_thread(NORDWIND, incident, "resolved_by"), A_WHILE
            )

    def broken_flux(self) -> None:
        """A flux saved with a syntax error: its watch has stopped, and that is told with file and line."""
        say, expect = self.timeline.say, self.timeline.expect
        path = self.stage.site / PRICES
        say(4, f"Somebody saves {PRICES} with a bracket that is never closed")
        text = break_file(path)
        line = 1 + text[: text.index("KoMail(\n") if "KoMail(\n" in text else 0].count("\n")
        expect(
            4, f"blind, with file and line ({PRICES}:{line})", lambda: self.seen.said(PLATFORM, f"{PRICES}:{line}"), 150
        )
        say(4, "The file is mended")
        path.write_text(text, "utf-8")
        expect(4, "sight again, told in #platform", lambda: self.seen.resolved_in(PLATFORM, PRICES), 150)

    def _answered(self, person: Person, dag_id: str, run_id: str, task: str) -> bool:
        """Wait for the person who watches to answer; alone, only as long as it takes to read."""
        if not self._patience:
            self.timeline.stopped.wait(READS)
            return False
        self.timeline.say(1, f"Your turn: answer it in Airflow ({run_id} of {dag_id}, Required Actions).", bold=True)
        return self.timeline.waited(
            lambda: task not in {each["task_instance"]["task_id"] for each in person.questions(dag_id, run_id)},
            self._patience,
        )

    def _taken_in_slack(self, story: int, incident: Incident, who: str) -> None:
        if not self._somebody(story, incident, f"press {self.seen.take(incident)} in Slack ({self.world.slack.url})"):
            message = self.seen.root(incident)
            answer = self.world.slack.press(message, "acknowledge", who) if message else {}
            self.timeline.say(
                story,
                f"{who.capitalize()} presses {self.seen.take(incident)} in Slack ({answer.get('status', 'no message')})",
            )
        self._expect_taken(story, incident)

    def _taken_on_page(self, story: int, incident: Incident, who: str) -> None:
        if not self._somebody(story, incident, f"press Take it at {incident.id} on the incidents page in Airflow"):
            status = self.people[who].take_on_page(incident.id)
            self.timeline.say(story, f"{who.capitalize()} presses Take it on the incidents page ({status})")
        self._expect_taken(story, incident)

    def _expect_taken(self, story: int, incident: Incident) -> None:
        channel = self.seen.channel(incident)
        self.timeline.expect(
            story, "taken, told in the thread", lambda: self.seen.in_thread(channel, incident, "taken"), A_WHILE
        )

    def _somebody(self, story: int, incident: Incident, what: str) -> bool:
        """Wait for the person who watches; true if she acted."""
        if not self._patience:
            return False
        self.timeline.say(
            story, f"Your turn: {what}. In {self._patience:.0f} s somebody of the demo does it.", bold=True
        )
        return self.timeline.waited(lambda: self.seen.status(incident) != "open", self._patience)

    def _procedure(self, incident: Incident) -> None:
        """Follow the procedure to its end: the first answer of each question, *Done* where there is none."""
        dag_id, run_id = f"procedure.{incident.client}.{incident.procedure}", f"{incident.id}.1"
        person = self.people["bruno"]
        sent = "a message of the procedure to the client"
        if not self.timeline.expect(
            1, "its procedure asks its first question", lambda: self._asked(person, dag_id, run_id), A_WHILE
        ):
            return
        for _ in range(12):
            open_questions = person.questions(dag_id, run_id)
            for question in open_questions:
                asked = question["task_instance"]["task_id"]
                if self._answered(person, dag_id, run_id, asked):
                    continue
                self.timeline.say(1, f"Bruno answers '{question['subject']}': {question['options'][0]}")
                person.answer(question, question["options"][0])
            if self.seen.client_mailed(incident):
                break
            if not self.timeline.waited(
                lambda: bool(person.questions(dag_id, run_id)) or bool(self.seen.client_mailed(incident)), A_WHILE
            ):
                break
        self.timeline.expect(1, sent, lambda: self.seen.client_mailed(incident), A_WHILE)

    def _asked(self, person: Person, dag_id: str, run_id: str) -> str | None:
        questions = person.questions(dag_id, run_id)
        return f"'{questions[0]['subject']}'" if questions else None


def show_places(timeline: Timeline, pages: str, world: World, people: dict[str, str], logs: Path) -> None:
    """Where to look, and how to sign in."""
    timeline.say(0, f"Airflow:        {pages}")
    timeline.say(0, f"Incidents:      {pages}/vigie/incidents")
    timeline.say(0, f"Slack stand-in: {world.slack.url}   (mail: {world.slack.url}/mails)")
    timeline.say(0, "Sign in as:     " + ", ".join(f"{name} / {word}" for name, word in people.items()))
    timeline.say(0, f"Logs:           {logs}")
