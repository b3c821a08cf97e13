"""`./vigie expect`, on a site of the test's own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.scenarios.site import write_site

from vigie.cli.expect import main
from vigie.cli.remedy import RemedyError
from vigie.cli.settings import CHECKOUT

CALENDAR = "stores:\n  works: every day\n  closed:\n    - {on: 2026-11-23, reason: Works, sites: [PAR-02]}\n"


@pytest.fixture(autouse=True)
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("AIRFLOW_HOME", os.environ["AIRFLOW_HOME"])
    monkeypatch.setenv("AIRFLOW__LOGGING__LOGGING_LEVEL", "ERROR")
    monkeypatch.setenv("VIGIE_SITE", "")
    monkeypatch.setenv("COLUMNS", "100")
    folder = write_site(tmp_path / "site")
    (folder / "include/clients/maison-lumiere/calendar.yaml").write_text(CALENDAR, "utf-8")
    client = folder / "include/clients/maison-lumiere/client.yaml"
    client.write_text(f"{client.read_text('utf-8')}calendar: stores\n", "utf-8")
    return str(folder)


def expect(site: str, *arguments: str) -> int:
    return main(["maison-lumiere", "--site", site, "--date", "2026-11-23", *arguments])


WHOLE = """\
Maison Lumière, Monday 23 November 2026

store_replenishment / store_files
  Asia/Tokyo: 12 sites waived: holiday JP 2026-11-23 Labor Thanksgiving Day
    00:00 - 06:00 (+10 min) site
    Sun 22 Nov 16:00 - Sun 22 Nov 22:00 Europe/Paris
    Sun 22 Nov 15:00 - Sun 22 Nov 21:00 UTC
    TYO-01, TYO-02, TYO-03, TYO-04, TYO-05, TYO-06, TYO-07, TYO-08, and 4 more
  Europe/Paris: 1 site expected
    00:00 - 06:00 (+10 min) site
    00:00 - 06:00 Europe/Paris
    Sun 22 Nov 23:00 - 05:00 UTC
    PAR-01
  Europe/Paris: 1 site waived: closed 2026-11-23 Works
    00:00 - 06:00 (+10 min) site
    00:00 - 06:00 Europe/Paris
    Sun 22 Nov 23:00 - 05:00 UTC
    PAR-02
  America/New_York: 1 site expected
    00:00 - 06:00 (+10 min) site
    06:00 - 12:00 Europe/Paris
    05:00 - 11:00 UTC
    NYC-01

2 expected, 13 waived.
"""


def test_what_is_expected_by_when_and_what_is_waived_and_why(site: str, capsys: pytest.CaptureFixture[str]):
    assert expect(site) == 0
    assert capsys.readouterr().out == WHOLE


def test_it_is_readable_in_a_narrow_terminal(
    site: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("COLUMNS", "52")
    assert expect(site, "--all", "--zone", "Asia/Kolkata") == 0
    said = capsys.readouterr().out
    assert max(map(len, said.splitlines())) <= 52
    assert "TYO-12" in said
    assert "    04:30 - 10:30 Asia/Kolkata\n" in said


def test_as_data_each_occurrence_of_each_site(site: str, capsys: pytest.CaptureFixture[str]):
    assert expect(site, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["client"], told["date"], len(told["occurrences"])) == ("maison-lumiere", "2026-11-23", 15)
    assert told["occurrences"][12] == {
        "watch": "maison-lumiere.store_replenishment.store_files",
        "site": "PAR-01",
        "business_date": "2026-11-23",
        "slot": "",
        "path": "outbound/REPL_PAR-01_20261123.csv",
        "zone": "Europe/Paris",
        "window_open": "2026-11-22T23:00:00Z",
        "due": "2026-11-23T05:00:00Z",
        "deadline": "2026-11-23T05:10:00Z",
        "window_open_site": "2026-11-23T00:00:00+01:00",
        "due_site": "2026-11-23T06:00:00+01:00",
        "deadline_site": "2026-11-23T06:10:00+01:00",
        "window_open_reader": "2026-11-23T00:00:00+01:00",
        "due_reader": "2026-11-23T06:00:00+01:00",
        "deadline_reader": "2026-11-23T06:10:00+01:00",
        "status": "pending",
        "reason": "",
    }


def test_a_moved_file_says_of_which_date_it_is(site: str, capsys: pytest.CaptureFixture[str]):
    flux = Path(site) / "dags/maison-lumiere/store_replenishment.py"
    flux.write_text(flux.read_text("utf-8").replace("due=", 'shift_policy="next_business_day", due='), "utf-8")
    assert main(["maison-lumiere", "--site", site, "--date", "2026-11-24"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "12 sites expected, of 2026-11-23: holiday JP 2026-11-23 Labor Thanksgiving Day, due on 2026-11-24" in said


def test_today_where_no_date_is_given_and_nothing_where_no_file_is_watched(
    site: str, capsys: pytest.CaptureFixture[str]
):
    assert main(["nordwind", "--site", site, "--flux", "end_of_day"]) == 0
    assert capsys.readouterr().out.endswith("Nothing is expected: no watch of files or mails.\n")


MAILS = """\
Nordwind Logistik, Wednesday 25 November 2026

backups / backups_ok
  Europe/Berlin: 5 mails expected
    Tue 24 Nov 22:00 - 06:00 (+10 min) site
    Tue 24 Nov 22:00 - 06:00 Europe/Paris
    Tue 24 Nov 21:00 - 05:00 UTC
    vm1, vm2, vm3, vm4, vm5

