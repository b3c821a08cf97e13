"""`./vigie replay`, on logs of the test's own and on a real one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.scenarios.site import write_site

from vigie.cli.remedy import RemedyError
from vigie.cli.replay import main

ROOT = Path(__file__).parents[2]
RULE = ["--due", "18:30", "--tz", "Europe/Rome"]
LOG = """\
business_date,file_name,arrived_at
2026-11-20,A.csv,2026-11-20T17:10:00Z
2026-11-21,B.csv,2026-11-21T17:50:00Z
2026-11-23,D.csv,2026-11-23T17:30:00Z
"""


@pytest.fixture(autouse=True)
def _no_traces(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command sets variables of its process; here that process is the tests' own."""
    monkeypatch.setenv("AIRFLOW_HOME", os.environ["AIRFLOW_HOME"])
    monkeypatch.setenv("AIRFLOW__LOGGING__LOGGING_LEVEL", "ERROR")
    monkeypatch.setenv("VIGIE_SITE", str(ROOT))


@pytest.fixture
def log(tmp_path: Path) -> str:
    path = tmp_path / "log.csv"
    path.write_text(LOG, "utf-8")
    return str(path)


def test_what_would_have_been_told_and_when(log: str, capsys: pytest.CaptureFixture[str]):
    assert main([log, *RULE]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "2026-11-21 18:30 Europe/Rome  ALERT     1 of 1 files missing (2026-11-21)",
        "2026-11-21 18:50 Europe/Rome  resolved  All files are there (2026-11-21), after 0 h 20 min",
        "2026-11-22 18:30 Europe/Rome  ALERT     1 of 1 files missing (2026-11-22)",
        "missing: file 2026-11-22, never came",
        "judged: 2026-11-20 to 2026-11-23, the last deadline 2026-11-23 18:30 Europe/Rome",
        "4 occurrences: 2 on time, 1 late, 1 missing, 0 waived; 2 alerts.",
    ]


