"""The round of a file server."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from tests.tasks.samples import file_watch, mail_watch

from vigie.core.business_calendar import WEEKDAYS, Calendar, Days
from vigie.core.errors import InvalidDocument, TransportError
from vigie.core.file_watch import FileWatch
from vigie.core.look import Look
from vigie.core.site import Site
from vigie.core.working_days import EVERY_DAY, WorkingDays
from vigie.logbook.book import Logbook
from vigie.tasks.file_round import FileRound
from vigie.testing.clock import HandClock
from vigie.testing.memory_drop_zone import MemoryDropZone

WATCH = file_watch()
OPENS = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)  # 00:00 of 24 November in Tokyo
DEADLINE = datetime(2026, 11, 23, 21, 10, tzinfo=UTC)  # 06:10


class Rounds:
    """A round, its server, its table of sites and its logbook."""

    def __init__(
        self,
        book: Logbook,
        sites: int = 3,
        *,
        at_once: bool = False,
        days: WorkingDays | None = EVERY_DAY,
        watch: FileWatch = WATCH,
        now: datetime = OPENS,
    ) -> None:
        self.server = MemoryDropZone()
        self.server.make_folder("outbound")
        self.book = book
        self.sites = [_site(number) for number in range(sites)]
        self.clock = HandClock(now)
        self.connected = 0
        self.days = days
        self.round = FileRound(
            "maison_lumiere_wms",
            self._connect,
            book,
            lambda client, table: tuple(self.sites),
            days=self._days,
            at_once=at_once,
            clock=self.clock,
        )
        self.round.join(watch)

    def _days(self, _: FileWatch) -> WorkingDays:
        if self.days is None:
            raise InvalidDocument
        return self.days

    def _connect(self) -> MemoryDropZone:
        self.connected += 1
        return self.server

    def put(self, number: int, at: datetime, size: int = 10) -> None:
        self.server.put(f"outbound/REPL_TYO-{number}_20261124.csv", size, at)

    def rename(self, number: int, to: str, at: datetime) -> None:
        """The file of a site, under a name that fits the pattern and is nobody's."""
        self.server.put(f"outbound/REPL_{to}_20261124.csv", 10, at)
        self.server.remove(f"outbound/REPL_TYO-{number}_20261124.csv")

    def look(self, at: datetime) -> Look:
        look, self.again = self.round.look(at)
        self.book.record(look)
        self.round.recorded(look)
        return look

    @property
    def ended(self) -> dict[str, str]:
        found = self.book.occurrences(WATCH.id, since=datetime(2026, 11, 24, tzinfo=UTC).date())
        return {each.site: each.status for each in found}


def _site(number: int) -> Site:
    return Site(code=f"TYO-{number}", zone="Asia/Tokyo", country="JP", attributes={"warehouse": "tokyo"})


def test_one_listing_per_folder_whatever_the_number_of_sites(book: Logbook) -> None:
    rounds = Rounds(book, sites=200)
    rounds.look(OPENS)
    rounds.look(OPENS + timedelta(minutes=5))
    assert rounds.server.listings == ["outbound", "outbound"]
    assert rounds.connected == 1
    assert set(rounds.ended.values()) == {"pending"}


def test_nothing_expected_nothing_listed(book: Logbook) -> None:
    rounds = Rounds(book)
    look = rounds.look(OPENS - timedelta(minutes=1))
    assert rounds.server.listings == []
    assert {each.status for each in look.occurrences} == {"waived"}  # the mornings before
    assert len(look.states) == 1


def test_a_weekly_file_that_was_due_while_nobody_looked_is_missing_if_it_was_ever_watched(book: Logbook) -> None:
    """Its last one is a week ago, a monthly one's a month: the watch remembers that it has looked for it before."""
    for days, before in ((["tue"], timedelta(days=7)), ([24], timedelta(days=31))):
        rule = file_watch(days=days, task_id=f"files_{days[0]}")
        first = Rounds(book, watch=rule)
        first.look(OPENS - before)
        first.look(DEADLINE - before + timedelta(minutes=1))
        again = Rounds(book, watch=rule)
        again.look(DEADLINE + timedelta(minutes=1))
        ends = [(each.when, each.status) for each in book.occurrences(rule.id, since=date(2026, 10, 1))]
        assert {status for when, status in ends if when == "2026-11-24"} == {"missing"}, days
        assert len(ends) == 6


