"""What Airflow says of the fluxes."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from airflow.sdk import Connection
from tests.tasks.airflow_stand_in import AirflowStandIn, airflow_stand_in

from vigie.core.errors import Refused, TransportError
from vigie.tasks.airflow_api import AirflowApi, BrokenFile, LoadedDag


@pytest.fixture
def airflow() -> Iterator[AirflowStandIn]:
    with airflow_stand_in() as said:
        yield said


@pytest.fixture
def api(airflow: AirflowStandIn) -> Iterator[AirflowApi]:
    made = AirflowApi(airflow.connection())
    yield made
    made.close()


def test_every_dag_page_by_page_with_one_sign_in(airflow: AirflowStandIn, api: AirflowApi) -> None:
    airflow.paused = {f"nordwind.flux_{number:03}": number % 2 == 0 for number in range(250)} | {"duty.desk": False}
    loaded = api.dags()
    assert {name: dag.paused for name, dag in loaded.items()} == airflow.paused
    assert loaded["nordwind.flux_001"] == LoadedDag(False, "dags-folder", "nordwind/flux_001.py", True)
    assert loaded["duty.desk"] == LoadedDag(False, "vigie", "duty.py", False)
    assert airflow.asked == ["/auth/token", *["/api/v2/dags"] * 3]


def test_whether_a_dag_has_a_task(airflow: AirflowStandIn, api: AirflowApi) -> None:
    airflow.tasks = {"nordwind.end_of_day": {"batch_ko"}}
    assert api.has_task("nordwind.end_of_day", "batch_ko")
    assert not api.has_task("nordwind.end_of_day", "other_ko")
    assert airflow.asked[-1] == "/api/v2/dags/nordwind.end_of_day/tasks/other_ko"


def _trace_of(path: Path, text: str) -> str:
    """The traceback that Airflow keeps of a file which does not load."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    try:
        exec(compile(text, str(path), "exec"), {"__name__": "a_flux"})  # noqa: S102 (as Airflow's processor does)
    except Exception:  # noqa: BLE001
        return traceback.format_exc()
    raise AssertionError(f"{path} loads")


BROKEN = {
    "an open bracket": ("x = 1\n\nprint((1, 2\n", 3, "SyntaxError: '(' was never closed"),
    "a name": ("x = 1\ny = x + nothing\n", 2, "NameError: name 'nothing' is not defined"),
    "an import": ("import json\nimport no_such_module\n", 2, "ModuleNotFoundError: No module named 'no_such_module'"),
    "deeper": ("import json\n\n\ndef f():\n    json.loads('{')\n\n\nf()\n", 5, None),
    "indentation": ("def f():\nreturn 1\n", 2, None),
}


@pytest.mark.parametrize("mistake", BROKEN)
def test_a_broken_file_with_the_line_of_its_author(
    airflow: AirflowStandIn, api: AirflowApi, tmp_path: Path, mistake: str
) -> None:
    text, line, reason = BROKEN[mistake]
    airflow.broken = [("nordwind/end_of_day.py", _trace_of(tmp_path / "dags/nordwind/end_of_day.py", text))]
    (broken,) = api.broken_files()
    assert (broken.path, broken.line) == ("nordwind/end_of_day.py", line)
    if reason:
        assert broken.reason == reason


def test_a_flux_that_vigie_refuses_with_every_problem_and_the_first_ones_line(
    airflow: AirflowStandIn, api: AirflowApi, site: Path
) -> None:
    path = site / "dags/nordwind/end_of_day.py"
    text = path.read_text().replace('severity="critical"', 'severity="dire"').replace('"mail_ko"', '"mail_kaput"')
    airflow.broken = [("nordwind/end_of_day.py", _trace_of(path, text))]

    (broken,) = api.broken_files()

    assert broken.line == 16
    assert broken.reason.startswith("dags/nordwind/end_of_day.py:16: Respond: severity: ")
    assert "there is no template 'mail_kaput' for nordwind." in broken.reason


def test_a_trace_that_says_nothing(airflow: AirflowStandIn, api: AirflowApi) -> None:
    airflow.broken = [("nordwind/a.py", "")]
    assert api.broken_files() == [BrokenFile("nordwind/a.py", None, "it does not load", "dags-folder")]


def test_a_refused_account(airflow: AirflowStandIn) -> None:
    with pytest.raises(Refused) as refused:
        AirflowApi(airflow.connection("wrong")).dags()
    assert str(refused.value) == "Airflow refuses the account 'rounds'"


@pytest.mark.parametrize(
    ("status", "said"), [(500, "Airflow answers 500 to /api/v2/dags"), (404, "Airflow answers 404 to /api/v2/dags")]
)
def test_an_airflow_in_trouble(airflow: AirflowStandIn, api: AirflowApi, status: int, said: str) -> None:
    airflow.status = status
    with pytest.raises(TransportError) as trouble:
        api.dags()
    assert str(trouble.value) == said


def test_something_else_that_answers_there(airflow: AirflowStandIn, api: AirflowApi) -> None:
    airflow.html = True
    with pytest.raises(TransportError) as trouble:
        api.dags()
    assert str(trouble.value) == (
        f"what answers at http://127.0.0.1:{airflow.port} is not Airflow: /api/v2/dags gave no JSON"
    )


def test_nobody_answers() -> None:
    nobody = Connection(conn_id="vigie_airflow", conn_type="http", host="127.0.0.1", port=1)
    with pytest.raises(TransportError) as trouble:
        AirflowApi(nobody).dags()
    assert str(trouble.value) == "Airflow does not answer at http://127.0.0.1:1 (ConnectError)"


def test_every_watch_that_the_triggerer_has_page_by_page(airflow: AirflowStandIn, api: AirflowApi) -> None:
    airflow.watchers = [(f"nordwind.f{number:03}.ko", (f"nordwind.f{number:03}",)) for number in range(150)]
    airflow.watchers.append(("platform.mail_desk.returns", ("duty.mail_desk",)))
    watched = api.watched()
    assert len(watched) == 151
    assert watched["nordwind.f149.ko"] == {"nordwind.f149"}
    assert watched["platform.mail_desk.returns"] == {"duty.mail_desk"}
    assert airflow.asked == ["/auth/token", *["/api/v2/assets"] * 2]


def test_when_airflow_last_read_the_file_of_a_dag(airflow: AirflowStandIn, api: AirflowApi) -> None:
    airflow.paused = {"duty.desk": False, "duty.rounds": False}
    airflow.read_at = {"duty.desk": "2026-11-24T01:00:00.5Z"}
    loaded = api.dags()
    assert loaded["duty.desk"].parsed_at == datetime(2026, 11, 24, 1, 0, 0, 500_000, tzinfo=UTC)
    assert loaded["duty.rounds"].parsed_at is None


def test_a_token_that_has_ended_is_renewed(airflow: AirflowStandIn, api: AirflowApi) -> None:
    assert api.dags() == {}
    airflow.token = "another"
    assert api.dags() == {}
    assert airflow.asked.count("/auth/token") == 2