1 expected, 0 waived.
"""


def test_the_mails_of_a_night_and_those_of_a_holiday(site: str, capsys: pytest.CaptureFixture[str]):
    assert main(["nordwind", "--site", site, "--date", "2026-11-25"]) == 0
    assert capsys.readouterr().out == MAILS
    flux = Path(site) / "dags/nordwind/backups.py"
    flux.write_text(flux.read_text("utf-8").replace("due=", 'calendar="DE", due='), "utf-8")
    assert main(["nordwind", "--site", site, "--date", "2026-12-25"]) == 0
    assert "Europe/Berlin: 5 mails waived: holiday DE 2026-12-25 Christmas Day" in capsys.readouterr().out


def test_what_cannot_be_read_is_told(site: str, capsys: pytest.CaptureFixture[str]):
    (Path(site) / "dags/maison-lumiere/other.py").write_text("import nothing_of_this_name\n", "utf-8")
    assert expect(site) == 1
    assert "dags/maison-lumiere/other.py is left out: No module named" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (
            ["maison-lumiere", "--flux", "replenishment"],
            "There is no flux 'replenishment' of maison-lumiere.\n  Remedy: Did you mean 'store_replenishment'?",
        ),
        (["maison-lumier"], "There is no client 'maison-lumier'.\n  Remedy: Did you mean 'maison-lumiere'?"),
        (["maison-lumiere", "--date", "23/11"], "--date: '23/11' is no date.\n  Remedy: Write it as 2026-11-23."),
        (["maison-lumiere", "--date", "0001-01-01"], "--date: '0001-01-01' is not of our time.\n  Remedy: Write a year from 1970 to 2100."),
        (["maison-lumiere", "--zone", "Paris"], "--zone: 'Paris' is not a time zone.\n  Remedy: Write an IANA name, as 'Asia/Tokyo'."),
    ],
)  # fmt: skip
def test_a_question_that_means_nothing_is_told(site: str, arguments: list[str], says: str):
    with pytest.raises(RemedyError) as refused:
        main([*arguments, "--site", site])
    assert str(refused.value) == says


def test_a_weekly_file_is_told_on_its_day_and_where_a_holiday_moved_it(site: str, capsys: pytest.CaptureFixture[str]):
    flux = Path(site) / "dags/maison-lumiere/store_replenishment.py"
    weekly = 'days="mon", shift_policy="next_business_day", due='
    flux.write_text(flux.read_text("utf-8").replace("due=", weekly, 1), "utf-8")
    assert expect(site, "--date", "2026-11-24") == 0
    told = capsys.readouterr().out
    assert "Asia/Tokyo: 12 sites expected, of 2026-11-23: holiday JP" in told
    assert "PAR-01" not in told  # its Monday was no holiday
    assert expect(site, "--date", "2026-11-25") == 0
    assert "  Nothing on this day: expected on mon.\n" in capsys.readouterr().out


def test_the_guide_shows_what_it_says(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.setenv("COLUMNS", "80")
    checkout = Path(__file__).parents[2]
    shown = (checkout / "docs/authors/expected.md").read_text("utf-8").split("```text\n")[1].partition("```")[0]
    assert shown.startswith("Maison Lumière, Monday 23 November 2026\n")
    main(["maison-lumiere", "--date", "2026-11-23", "--site", str(checkout)])
    assert capsys.readouterr().out.startswith(shown)


ROW = "include/clients/maison-lumiere/stores.yaml:3: the site 'TYO-03' has no 'warehouse', which the group_by of "


@pytest.mark.parametrize(
    ("new", "said"),
    [
        ("", f"{ROW}maison-lumiere.store_replenishment.store_files needs. Add 'warehouse: …' to the row."),
        (", warehouse: ''", "include/clients/maison-lumiere/stores.yaml:3: warehouse: write 1 to 200 characters."),
    ],
)
def test_a_row_that_cannot_be_used_is_told_and_the_others_are_expected(
    site: str, capsys: pytest.CaptureFixture[str], new: str, said: str
) -> None:
    table = Path(site) / "include/clients/maison-lumiere/stores.yaml"
    lines = table.read_text("utf-8").split("\n")
    lines[2] = lines[2].replace(", warehouse: tokyo", new)
    table.write_text("\n".join(lines), "utf-8")
    assert expect(site, "--json") == 1
    shown = capsys.readouterr()
    assert shown.err.splitlines() == [said]
    codes = {one["site"] for one in json.loads(shown.out)["occurrences"]}
    assert (len(codes), "TYO-03" in codes) == (14, False)


def test_the_zone_of_the_machine_changes_no_hour(site: str):
    """The rows of four zones, asked on machines that are half a day behind and ahead of UTC."""
    said = []
    for zone in ("Pacific/Pago_Pago", "Pacific/Kiritimati"):
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "vigie",
                "expect",
                "maison-lumiere",
                "--date",
                "2026-11-24",
                "--json",
                "--site",
                site,
            ],
            env={**os.environ, "PYTHONPATH": str(CHECKOUT / "plugins"), "TZ": zone},
            capture_output=True,
            text=True,
            check=True,
            timeout=120,
        )
        said.append(json.loads(done.stdout)["occurrences"])
    assert said[0] == said[1]
    assert len({each["zone"] for each in said[0]}) > 2