@pytest.mark.parametrize("restarted", [False, True])
def test_a_file_that_comes_after_a_long_weekend_ends_the_incident_of_its_whole_set(
    book: Logbook, restarted: bool
) -> None:
    rounds = Rounds(book)
    rounds.look(OPENS)
    rounds.put(0, OPENS + timedelta(minutes=1))
    for at in (OPENS + timedelta(minutes=1), OPENS + timedelta(minutes=2), DEADLINE + timedelta(seconds=1)):
        rounds.look(at)
    monday = DEADLINE + timedelta(days=3, hours=2)
    if restarted:
        again = Rounds(book, now=monday)
        again.server, rounds = rounds.server, again
    said = []
    for number, later in ((1, timedelta(0)), (2, timedelta(hours=1))):
        rounds.put(number, monday + later)
        for seconds in (0, 31):
            said += rounds.look(monday + later + timedelta(seconds=seconds)).signals
    titles = [signal.title for signal in said if "2026-11-24" in signal.dedup_key]
    assert titles == ["1 of 3 files missing (warehouse=tokyo)", "All files are there (warehouse=tokyo)"]
    ends = book.occurrences(WATCH.id, since=date(2026, 11, 24))
    assert {each.site: each.status for each in ends if each.when == "2026-11-24"} == {
        "TYO-0": "on_time", "TYO-1": "late", "TYO-2": "late",
    }  # fmt: skip


def test_after_a_week_nobody_looks_for_it_any_more(book: Logbook) -> None:
    rounds = Rounds(book)
    for at in (OPENS, DEADLINE + timedelta(seconds=1), DEADLINE + timedelta(days=7, seconds=1)):
        rounds.look(at)
    rounds.put(1, DEADLINE + timedelta(days=7, seconds=2))
    for seconds in (3, 40):
        rounds.look(DEADLINE + timedelta(days=7, seconds=seconds))
    (one,) = [each for each in book.occurrences(WATCH.id, since=date(2026, 11, 24))
              if (each.site, each.when) == ("TYO-1", "2026-11-24")]  # fmt: skip
    assert one.status == "missing"


def test_what_was_due_before_the_first_look_is_waived_and_not_missing(book: Logbook) -> None:
    rounds = Rounds(book)
    look = rounds.look(DEADLINE + timedelta(minutes=1))
    assert look.signals == ()
    assert set(rounds.ended.values()) == {"waived"}


def test_a_store_that_opens_tomorrow_is_not_missed_today(book: Logbook) -> None:
    rounds = Rounds(book, sites=1)
    rounds.look(OPENS)
    rounds.put(0, OPENS)
    rounds.look(OPENS + timedelta(minutes=1))
    rounds.look(OPENS + timedelta(minutes=2))
    rounds.sites.append(_site(1))
    look = rounds.look(DEADLINE + timedelta(minutes=1))
    assert look.signals == ()
    assert rounds.ended == {"TYO-0": "on_time", "TYO-1": "waived"}


def test_a_file_counts_when_it_was_seen_unchanged_for_so_long(book: Logbook) -> None:
    rounds = Rounds(book, sites=1)
    rounds.look(OPENS)
    rounds.put(0, OPENS)  # by its own time it is old: we look with our own eyes
    seen = OPENS + timedelta(hours=1)
    rounds.look(seen)
    assert rounds.ended == {"TYO-0": "pending"}
    rounds.put(0, OPENS, size=11)
    rounds.look(seen + timedelta(seconds=31))
    assert rounds.ended == {"TYO-0": "pending"}
    rounds.look(seen + timedelta(seconds=61))
    assert rounds.ended == {"TYO-0": "on_time"}


def test_an_audit_sees_a_folder_once_and_trusts_the_servers_time(book: Logbook) -> None:
    rounds = Rounds(book, sites=1, at_once=True)
    rounds.put(0, OPENS)
    rounds.look(OPENS + timedelta(minutes=1))
    assert rounds.ended == {"TYO-0": "on_time"}