def test_the_guides_example(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    shown = (ROOT / "docs/authors/expected.md").read_text("utf-8").split("```text\n")
    said, log = (each.partition("```")[0] for each in shown[2:])
    (tmp_path / "log.csv").write_text(log, "utf-8")
    assert main([str(tmp_path / "log.csv"), *RULE]) == 0
    assert capsys.readouterr().out == said


def test_as_data_the_only_line_is_one_object(log: str, capsys: pytest.CaptureFixture[str]):
    assert main([log, *RULE, "--grace", "30 min", "--json"]) == 0
    told = capsys.readouterr()
    assert json.loads(told.out) == {
        "occurrences": 4, "on_time": 3, "late": 0, "missing": 1, "waived": 0, "alerts": 1,
    }  # fmt: skip
    assert "ALERT" in told.err


def test_a_place_as_a_calendar_and_a_clients_own(log: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert main([log, *RULE, "--calendar", "JP"]) == 0
    assert "waived: holiday JP 2026-11-23 Labor Thanksgiving Day\n" in capsys.readouterr().out
    site = write_site(tmp_path / "site")
    (site / "include/clients/nordwind/calendar.yaml").write_text("hub:\n  works: [mon, fri]\n", "utf-8")
    own = ["--calendar", "nordwind/hub", "--site", str(site)]
    assert main([log, *RULE, *own, "--country", "JP", "--shift-policy", "still_expected"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "waived: no working day 2026-11-21 Saturday",
        "waived: no working day 2026-11-22 Sunday",
        "judged: 2026-11-20 to 2026-11-23, the last deadline 2026-11-23 18:30 Europe/Rome",
        "4 occurrences: 2 on time, 0 late, 0 missing, 2 waived; 0 alerts.",
    ]
    with pytest.raises(RemedyError, match=r"'nordwind/hub' goes by countries.\n  Remedy: Say which: --country IT."):
        main([log, *RULE, *own])
    assert main([log, *RULE, "--calendar", "nordwind/hubb", "--site", str(site)]) == 1
    assert "no calendar is called 'hubb'. Did you mean 'hub'?" in capsys.readouterr().err


def test_a_weekly_file_by_days(log: str, capsys: pytest.CaptureFixture[str]):
    assert main([log, *RULE, "--days", "fri-sat,mon", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "occurrences": 3, "on_time": 2, "late": 1, "missing": 0, "waived": 0, "alerts": 1,
    }  # fmt: skip


def test_a_log_as_a_spreadsheet_writes_it_by_a_flux_of_the_demo(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """A BOM, CRLF, semicolons, quotes, columns in another order and one more, an empty line, a file sent again late."""
    path = tmp_path / "log.csv"
    path.write_bytes(
        b"\xef\xbb\xbffile_name;extra;arrived_at;business_date\r\n"
        b'"REPL_TKY-GINZA_20261124.csv";"a;b";2026-11-23T21:10:00Z;2026-11-24\r\n\r\n'
        b"REPL_PAR-HONORE_20261124.csv;x;2026-11-24 06:10:00.001+01:00;2026-11-24\r\n"
        b"REPL_TKY-GINZA_20261124.csv;;2026-11-24T21:10:00Z;2026-11-24\r\n"
    )
    assert main([str(path), "maison-lumiere.store_replenishment", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "occurrences": 26, "on_time": 1, "late": 1, "missing": 24, "waived": 0, "alerts": 3,
    }  # fmt: skip


def test_by_the_rule_of_a_flux(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    site = write_site(tmp_path / "site")
    rows = [
        f"2026-11-25,REPL_TYO-{n:02}_20261125.csv,2026-11-24T2{'0' if n < 12 else '2'}:00:00Z" for n in range(1, 13)
    ]
    rows += ["2026-11-25,REPL_ROM-01_20261125.csv,2026-11-24T20:00:00Z"]
    path = tmp_path / "log.csv"
    path.write_text("\n".join(["business_date,file_name,arrived_at", *rows]), "utf-8")
    assert main([str(path), "maison-lumiere.store_replenishment", "--site", str(site)]) == 0
    told = capsys.readouterr()
    assert told.out.splitlines()[:2] == [
        "2026-11-24 22:10 Europe/Paris  ALERT     1 of 12 files missing (warehouse=tokyo)",
        "2026-11-24 23:00 Europe/Paris  resolved  All files are there (warehouse=tokyo), after 0 h 50 min",
    ]
    assert told.out.splitlines()[-1] == "15 occurrences: 11 on time, 1 late, 3 missing, 0 waived; 3 alerts."
    assert told.err.splitlines() == [
        f"{path}:14: 'REPL_ROM-01_20261125.csv' is no file that is expected.",
        f"{path}: its last file is of 2026-11-24 23:00 Europe/Paris; 3 files due later (2026-11-25) count as missing.",
    ]


def test_a_warning_is_told_and_is_no_alert(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    site = write_site(tmp_path / "site")
    flux = site / "dags/maison-lumiere/store_replenishment.py"
    flux.write_text(flux.read_text("utf-8").replace("due=", 'jeopardy="30 min", due='), "utf-8")
    path = tmp_path / "log.csv"
    path.write_text(f"{LOG.splitlines()[0]}\n2026-11-25,REPL_NYC-01_20261125.csv,2026-11-25T10:59:00Z\n", "utf-8")
    assert main([str(path), "maison-lumiere.store_replenishment", "--site", str(site), "--json"]) == 0
    told = capsys.readouterr()
    assert json.loads(told.out)["alerts"] == 2  # Tokyo and Paris
    lines = [line for line in told.err.splitlines() if "new-york" in line]
    assert [line.split()[3] for line in lines] == ["warning", "resolved"]


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (["--due", "6h", "--tz", "UTC"], "--due: write a time of day as '06:00' (found '6h')."),
        (
            ["--due", "06:00", "--tz", "Rome"],
            "--tz: 'Rome' is not a time zone; write an IANA name such as 'Asia/Tokyo'.",
        ),
        ([*RULE, "--grace", "ten"], "--grace: write a duration as '30 s', '10 min', '2 h' or '1 d' (found 'ten')."),
        ([*RULE, "--calendar", "Italy"], "--calendar: 'Italy' is no place."),
        ([*RULE, "--calendar", "XX"], "--calendar: 'XX' is no country whose public holidays are known."),
        ([*RULE, "--calendar", "FR-999"], "--calendar: the country 'FR' has no subdivision '999'."),
        ([*RULE, "--calendar", "nordwin/hub"], "--calendar: there is no client 'nordwin'."),
        (
            [*RULE, "--days", "mon,freitag"],
            "--days: write 'mon', 'mon-fri', ['mon', 'thu'], 15, [1, 15] or 'last' (found 'freitag').",
        ),
        ([*RULE, "--country", "XX"], "--country: 'XX' is no country whose public holidays are known."),
        (
            [*RULE, "--opens", "18:30"],
            "--opens: opens and due are the same time, so no file could be on time; open the window earlier.",
        ),
        ([*RULE, "--log-tz", "Rome"], "--log-tz: 'Rome' is not a time zone; write an IANA name such as 'Asia/Tokyo'."),
        (["nordwind.end_of_day"], "no watch of files is 'nordwind.end_of_day'."),
    ],
)
def test_a_rule_that_means_nothing_is_told(log: str, given: list[str], says: str):
    with pytest.raises(RemedyError) as refused:
        main([log, *given])
    assert refused.value.problem == says


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ([], "name a FLUX, or write --due and --tz"),
        (["a.flux", "--due", "18:30"], "name a FLUX, or write --due and --tz"),
        (["--due", "18:30"], "--due needs --tz: whose clocks?"),
        (["a.flux", "--shift-policy", "skip"], "--shift-policy is of a rule of --due; the FLUX has its own"),
    ],
)
def test_one_rule_and_no_other(log: str, given: list[str], says: str, capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit):
        main([log, *given])
    assert says in capsys.readouterr().err


def test_a_log_that_is_not_there_or_cannot_be_read_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    with pytest.raises(RemedyError, match="cannot be read: No such file or directory"):
        main([str(tmp_path / "none.csv"), *RULE])
    path = tmp_path / "log.csv"
    path.write_text(LOG.replace("arrived_at", "arrived"), "utf-8")
    assert main([str(path), *RULE]) == 1
    assert capsys.readouterr().err == f"{path}:1: the column 'arrived_at' is missing. Did you mean 'arrived'?\n"


@pytest.mark.needs("corpus")
@pytest.mark.parametrize(("due", "late"), [("18:00", 118), ("18:30", 23), ("19:00", 6)])
def test_a_real_daily_file(due: str, late: int):
    """664 days of a file that people really waited for; also that it runs as a program."""
    corpus = Path(os.environ.get("VIGIE_CORPUS") or ROOT.parent / "shared" / "corpus")
    ran = subprocess.run(
        [sys.executable, "-m", "vigie", "replay", str(corpus / "arrivals/national-daily-file.csv"), "--due", due,
         "--tz", "Europe/Rome", "--json"],
        env=os.environ | {"PYTHONPATH": str(ROOT / "plugins")}, capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert json.loads(ran.stdout) == {
        "occurrences": 664, "on_time": 664 - late, "late": late, "missing": 0, "waived": 0, "alerts": late,
    }  # fmt: skip


def test_a_table_without_a_column_that_the_rule_needs_is_told(
    tmp_path: Path, log: str, capsys: pytest.CaptureFixture[str]
):
    site = write_site(tmp_path / "site")
    table = site / "include/clients/maison-lumiere/stores.yaml"
    table.write_text(table.read_text("utf-8").replace(", warehouse: tokyo", "", 1), "utf-8")
    assert main([log, "maison-lumiere.store_replenishment", "--site", str(site)]) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err == (
        "include/clients/maison-lumiere/stores.yaml:1: the site 'TYO-01' has no 'warehouse', which the group_by of "
        "maison-lumiere.store_replenishment.store_files needs. Add 'warehouse: …' to the row.\n"
    )


# --- what clocks, the ends of a log and names nearly right do ----------------------------------------------------


def lines_of(
    path: Path, rows: list[str], capsys: pytest.CaptureFixture[str], *arguments: str
) -> tuple[list[str], list[str]]:
    """What is said of a log, and what is remarked."""
    path.write_text("\n".join(["business_date,file_name,arrived_at", *rows, ""]), "utf-8")
    assert main([str(path), *arguments]) == 0
    told = capsys.readouterr()
    return told.out.splitlines(), [line.removeprefix(f"{path}:") for line in told.err.splitlines()]


def test_local_times_of_the_log_that_come_twice_or_never_are_remarked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    rows = ["2026-03-29,a,2026-03-29 02:30", "2026-10-25,b,2026-10-25T02:30:00", "2026-10-26,c,2026-10-26 02:30"]
    _, remarks = lines_of(
        tmp_path / "log.csv", rows, capsys, "--due", "06:00", "--tz", "UTC", "--log-tz", "Europe/Rome"
    )
    assert remarks == [
        (
            "2: arrived_at: '2026-03-29 02:30' never was in Europe/Rome: the clocks went on; 03:30 is taken. Write its "
            "offset, as '+01:00'."
        ),
        (
            "3: arrived_at: '2026-10-25T02:30:00' came twice in Europe/Rome; the first is taken, 00:30 UTC. Write its "
            "offset, as '+01:00'."
        ),
    ]


@pytest.mark.parametrize(
    ("due", "says"),
    [
        (
            "02:30",
            [
                "clocks: due 02:30 never is on 2026-03-29 in Europe/Rome: 03:30 counts",
                "clocks: due 02:30 comes twice on 2026-10-25 in Europe/Rome: the first counts",
            ],
        ),
        (
            "26:30",
            [
                "clocks: due 26:30 never is on 2026-03-29 in Europe/Rome: 03:30 counts",
                "clocks: due 26:30 comes twice on 2026-10-25 in Europe/Rome: the first counts",
            ],
        ),
        ("04:00", []),
    ],
)
def test_a_due_that_comes_twice_or_never_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], due: str, says: list[str]
):
    rows = ["2026-03-01,a,2026-03-01T00:00:00Z", "2026-10-31,b,2026-10-31T00:00:00Z"]
    told, _ = lines_of(tmp_path / "log.csv", rows, capsys, "--due", due, "--tz", "Europe/Rome")
    assert [line for line in told if line.startswith("clocks")] == says


def test_the_last_day_of_a_log_that_ends_before_its_deadline_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    site = write_site(tmp_path / "site")
    path = tmp_path / "log.csv"
    flux = ["maison-lumiere.store_replenishment", "--site", str(site)]
    rows = ["2026-11-25,REPL_TYO-01_20261125.csv,2026-11-24T20:00:00Z"]
    told, remarks = lines_of(path, rows, capsys, *flux)
    assert remarks == [
        " its last file is of 2026-11-24 21:00 Europe/Paris; 14 files due later (2026-11-25) count as missing."
    ]
    assert told[-2] == "judged: 2026-11-25 to 2026-11-25, the last deadline 2026-11-25 12:10 Europe/Paris"
    rows += [f"2026-11-25,REPL_TYO-{number:02}_20261125.csv," for number in range(2, 13)]
    _, remarks = lines_of(path, rows, capsys, *flux)
    assert remarks == [
        " its last file is of 2026-11-24 21:00 Europe/Paris; 3 files due later (2026-11-25) count as missing."
    ]


def test_a_name_of_the_day_behind_the_log_and_one_that_is_nearly_right_are_explained(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    site = write_site(tmp_path / "site")
    flux = site / "dags/maison-lumiere/store_replenishment.py"
    text = flux.read_text("utf-8")
    assert "{business_date:%Y%m%d}" in text
    flux.write_text(text.replace("{business_date:%Y%m%d}", "{business_date - 1 day:%Y%m%d}"), "utf-8")
    rows = [
        "2026-11-25,REPL_TYO-01_20261124.csv,2026-11-24T20:00:00Z",
        "2026-11-25,REPL_TYO-01_20261125.csv,2026-11-24T20:00:00Z",
        "2026-11-25,repl_tyo-02_20261124.csv,2026-11-24T20:00:00Z",
        "2026-11-25,REPL_TYO-03_20261124.csv.gz,2026-11-24T20:00:00Z",
        "2026-11-25,something.csv,2026-11-24T20:00:00Z",
    ]
    command = ["maison-lumiere.store_replenishment", "--site", str(site)]
    _, remarks = lines_of(tmp_path / "log.csv", rows, capsys, *command)
    assert remarks[:4] == [
        "3: 'REPL_TYO-01_20261125.csv' is no file that is expected: it is that of 2026-11-26, and the log ends on 2026-11-25.",
        (
            "4: 'repl_tyo-02_20261124.csv' is no file that is expected: nearly 'REPL_TYO-02_20261124.csv': upper and lower "
            "case differ."
        ),
        (
            "5: 'REPL_TYO-03_20261124.csv.gz' is no file that is expected: nearly 'REPL_TYO-03_20261124.csv': another "
            "extension."
        ),
        "6: 'something.csv' is no file that is expected.",
    ]
