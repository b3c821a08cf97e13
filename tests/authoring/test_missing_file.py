"""``MissingFile`` as authors write it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import ModuleType

import pytest
from tests.authoring.bodies import flux_file

from vigie.core.errors import InvalidDocument
from vigie.core.file_watch import FileWatch
from vigie.tasks.sessions import WATCH

Read = Callable[[str, str], ModuleType]

SLOTS = """    MissingFile(
        task_id="positions",
        where="bank",
        path="out/positions_{business_date - 1 business day:%Y%m%d}_{slot}_*.csv",
        opens="00:00",
        slots={"06": "06:30", "12": "12:30"},
        at_least=2,
        max_age="12 h",
        jeopardy="15 min",
        jeopardy_below="80 %",
        jeopardy_respond=Respond(severity="low", template="file_missing", page=False),
        respond=Respond(severity="high", template="file_missing"),
    )
"""


def rule(read: Read, body: str) -> FileWatch:
    dag = read("dags/maison-lumiere/f.py", flux_file(body)).f
    (task,) = [task for task in dag.tasks if not task.task_id.endswith("_anomaly")]
    watch = WATCH.validate_python(task.watch)
    assert isinstance(watch, FileWatch)
    return watch


def test_all_that_an_author_may_say_arrives_at_the_watch(read: Read) -> None:
    watch = rule(read, SLOTS)
    assert [(each.slot, str(each.due)) for each in watch.times] == [("06", "06:30"), ("12", "12:30")]
    assert (watch.at_least, watch.max_age, watch.jeopardy) == (2, timedelta(hours=12), timedelta(minutes=15))
    assert watch.jeopardy_below == 0.8
    assert watch.jeopardy_respond is not None
    assert (watch.jeopardy_respond.page, watch.respond.page) == (False, True)


def test_without_a_table_the_checks_follow_the_clock_of_the_client(read: Read) -> None:
    dag = read("dags/maison-lumiere/f.py", flux_file(SLOTS)).f
    checks = dag.timetable.timetable
    assert {(clock, zone) for clock, zone, _ in checks.moments} == {
        ("06:30", "Europe/Paris"),
        ("12:30", "Europe/Paris"),
    }


def test_a_changed_zone_of_the_client_replaces_the_trigger(read: Read, site: Path) -> None:
    before = rule(read, SLOTS)
    client = site / "include/clients/maison-lumiere/client.yaml"
    client.write_text(client.read_text("utf-8").replace("Europe/Paris", "Asia/Tokyo"), "utf-8")
    assert rule(read, SLOTS).sites_digest != before.sites_digest


@pytest.mark.parametrize(
    ("wrong", "instead", "said"),
    [
        (
            'template="file_missing", page',
            'template="file_warning", page',
            (
                "there is no template 'file_warning' for maison-lumiere. "
                "Did you mean 'file_missing'? Or write include/templates/maison-lumiere/file_warning.md.j2."
            ),
        ),
        (
            'template="file_missing"),\n    )',
            'template="file_missing", group_by=["depot"]),\n    )',
            "positions: 'depot' is a column of a table of sites. Write sites='stores'.",
        ),
        (
            "page=False",
            'page="no way"',
            "Respond: page: input should be a valid boolean, unable to interpret input (found 'no way').",
        ),
    ],
)
def test_a_mistake_is_told(read: Read, wrong: str, instead: str, said: str) -> None:
    assert wrong in SLOTS
    with pytest.raises(InvalidDocument) as refused:
        read("dags/maison-lumiere/f.py", flux_file(SLOTS.replace(wrong, instead)))
    assert [f"{each.message} {each.remedy}".strip() for each in refused.value.problems] == [said]