def test_a_file_too_small_has_not_arrived(book: Logbook) -> None:
    rounds = Rounds(book, sites=1)
    rounds.look(OPENS)
    rounds.put(0, OPENS, size=0)
    rounds.look(OPENS + timedelta(minutes=1))
    rounds.look(OPENS + timedelta(minutes=2))
    assert rounds.ended == {"TYO-0": "pending"}


def test_after_the_deadline_one_signal_for_the_group(book: Logbook) -> None:
    rounds = Rounds(book)
    rounds.look(OPENS)
    late = DEADLINE + timedelta(seconds=1)
    (signal,) = rounds.look(late).signals
    assert (signal.event, signal.title) == ("trigger", "3 of 3 files missing (warehouse=tokyo)")
    assert signal.facts["missing"][0] == {
        "site": "TYO-0",
        "name": "",
        "path": "outbound/REPL_TYO-0_20261124.csv",
        "due": "06:00",
    }
    assert rounds.look(late + timedelta(seconds=2)).signals == ()


def test_it_looks_more_often_near_the_deadline(book: Logbook) -> None:
    rounds = Rounds(book)
    pauses = []
    for before in (timedelta(hours=5), timedelta(minutes=10), timedelta(seconds=5)):
        rounds.look(DEADLINE - before)
        pauses.append((rounds.again - (DEADLINE - before)).total_seconds())
    assert pauses == [300, 60, 2]


def test_a_name_with_a_newline_is_a_name(book: Logbook) -> None:
    rounds = Rounds(book, sites=1)
    rounds.server.put("outbound/REPL_TYO-0_20261124.csv\nREPL", 10, OPENS)
    rounds.server.put("outbound/\ud800\x00", 10, OPENS)
    rounds.look(OPENS)
    assert rounds.ended == {"TYO-0": "pending"}


def test_a_folder_that_is_absent_is_said_once_until_it_was_there(book: Logbook) -> None:
    rounds = Rounds(book)
    rounds.server.remove("outbound")
    said = []
    for minute in range(4):
        if minute == 2:
            rounds.server.make_folder("outbound")
        if minute == 3:
            rounds.server.remove("outbound")
        entries = rounds.look(OPENS + timedelta(minutes=minute)).entries
        said.append("folder.absent" in {entry.kind for entry in entries})
    assert said == [True, False, False, True]


def test_a_failure_closes_the_connection(book: Logbook) -> None:
    rounds = Rounds(book)
    rounds.look(OPENS)
    rounds.server.go_dark()
    with pytest.raises(TransportError):
        rounds.round.look(OPENS)
    assert rounds.server.closed
    rounds.server.come_back()
    rounds.look(OPENS)
    assert rounds.connected == 2


def test_it_goes_on_from_the_logbook(book: Logbook) -> None:
    first = Rounds(book)
    first.look(OPENS)
    first.look(DEADLINE + timedelta(seconds=1))
    assert len(book.incidents()) == 1

    second = Rounds(book)
    second.clock.now = DEADLINE + timedelta(seconds=2)
    second.round.join(WATCH)
    assert second.look(DEADLINE + timedelta(seconds=3)).signals == ()
    for number in range(3):
        second.put(number, DEADLINE + timedelta(minutes=1))
    second.look(DEADLINE + timedelta(minutes=2))
    (signal,) = second.look(DEADLINE + timedelta(minutes=3)).signals
    assert (signal.event, signal.title) == ("resolve", "All files are there (warehouse=tokyo)")
    assert set(second.ended.values()) == {"late"}


def kinds(look: Look, prefix: str) -> list[str]:
    return [entry.text for entry in look.entries if entry.kind.startswith(prefix)]


# --- files that nobody expects ---------------------------------------------------------------------------------


