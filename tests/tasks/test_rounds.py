"""Who watches the watchman."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from tests.tasks.airflow_stand_in import AirflowStandIn, airflow_stand_in
from tests.tasks.samples import NOW, mail_watch

from vigie.core.escalation import Decision
from vigie.core.incident import Incident
from vigie.core.look import Look
from vigie.core.message import Message, Outbound
from vigie.core.sight import blind
from vigie.core.signal import Signal, platform_signal
from vigie.core.watch import MailWatch
from vigie.logbook.book import Logbook
from vigie.tasks.airflow_api import AirflowApi
from vigie.tasks.look_round import states
from vigie.tasks.rounds import Rounds

DAGS = Path("/site/dags")
TRACE = """Traceback (most recent call last):
  File "/usr/lib/python3.11/importlib/__init__.py", line 126, in import_module
    return _bootstrap._gcd_import(name[level:], package, level)
  File "/site/dags/nordwind/end_of_day.py", line 14
    KoMail(
          ^
SyntaxError: '(' was never closed
"""
ONE, OTHER = mail_watch("one"), mail_watch("other", flux="stock_interface")
MINUTE = timedelta(minutes=1)
OWN = ("duty.desk", "duty.mail_desk", "duty.rounds")
PROCEDURES = ("procedure.nordwind.disk-full", "procedure.nordwind.eod-pos-ko")


class Round:
    """The rounds, and what they ask, find and tell."""

    def __init__(self, book: Logbook, airflow: AirflowStandIn) -> None:
        self.book = book
        self.airflow = airflow
        self.told: list[tuple[str, str]] = []
        airflow.paused = dict.fromkeys(("nordwind.end_of_day", "nordwind.stock_interface", *OWN), False)
        airflow.tasks = {"nordwind.end_of_day": {"one"}, "nordwind.stock_interface": {"other"}}
        self.api = AirflowApi(airflow.connection())

    def watches_look(self, *watches: MailWatch, minute: float = 0) -> None:
        at = NOW + minute * MINUTE
        for watch in watches:
            seen = states({watch.id: watch}, watch.source, at, at + timedelta(seconds=150))
            self.book.record(Look(source=watch.source, at=at, states=seen))

    def walk(self, minute: float = 0, *procedures: str) -> list[str]:
        rounds = Rounds(self.book, self.api, DAGS, lambda *said: self.told.append(said), procedures)
        return [trouble.title for trouble in rounds.walk(NOW + minute * MINUTE)]

    def desk_is_well(self, minute: float = 0) -> bool:
        return Rounds(self.book, self.api, DAGS, lambda *said: None).desk_is_well(NOW + minute * MINUTE)

    @property
    def sights(self) -> dict[str, str]:
        return {state.watch.rpartition(".")[2]: state.sight for state in self.book.watch_states()}

    def incidents(self, status: str = "open") -> list[Incident]:
        return self.book.incidents(statuses=(status,), client="platform")


@pytest.fixture
def round_(book: Logbook) -> Iterator[Round]:
    with airflow_stand_in() as airflow:
        made = Round(book, airflow)
        yield made
        made.api.close()


def test_all_is_well(round_: Round) -> None:
    round_.watches_look(ONE, OTHER)
    round_.book.beat("desk", NOW)
    assert round_.walk() == []
    assert round_.incidents() == []
    assert round_.told == []
    assert round_.book.beats()["rounds"] == NOW


def test_a_file_with_a_syntax_error_is_blind_with_file_and_line(round_: Round) -> None:
    round_.watches_look(ONE, OTHER)
    round_.airflow.broken = [("nordwind/end_of_day.py", TRACE)]
    title = "Blind: dags/nordwind/end_of_day.py:14 does not load, its watches have stopped"
    assert round_.walk(1) == [title]

    (incident,) = round_.incidents()
    assert (incident.title, incident.template, incident.audience) == (title, "flux_broken", "platform")
    assert incident.facts["reason"] == "SyntaxError: '(' was never closed"
    assert incident.facts["watches"] == ["nordwind.end_of_day.one"]
    assert round_.sights == {"one": "broken", "other": "watching"}


def test_it_is_one_incident_until_the_file_loads_again(round_: Round) -> None:
    round_.watches_look(ONE, OTHER)
    round_.airflow.broken = [("nordwind/end_of_day.py", TRACE)]
    for minute in range(1, 4):
        round_.watches_look(OTHER, minute=minute)
        round_.walk(minute)
    round_.airflow.broken = [("nordwind/end_of_day.py", TRACE.replace("line 14", "line 20"))]
    round_.watches_look(OTHER, minute=4)
    round_.walk(4)
    (incident,) = round_.incidents()
    assert incident.title == "Blind: dags/nordwind/end_of_day.py:20 does not load, its watches have stopped"
    assert (incident.count, incident.facts["since"]) == (1, "01:01 UTC")

    round_.airflow.broken = []
    round_.watches_look(ONE, OTHER, minute=5)
    assert round_.walk(5) == []
    assert round_.incidents() == []
    assert [each.id for each in round_.incidents("resolved")] == [incident.id]


def test_a_path_that_airflow_gives_whole_is_the_same_file(round_: Round) -> None:
    round_.watches_look(ONE)
    round_.airflow.broken = [("/site/dags/nordwind/end_of_day.py", TRACE)]
    round_.walk()
    assert round_.incidents()[0].facts["source"] == "dags/nordwind/end_of_day.py:14"


def test_a_file_that_is_broken_stays_so_while_airflow_cannot_be_asked(round_: Round) -> None:
    round_.watches_look(ONE, OTHER)
    round_.airflow.broken = [("nordwind/end_of_day.py", TRACE)]
    round_.walk(1)
    round_.airflow.status = 500
    round_.watches_look(OTHER, minute=9)

    assert round_.walk(10) == ["Blind: Airflow cannot be asked"]
    assert sorted(each.dedup_key for each in round_.incidents()) == ["api", "broken"]

    round_.airflow.status = 200
    round_.walk(11)
    assert [each.dedup_key for each in round_.incidents()] == ["broken"]


def test_a_paused_flux_is_shown_and_nobody_is_woken(round_: Round) -> None:
    round_.watches_look(ONE, OTHER)
    round_.airflow.paused["nordwind.end_of_day"] = True
    round_.watches_look(OTHER, minute=9)
    assert round_.walk(10) == []
    assert round_.sights == {"one": "paused", "other": "watching"}

    round_.airflow.status = 500
    assert "not look" not in " ".join(round_.walk(11))


def test_a_flux_that_is_gone_is_shown(round_: Round) -> None:
    round_.watches_look(ONE, OTHER)
    del round_.airflow.paused["nordwind.end_of_day"]
    round_.watches_look(OTHER, minute=9)
    assert round_.walk(10) == []
    assert round_.sights["one"] == "gone"


def test_a_watch_that_its_author_took_out_is_gone_and_asked_for_once(round_: Round) -> None:
    round_.watches_look(ONE, OTHER)
    round_.airflow.tasks["nordwind.end_of_day"] = {"another"}
    for minute in (9, 10, 11):
        round_.watches_look(OTHER, minute=minute)
        assert round_.walk(minute) == []
    assert round_.sights == {"one": "gone", "other": "watching"}
    assert round_.airflow.asked.count("/api/v2/dags/nordwind.end_of_day/tasks/one") == 1


def test_watches_that_should_look_and_do_not_until_they_do(round_: Round) -> None:
    round_.watches_look(ONE, OTHER)
    assert round_.walk(2.5) == []
    assert round_.walk(2.6) == ["Blind: 2 watches do not look"]
    (incident,) = round_.incidents()
    assert incident.facts["watches"] == ["nordwind.end_of_day.one", "nordwind.stock_interface.other"]

    round_.watches_look(ONE, minute=3)
    assert round_.walk(3) == ["Blind: 1 watches do not look"]
    assert [each.title for each in round_.incidents()] == ["Blind: 1 watches do not look"]
    round_.watches_look(OTHER, minute=4)
    assert round_.walk(4) == []
    assert [each.status for each in round_.incidents("resolved")] == ["resolved"]


def test_a_blind_watch_has_its_own_incident_and_is_not_counted(round_: Round) -> None:
    (seen,) = states({ONE.id: ONE}, ONE.source, NOW, NOW + MINUTE)
    dark = seen.model_copy(update={"sight": "blind", "looked_at": None, "look_by": None})
    signal = blind(ONE.source, "no answer", (ONE.id,), NOW, NOW)
    round_.book.record(Look(source=ONE.source, at=NOW, states=(dark,), signals=(signal,)))
    assert round_.walk(30) == []
    assert len(round_.incidents()) == 1


def test_the_blindness_of_a_source_that_nobody_is_to_watch_any_more_ends(round_: Round) -> None:
    test_a_blind_watch_has_its_own_incident_and_is_not_counted(round_)
    round_.airflow.paused["nordwind.end_of_day"] = True
    round_.walk(31)
    (ended,) = round_.incidents("resolved")
    assert round_.incidents() == []
    (entry,) = round_.book.entries(incident=ended.id, kind_prefix="incident.resolved")
    assert entry.text == "Nobody watches nordwind_ops/INBOX any more"


def test_an_airflow_that_cannot_be_asked_is_blind_and_resolved(round_: Round) -> None:
    round_.airflow.status = 503
    assert round_.walk() == ["Blind: Airflow cannot be asked"]
    assert round_.incidents()[0].facts["reason"] == "Airflow answers 503 to /api/v2/dags"
    round_.airflow.status = 200
    round_.walk(1)
    assert round_.incidents() == []


def _ko(book: Logbook) -> None:
    signal = Signal(
        event="trigger",
        client="nordwind",
        flux="end_of_day",
        watch=ONE.id,
        dedup_key="EOD",
        key="mail|1",
        seen_at=NOW,
        title="[KO] EOD",
    )
    book.record(Look(source=ONE.source, at=NOW, signals=(signal,)))


def test_a_desk_that_gives_no_sign_of_life_is_told_by_mail_once_in_ten_minutes(round_: Round) -> None:
    round_.book.beat("desk", NOW)
    round_.walk(1)
    assert round_.told == []
    for minute in range(2, 14):
        round_.walk(minute)
    assert (
        round_.told
        == [
            (
                "Vigie: the desk does not act",
                "The desk gives no sign of life. Nobody is paged until it acts again.",
            )
        ]
        * 2
    )
    assert len(round_.book.entries(kind_prefix="desk.silent")) == 2
    assert not round_.desk_is_well(13)

    round_.book.beat("desk", NOW + 13 * MINUTE)
    assert round_.desk_is_well(13)


def test_a_desk_that_lives_and_leaves_something_undone(round_: Round) -> None:
    _ko(round_.book)
    round_.book.beat("desk", NOW + 5 * MINUTE)
    round_.walk(5)
    assert round_.told[0][1] == (
        "The desk has left something undone since 01:00:00 UTC. Nobody is paged until it acts again."
    )


def test_a_desk_that_puts_an_incident_off_again_and_again(round_: Round) -> None:
    _ko(round_.book)
    (incident,) = round_.book.incidents()
    round_.book.put_off(incident, NOW + 6 * MINUTE)
    round_.book.beat("desk", NOW + 5 * MINUTE)
    assert not round_.desk_is_well(5)
    round_.walk(5)
    assert len(round_.told) == 1


def test_calls_to_the_platform_that_reach_nobody_are_told_directly(round_: Round) -> None:
    round_.watches_look(ONE, OTHER)
    book = round_.book
    title = "Slack: messages are not going out"
    trouble = platform_signal(
        "trigger", flux="messages", watch="slack", dedup_key="away", key="k", seen_at=NOW, title=title
    )
    book.record(Look(source="outbox", at=NOW, signals=(trouble,)))
    (incident,) = round_.incidents()
    calls = [
        Outbound(
            key=f"{incident.id}/page/1/{channel}", incident=incident.id, client="platform", channel=channel, purpose="page",
            recipient=channel, message=Message(subject="s", text="t"), next_action_at=NOW,
        )
        for channel in ("slack", "mail")
    ]  # fmt: skip
    assert book.decide(incident, Decision(1, NOW + 60 * MINUTE, (), "page 1"), calls, at=NOW)
    for call in calls:
        book.claim(call.key, "desk", NOW)
        book.retry(call.key, NOW + 30 * MINUTE, f"{call.channel}: no answer", hindered=("away", NOW))

    for minute in (1, 3, 4, 12, 14):
        book.beat("desk", NOW + minute * MINUTE)
        round_.watches_look(ONE, OTHER, minute=minute)
        round_.walk(minute)
    said = (
        "Vigie: calls to the platform reach nobody",
        f"Not delivered to anybody:\n- {incident.id} {title} (mail: no answer)",
    )
    assert round_.told == [said, said]
    assert not round_.desk_is_well(14)

    book.claim(calls[1].key, "desk", NOW + 30 * MINUTE)
    book.sent(calls[1].key, "<1@x>", NOW + 30 * MINUTE)
    book.beat("desk", NOW + 31 * MINUTE)
    round_.walk(31)
    assert len(round_.told) == 2


def _walk_quietly(round_: Round, *minutes: float) -> None:
    for minute in minutes:
        round_.watches_look(ONE, OTHER, minute=minute)
        round_.book.beat("desk", NOW + minute * MINUTE)
        assert round_.walk(minute, *PROCEDURES) == []


@pytest.fixture
def settled(round_: Round) -> Round:
    """Rounds that have been walked for a while, on a site with two procedures."""
    round_.airflow.paused |= dict.fromkeys(PROCEDURES, False)
    _walk_quietly(round_, 0, 1, 2, 3)
    return round_


@pytest.mark.parametrize(
    ("dag_id", "without"),
    [
        ("duty.desk", "nobody is called and no message leaves"),
        ("duty.mail_desk", "mail that no rule claims is not shown, and returned mail is not seen"),
        ("duty.rounds", "nobody checks whether Vigie itself works"),
    ],
)
def test_a_dag_of_vigies_own_that_is_paused_or_gone_is_told_at_the_next_round(
    settled: Round, dag_id: str, without: str
) -> None:
    settled.airflow.paused[dag_id] = True
    settled.watches_look(ONE, OTHER, minute=4)
    assert settled.walk(4, *PROCEDURES) == [f"{dag_id} is paused in Airflow: {without}"]
    (incident,) = settled.incidents()
    assert (incident.audience, incident.severity, incident.page) == ("platform", "critical", True)

    del settled.airflow.paused[dag_id]
    settled.watches_look(ONE, OTHER, minute=5)
    assert settled.walk(5, *PROCEDURES) == [f"{dag_id} is not loaded: {without}"]
    (incident,) = settled.incidents()
    assert incident.facts["reason"] == f"Airflow has no DAG {dag_id}; is the bundle 'vigie' configured?"

    settled.airflow.paused[dag_id] = False
    _walk_quietly(settled, 6)
    assert settled.incidents() == []


def test_a_desk_that_somebody_elses_file_makes_is_told(settled: Round) -> None:
    settled.airflow.homes["duty.desk"] = ("dags-folder", "duty.py")
    settled.watches_look(ONE, OTHER, minute=4)
    assert settled.walk(4, *PROCEDURES) == ["duty.desk is not Vigie's own: it comes from duty.py"]
    (incident,) = settled.incidents()
    assert incident.facts["reason"] == (
        "dags-folder/duty.py has a DAG of this name, which comes with Vigie; remove it there"
    )


def test_procedures_that_are_not_loaded_are_told(settled: Round) -> None:
    for name in PROCEDURES:
        del settled.airflow.paused[name]
    settled.watches_look(ONE, OTHER, minute=4)
    assert settled.walk(4, *PROCEDURES) == [
        "The procedure procedure.nordwind.disk-full and 1 more is not loaded: it is followed on its page"
    ]


def test_in_the_first_minutes_airflow_may_not_have_read_every_file(round_: Round) -> None:
    round_.airflow.paused = {"duty.desk": False, "duty.rounds": False}
    for minute in (0, 1, 1.9):
        round_.book.beat("desk", NOW + minute * MINUTE)
        assert round_.walk(minute, *PROCEDURES) == []
    assert len(round_.walk(2, *PROCEDURES)) == 3  # the mail desk, the procedures, and no flux


def test_a_site_without_a_flux_is_told(settled: Round, tmp_path: Path) -> None:
    for name in ("nordwind.end_of_day", "nordwind.stock_interface"):
        del settled.airflow.paused[name]
    assert settled.walk(4, *PROCEDURES) == ["Nothing is being watched: no flux is loaded"]
    assert settled.incidents()[0].facts["reason"] == f"there is no folder {DAGS}"

    empty = Rounds(settled.book, settled.api, tmp_path, lambda *said: None, PROCEDURES)
    assert [trouble.facts["reason"] for trouble in empty.walk(NOW + 5 * MINUTE)] == [
        f"{tmp_path} has no flux that loads"
    ]


def test_a_file_of_vigies_own_that_does_not_load_is_shown_as_ours(settled: Round) -> None:
    settled.airflow.broken = [("mail_desk.py", TRACE)]
    settled.airflow.homes["mail_desk.py"] = ("vigie", "mail_desk.py")
    settled.watches_look(ONE, OTHER, minute=4)
    assert settled.walk(4, *PROCEDURES) == ["Blind: vigie/dags/mail_desk.py does not load, its watches have stopped"]


def test_a_desk_that_never_gave_a_sign_of_life_is_told_and_the_heartbeat_is_withheld(round_: Round) -> None:
    assert not round_.desk_is_well(0)
    for minute in (0, 1, 2):
        round_.watches_look(ONE, OTHER, minute=minute)
        round_.walk(minute)
    assert round_.told == [
        ("Vigie: the desk does not act", "The desk gives no sign of life. Nobody is paged until it acts again.")
    ]
    assert not round_.desk_is_well(2)


@pytest.mark.parametrize(
    ("state", "why"), [(True, "duty.desk is paused in Airflow"), (None, "Airflow has no DAG duty.desk")]
)
def test_a_silent_desk_is_told_with_its_reason(round_: Round, state: bool | None, why: str) -> None:
    round_.airflow.paused.pop("duty.desk")
    if state is not None:
        round_.airflow.paused["duty.desk"] = state
    for minute in (0, 1, 2):
        round_.walk(minute)
    assert round_.told[0][1] == f"The desk gives no sign of life: {why}. Nobody is paged until it acts again."


def test_an_installation_that_was_off_for_a_night_is_not_called_silent_when_it_begins_again(round_: Round) -> None:
    round_.book.beat("desk", NOW)
    round_.walk(0)
    round_.watches_look(ONE, OTHER, minute=600)
    round_.walk(600)
    assert round_.told == []


@pytest.mark.parametrize("place", [f"{ONE.source}:outbound", ONE.id])
def test_a_folder_or_a_watch_that_is_blind_stays_so_while_its_watch_is_there(round_: Round, place: str) -> None:
    """The rounds took each for a source that nobody watches, and ended its incident within a minute, for ever."""
    round_.watches_look(ONE, OTHER)
    round_.book.record(Look(source=ONE.source, at=NOW, signals=(blind(place, "denied", (ONE.id,), NOW, NOW),)))
    round_.walk(1)
    round_.watches_look(ONE, OTHER, minute=2)
    round_.walk(2)
    assert [each.watch for each in round_.incidents()] == [place]

    round_.airflow.tasks["nordwind.end_of_day"] = set()
    round_.watches_look(OTHER, minute=9)
    round_.walk(9)
    assert round_.incidents() == []
    (ended,) = round_.incidents("resolved")
    assert ended.watch == place
