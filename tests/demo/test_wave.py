"""The wave on the stage: the checkout's own files, with three deadlines within a minute."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from vigie.cli.check import problems
from vigie.cli.remedy import RemedyError
from vigie.cli.settings import CHECKOUT
from vigie.cli.site_watches import site_watches
from vigie.core.expectation import expected
from vigie.core.file_watch import FileWatch
from vigie.demo.stage import REPLENISHMENT, set_stage
from vigie.demo.wave import JEOPARDY, stores_of
from vigie.tasks.site import library

CHRISTMAS = datetime(2026, 12, 24, 23, 58, tzinfo=UTC)  # a holiday in Tokyo? no; in Paris and New York it soon is


@pytest.mark.parametrize(
    "now", [datetime(2026, 11, 23, 20, 0, tzinfo=UTC), CHRISTMAS, datetime(2026, 8, 22, 9, tzinfo=UTC)]
)
def test_three_deadlines_one_after_the_other_and_a_store_with_a_holiday(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, now: datetime
):
    stage = set_stage(
        CHECKOUT, tmp_path / "site", now=now, ready_in=timedelta(seconds=140), page_waits=timedelta(seconds=20)
    )
    wave = stage.wave
    due = [wave.tokyo.due, wave.airport.due, wave.paris.due, wave.newyork.due]
    assert all(timedelta(0) < later - earlier <= timedelta(seconds=30) for earlier, later in pairwise(due))
    assert now + timedelta(seconds=140) < due[0]
    assert due[-1] < now + timedelta(seconds=220)

    monkeypatch.setenv("VIGIE_SITE", str(stage.site))
    assert [str(problem) for problem in problems()] == []
    watches, broken = site_watches("maison-lumiere")
    assert broken == ()
    files = {each.task_id: each for each in watches if isinstance(each, FileWatch)}
    assert set(files) == {"tokyo_files", "airport_files", "paris_files", "newyork_files"}
    assert [name for name, watch in files.items() if watch.jeopardy] == ["paris_files"]
    assert files["paris_files"].jeopardy == JEOPARDY
    found = {}
    for deadline in wave[:4]:
        watch = files[deadline.watch]
        days = library().calendars.working_days("maison-lumiere", watch.calendar)
        for one in expected(watch, library().sites("maison-lumiere", watch.sites), deadline.due, days):
            if one.due == deadline.due:
                found.setdefault(deadline.table, []).append(one)
                assert re.search(rf"_{deadline.day}\.csv$", one.path)
    assert {table: len(each) for table, each in found.items()} == {"tokyo": 12, "airport": 1, "paris": 6, "newyork": 4}
    assert {one.status for table in ("tokyo", "paris", "newyork") for one in found[table]} == {"pending"}
    (waived,) = found["airport"]
    assert waived.status == "waived"
    assert waived.reason.startswith("holiday " if wave.holiday.name else "closed ")


def test_the_tables_of_the_wave_are_the_stores_of_the_client(tmp_path: Path):
    stage = set_stage(CHECKOUT, tmp_path, now=CHRISTMAS, ready_in=timedelta(0), page_waits=timedelta(0))
    counts = {table: len(stores_of(stage.site, table)) for table in ("tokyo", "paris", "newyork", "airport")}
    assert counts == {"tokyo": 12, "paris": 8, "newyork": 6, "airport": 1}


def test_a_flux_that_the_demo_no_longer_knows_is_told(tmp_path: Path):
    for folder in ("dags/maison-lumiere", "include"):
        (tmp_path / "checkout" / folder).mkdir(parents=True)
    (tmp_path / "checkout" / REPLENISHMENT).write_text("other = 1\n", "utf-8")
    with pytest.raises(RemedyError, match="does not say '\"store_files\"' any more"):
        set_stage(
            tmp_path / "checkout", tmp_path / "site", now=CHRISTMAS, ready_in=timedelta(0), page_waits=timedelta(0)
        )