def test_a_file_under_a_wrong_name_is_told_once_and_named_with_what_is_missing(book: Logbook) -> None:
    rounds = Rounds(book)
    rounds.look(OPENS)
    for number in range(3):
        rounds.put(number, OPENS)
    rounds.rename(1, "TYO-I", OPENS)
    told = "outbound/REPL_TYO-I_20261124.csv: unexpected, no site of 'stores' has the code 'TYO-I'"
    assert kinds(rounds.look(OPENS + timedelta(minutes=1)), "occurrence.unexpected") == [told]
    assert kinds(rounds.look(OPENS + timedelta(minutes=2)), "occurrence.unexpected") == []
    (signal,) = rounds.look(DEADLINE + timedelta(seconds=1)).signals
    assert signal.title == "1 of 3 files missing (warehouse=tokyo)"
    assert signal.facts["unexpected"] == ["outbound/REPL_TYO-I_20261124.csv"]


def _found(look: Look) -> list[tuple[str, str]]:
    (signal,) = look.signals
    return [(each["path"], each["what"]) for each in signal.facts["found"]]  # type: ignore[union-attr, index, call-overload, misc]


def test_the_right_name_one_folder_too_high_is_named_in_the_incident(book: Logbook) -> None:
    rounds = Rounds(book, sites=2)
    rounds.server.put("REPL_TYO-0_20261124.csv", 10, DEADLINE - timedelta(hours=1))
    for at in (
        OPENS,
        DEADLINE - timedelta(minutes=30),
        DEADLINE - timedelta(seconds=60),
        DEADLINE - timedelta(seconds=5),
    ):
        rounds.look(at)
    assert rounds.server.listings == ["outbound"] * 3 + [".", "outbound"]  # shortly before, and seldom
    assert _found(rounds.look(DEADLINE + timedelta(seconds=1))) == [("REPL_TYO-0_20261124.csv", "folder")]
    rounds.look(DEADLINE + timedelta(minutes=4))
    rounds.look(DEADLINE + timedelta(minutes=6))
    assert rounds.server.listings.count(".") == 2


def test_a_folder_above_that_nobody_shows_us_is_no_trouble(book: Logbook) -> None:
    rounds = Rounds(book, sites=1)
    rounds.server.forbid(".")
    rounds.look(OPENS)
    look = rounds.look(DEADLINE + timedelta(seconds=1))
    assert _found(look) == []
    assert [state.sight for state in look.states] == ["watching"]
    assert [entry.kind for entry in look.entries] == ["occurrence.missing"]


def test_what_is_missing_in_the_first_folder_has_none_above(book: Logbook) -> None:
    rounds = Rounds(book, sites=1, watch=file_watch(path="REPL_{site.code}_{business_date:%Y%m%d}.csv"))
    rounds.look(OPENS)
    assert _found(rounds.look(DEADLINE + timedelta(seconds=1))) == []
    assert rounds.server.listings == [".", "."]


def test_what_lay_there_long_before_is_history(book: Logbook) -> None:
    rounds = Rounds(book, sites=1)
    for day in range(1, 20):
        rounds.server.put(f"outbound/REPL_TYO-0_202611{day:02}.csv", 10, OPENS)
    assert kinds(rounds.look(OPENS), "occurrence.unexpected") == []


def test_a_file_of_last_month_that_is_put_back_is_told_and_makes_nothing_green(book: Logbook) -> None:
    rounds = Rounds(book, sites=1)
    rounds.look(OPENS)
    rounds.server.put("outbound/REPL_TYO-0_20261024.csv", 10, OPENS)
    said = kinds(rounds.look(OPENS + timedelta(minutes=1)), "occurrence.unexpected")
    assert said == ["outbound/REPL_TYO-0_20261024.csv: unexpected, its date 2026-10-24 is that of no open window"]
    rounds.look(OPENS + timedelta(minutes=5))
    assert rounds.ended == {"TYO-0": "pending"}


def test_a_restart_does_not_repeat_what_was_told(book: Logbook) -> None:
    for _ in range(2):
        rounds = Rounds(book, sites=1)
        rounds.server.put("outbound/REPL_TYO-9_20261124.csv", 10, OPENS)
        rounds.look(OPENS)
    assert len(book.entries(kind_prefix="occurrence.unexpected")) == 1


def test_what_could_not_be_recorded_is_told_again(book: Logbook) -> None:
    rounds = Rounds(book, sites=1)
    rounds.server.put("outbound/REPL_TYO-9_20261124.csv", 10, OPENS)
    lost, _ = rounds.round.look(OPENS)  # the logbook was away
    assert len(kinds(lost, "occurrence.unexpected")) == 1
    assert len(kinds(rounds.look(OPENS + timedelta(seconds=2)), "occurrence.unexpected")) == 1


def test_a_file_of_another_watch_in_the_same_folder_is_no_stranger(book: Logbook) -> None:
    rounds = Rounds(book, sites=1)
    rounds.round.join(file_watch(task_id="all", path="outbound/REPL_{site.country}_{business_date:%Y%m%d}.csv"))
    rounds.server.put("outbound/REPL_JP_20261124.csv", 10, OPENS)
    rounds.put(0, OPENS)
    assert kinds(rounds.look(OPENS + timedelta(minutes=1)), "occurrence.unexpected") == []


# --- links -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ignore_case", [False, True])
def test_a_file_that_is_published_by_a_link_has_arrived(book: Logbook, ignore_case: bool) -> None:
    rounds = Rounds(book, sites=1, watch=file_watch(ignore_case=ignore_case))
    rounds.server.put("real/a.csv", 10, OPENS - timedelta(days=9))
    name = "repl_tyo-0_20261124.csv" if ignore_case else "REPL_TYO-0_20261124.csv"
    rounds.look(OPENS)
    rounds.server.link(f"outbound/{name}", "real/a.csv", OPENS + timedelta(hours=1))
    rounds.server.link("outbound/REPL_TYO-9_20261124.csv", "real/a.csv", OPENS + timedelta(hours=1))
    for minutes in (60, 61):
        look = rounds.look(OPENS + timedelta(minutes=minutes))
    assert rounds.ended == {"TYO-0": "on_time"}
    assert [entry.kind for entry in look.entries] == ["occurrence.on_time"]  # a link of nobody is not asked about


# --- sent again ------------------------------------------------------------------------------------------------


def test_a_file_that_is_sent_again_is_one_line_even_after_a_restart(book: Logbook) -> None:
    first = Rounds(book, sites=1)
    first.put(0, OPENS)
    first.look(OPENS + timedelta(minutes=1))
    first.look(OPENS + timedelta(minutes=2))
    assert first.ended == {"TYO-0": "on_time"}
    for minutes in (60, 120):
        again = Rounds(book, sites=1)
        again.put(0, OPENS + timedelta(hours=1), size=11)
        again.look(OPENS + timedelta(minutes=minutes))
        again.look(OPENS + timedelta(minutes=minutes + 1))
    (line,) = book.entries(kind_prefix="file.again")
    assert line.text == "TYO-0 2026-11-24: REPL_TYO-0_20261124.csv was sent again; it stays on_time"
    assert again.ended == {"TYO-0": "on_time"}


# --- a folder that is not shown --------------------------------------------------------------------------------

TWO = file_watch(path="{site.warehouse}/REPL_{site.code}_{business_date:%Y%m%d}.csv", blind_after="2 min")


def _two_folders(book: Logbook) -> Rounds:
    rounds = Rounds(book)
    rounds.round.leave(WATCH.id)
    rounds.sites[2] = _site(2).model_copy(update={"attributes": {"warehouse": "osaka"}})
    rounds.round.join(TWO)
    rounds.server.make_folder("tokyo")
    rounds.server.make_folder("osaka")
    return rounds


def test_permissions_lost_in_mid_window_are_blindness_there_and_nothing_is_missing_by_it(book: Logbook) -> None:
    rounds = _two_folders(book)
    rounds.look(OPENS)
    rounds.server.forbid("osaka")
    first = rounds.look(DEADLINE - timedelta(minutes=1))
    assert [(state.sight, state.detail) for state in first.states] == [
        ("blind", "memory: permission denied for the folder 'osaka'")
    ]
    assert first.signals == ()
    after = rounds.look(DEADLINE + timedelta(seconds=1))
    assert [signal.title for signal in after.signals] == ["2 of 2 files missing (warehouse=tokyo)"]
    (told,) = rounds.look(DEADLINE + timedelta(minutes=2)).signals
    assert (told.title, told.audience) == ("Blind: maison_lumiere_wms:osaka cannot be watched", "platform")
    assert told.facts["watches"] == [TWO.id]
    assert rounds.look(DEADLINE + timedelta(minutes=3)).signals == ()
    assert rounds.ended == {"TYO-0": "missing", "TYO-1": "missing", "TYO-2": "pending"}

    rounds.server.allow("osaka")
    seen = rounds.look(DEADLINE + timedelta(minutes=4))
    assert [signal.title for signal in seen.signals] == [
        "Sight again: maison_lumiere_wms:osaka",
        "1 of 1 files missing (warehouse=osaka)",
    ]
    assert [state.sight for state in seen.states] == ["watching"]


def test_a_session_that_starts_anew_ends_the_blindness_of_the_one_before(book: Logbook) -> None:
    rounds = _two_folders(book)
    rounds.server.forbid("osaka")
    rounds.look(OPENS)
    rounds.look(OPENS + timedelta(minutes=3))
    assert [incident.title for incident in book.incidents()] == ["Blind: maison_lumiere_wms:osaka cannot be watched"]
    anew = _two_folders(book)
    anew.look(OPENS + timedelta(minutes=5))
    assert book.incidents() == []


def test_a_blip_is_not_told(book: Logbook) -> None:
    rounds = _two_folders(book)
    rounds.server.forbid("osaka")
    assert rounds.look(OPENS).signals == ()
    rounds.server.allow("osaka")
    assert rounds.look(OPENS + timedelta(minutes=1)).signals == ()
    rounds.server.forbid("osaka")
    assert rounds.look(OPENS + timedelta(minutes=3)).signals == ()  # since now, not since then


# --- clocks, slots, restarts -----------------------------------------------------------------------------------


def test_an_audit_of_a_server_whose_clock_is_ahead_finds_the_file(book: Logbook) -> None:
    rounds = Rounds(book, sites=1, at_once=True)
    rounds.put(0, OPENS + timedelta(minutes=10))
    rounds.look(OPENS + timedelta(minutes=1))
    assert rounds.ended == {"TYO-0": "on_time"}


def test_a_slot_that_an_author_adds_is_not_missed_on_its_first_day(book: Logbook) -> None:
    rounds = Rounds(book, sites=1)
    rounds.put(0, OPENS)
    rounds.look(OPENS + timedelta(minutes=1))
    path = "outbound/REPL_{site.code}_{business_date:%Y%m%d}_{slot}.csv"
    rounds.round.leave(WATCH.id)
    rounds.round.join(file_watch(path=path, due=None, slots={"03": "03:00", "12": "12:00"}))
    look = rounds.look(OPENS + timedelta(hours=5))
    assert look.signals == ()
    waived = {each.when: each.status for each in look.occurrences}
    assert (waived["2026-11-24/03"], waived["2026-11-24/12"]) == ("waived", "pending")


def test_a_warning_is_remembered_over_a_restart(book: Logbook) -> None:
    for minutes, said in ((30, ["In jeopardy: 0 of 3 files are there (warehouse=tokyo)"]), (29, [])):
        rounds = Rounds(book)
        rounds.round.join(file_watch(jeopardy="30 min"))
        look = rounds.look(DEADLINE - timedelta(minutes=minutes))
        assert [signal.title for signal in look.signals] == said
    (incident,) = book.incidents()
    assert (incident.page, incident.severity) == (False, "low")


def test_a_watch_of_mail_is_a_mistake_of_ours(book: Logbook) -> None:
    with pytest.raises(TypeError) as wrong:
        Rounds(book).round.join(mail_watch())
    assert str(wrong.value) == "nordwind.end_of_day.batch_ko is not a watch of files"


def _calendar(**written: object) -> WorkingDays:
    return WorkingDays(Calendar.model_validate({"name": "stores", "works": WEEKDAYS, "holidays": (), **written}))


CLOSED = Days(first=date(2026, 11, 24), last=date(2026, 11, 24), reason="Stocktaking")


def test_a_closed_day_is_quiet_and_recorded_at_its_deadline_with_its_reason(book: Logbook) -> None:
    rounds = Rounds(book, sites=2, days=_calendar(closed=(CLOSED,)))
    rounds.look(OPENS)
    assert rounds.ended == {}
    rounds.look(DEADLINE - timedelta(seconds=1))
    assert rounds.again == DEADLINE + timedelta(milliseconds=200)  # no look is missed, nothing is listed for it
    look = rounds.look(rounds.again)
    assert rounds.server.listings == []
    assert look.signals == ()
    assert rounds.ended == {"TYO-0": "waived", "TYO-1": "waived"}
    assert [entry.text for entry in look.entries] == [
        f"TYO-{number} 2026-11-24: waived, closed 2026-11-24 Stocktaking" for number in (0, 1)
    ]
    assert rounds.look(DEADLINE + timedelta(hours=1)).entries == ()


def test_an_opening_written_before_the_deadline_counts(book: Logbook) -> None:
    rounds = Rounds(book, sites=1, days=_calendar(closed=(CLOSED,)))
    rounds.look(OPENS)
    rounds.days = _calendar(open=(CLOSED,))
    rounds.look(DEADLINE - timedelta(minutes=30))
    rounds.look(DEADLINE + timedelta(seconds=1))
    assert rounds.ended == {"TYO-0": "missing"}
    rounds.days = _calendar(closed=(CLOSED,))
    rounds.look(DEADLINE + timedelta(minutes=1))
    assert rounds.ended == {"TYO-0": "missing"}  # one end, the first recorded


def test_a_calendar_that_cannot_be_read_is_as_it_was(book: Logbook) -> None:
    rounds = Rounds(book, sites=1, days=_calendar(closed=(CLOSED,)))
    rounds.look(OPENS)
    rounds.days = None
    rounds.look(DEADLINE + timedelta(seconds=1))
    assert rounds.ended == {"TYO-0": "waived"}
    never_read = Rounds(book, sites=1, days=None)
    assert never_read.look(OPENS).occurrences == ()


def test_a_file_moved_over_a_week_of_holidays_is_known_again_after_a_restart(book: Logbook) -> None:
    week = Days(first=date(2026, 11, 14), last=date(2026, 11, 23), reason="Works")
    rule = WATCH.model_copy(update={"shift_policy": "next_business_day"})
    Rounds(book, sites=1, days=_calendar(closed=(week,)), watch=rule).look(OPENS)
    again = Rounds(book, sites=1, days=_calendar(closed=(week,)), watch=rule).look(OPENS + timedelta(minutes=1))
    assert again.occurrences == ()
    due = book.occurrences(WATCH.id, since=date(2026, 11, 14))
    assert [each.business_date.day for each in due if each.deadline == DEADLINE] == list(range(14, 25))


def test_the_blindness_of_a_folder_ends_once_nothing_is_expected_there(book: Logbook) -> None:
    rounds = _two_folders(book)
    rounds.server.forbid("osaka")
    rounds.look(OPENS)
    rounds.look(OPENS + timedelta(minutes=3))
    assert [incident.watch for incident in book.incidents()] == ["maison_lumiere_wms:osaka"]
    rounds.round.join(file_watch(path="tokyo/REPL_{site.code}_{business_date:%Y%m%d}.csv"))
    rounds.round.leave(TWO.id)
    assert rounds.look(OPENS + timedelta(minutes=4)).signals == ()  # of a watch that is not here the rounds speak
    rounds.round.join(file_watch(path="tokyo/REPL_{site.code}_{business_date:%Y%m%d}.csv", blind_after="2 min"))
    (ended,) = rounds.look(OPENS + timedelta(minutes=5)).signals
    assert ended.title == "Nothing is expected in maison_lumiere_wms:osaka any more"
    assert book.incidents() == []


# --- a folder that takes its time ------------------------------------------------------------------------------


def _slow(book: Logbook) -> Rounds:
    rounds = _two_folders(book)
    rounds.look(OPENS)
    rounds.server.slow_down("osaka")
    return rounds


def test_of_a_folder_that_is_still_being_listed_nothing_is_judged_and_the_others_are(book: Logbook) -> None:
    rounds = _slow(book)
    look = rounds.look(DEADLINE + timedelta(seconds=1))
    assert [signal.title for signal in look.signals] == ["2 of 2 files missing (warehouse=tokyo)"]
    assert rounds.ended["TYO-2"] == "pending"
    late = rounds.look(DEADLINE + timedelta(seconds=31))
    (state,) = late.states
    assert (state.sight, state.detail) == ("watching", "slow: the folder 'osaka' takes 30 s to list")
    assert state.looked_at == OPENS  # when it was listed last
    (line,) = [entry for entry in late.entries if entry.kind == "folder.slow"]
    assert line.text == (
        "maison_lumiere_wms takes 30 s to list the folder 'osaka'; what is missing there is noticed later"
    )
    assert kinds(rounds.look(DEADLINE + timedelta(seconds=40)), "folder.slow") == []


def test_what_came_while_it_was_being_listed_is_not_missing(book: Logbook) -> None:
    """The listing began before the deadline and ends after it: it does not show what came meanwhile."""
    rounds = _slow(book)
    rounds.look(DEADLINE - timedelta(seconds=10))
    rounds.server.speed_up("osaka")
    look = rounds.look(DEADLINE + timedelta(seconds=20))
    assert [signal.title for signal in look.signals] == ["2 of 2 files missing (warehouse=tokyo)"]
    assert rounds.ended["TYO-2"] == "pending"
    (signal,) = rounds.look(DEADLINE + timedelta(seconds=21)).signals  # it is urgent: no rest for the folder
    assert signal.title == "1 of 1 files missing (warehouse=osaka)"


def test_a_folder_that_takes_longer_than_the_patience_is_blind_by_its_name_until_it_is_quick(book: Logbook) -> None:
    rounds = _slow(book)
    rounds.look(OPENS + timedelta(minutes=1))
    assert rounds.again <= OPENS + timedelta(minutes=1, seconds=15)
    look = rounds.look(OPENS + timedelta(minutes=3, seconds=1))
    (told,) = look.signals
    assert (told.title, told.watch) == (
        "Blind: maison_lumiere_wms:osaka cannot be watched", "maison_lumiere_wms:osaka",
    )  # fmt: skip
    assert told.facts["reason"] == "the folder 'osaka' takes 2 min to list"
    assert [state.sight for state in look.states] == ["blind"]
    rounds.server.speed_up("osaka")
    assert rounds.look(OPENS + timedelta(minutes=4)).signals == ()  # it took three minutes: no sight yet
    rounds.look(OPENS + timedelta(minutes=5))  # and rests as long
    assert [each.title for each in book.incidents()] == [told.title]
    (again,) = rounds.look(OPENS + timedelta(minutes=7, seconds=1)).signals
    assert again.title == "Sight again: maison_lumiere_wms:osaka"


def test_a_folder_that_is_slow_rests_as_long_as_its_listing_took(book: Logbook) -> None:
    rounds = _slow(book)
    rounds.look(OPENS + timedelta(seconds=10))
    rounds.server.speed_up("osaka")
    rounds.look(OPENS + timedelta(seconds=30))
    listed = rounds.server.listings.count("osaka")
    rounds.look(OPENS + timedelta(seconds=45))
    assert rounds.server.listings.count("osaka") == listed
    rounds.look(OPENS + timedelta(seconds=51))
    assert rounds.server.listings.count("osaka") == listed + 1


def test_the_check_waits_for_the_whole_listing(book: Logbook) -> None:
    rounds = Rounds(book, sites=1, at_once=True)
    rounds.server.slow_down("outbound")
    rounds.put(0, OPENS)
    rounds.look(OPENS + timedelta(minutes=1))
    assert rounds.ended == {"TYO-0": "on_time"}


def test_a_folder_above_that_takes_its_time_explains_nothing_and_holds_up_nothing(book: Logbook) -> None:
    rounds = Rounds(book)
    rounds.server.slow_down("/")
    rounds.look(OPENS)
    assert len(rounds.look(DEADLINE + timedelta(seconds=1)).signals) == 1


def test_a_folder_that_cannot_be_read_is_looked_at_again_when_it_has_to_be_told(book: Logbook) -> None:
    rounds = _two_folders(book)
    rounds.server.forbid("osaka")
    rounds.look(OPENS)
    assert rounds.again == OPENS + timedelta(minutes=2)
