"""Each situation is right in the live session, in `./vigie expect` and in `./vigie replay`, and they agree."""

from __future__ import annotations

import os
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from tests.scenarios.further_situations import FURTHER
from tests.scenarios.three_ways import Asked, Comes, Situation, form, utc

from vigie.cli.site_watches import quiet_airflow, site_watches
from vigie.core.business_calendar import perhaps_holiday

pytestmark = pytest.mark.usefixtures("no_traces")

PLACES = [
    "out/REPL_{site.code}_{business_date:%Y%m%d}.csv",
    "archive/REPL_{site.code}_{business_date:%Y%m%d}.csv",
]
PARIS = "code: PAR-1, zone: Europe/Paris, country: FR"
REPL = {"path": "out/REPL_{site.code}_{business_date:%Y%m%d}.csv", "opens": "00:00", "due": "06:00"}
DAY = "2026-11-24"
WORLD = [
    "code: AKL-1, zone: Pacific/Auckland, country: NZ",
    PARIS,
    "code: NYC-1, zone: America/New_York, country: US",
    "code: LAX-2, zone: America/Los_Angeles, country: US",
]
TILLS = {"path": "out/SALES_{site.code}_{business_date:%Y%m%d}.csv", "opens": "20:00", "due": "26:00"}
SHOPS = "shops:\n  works: [mon, tue, wed, thu, fri, sat]\n  holidays: [FR]\n"
CHRISTMAS = [f"2026-12-{day}" for day in range(23, 29)]
MUNICH = "code: MUC-1, zone: Europe/Berlin, country: DE, subdivision: BY"
DUBAI = "code: DXB-1, zone: Asia/Dubai, country: AE"


def near(name: str, what: str, *, rule: dict[str, object] | None = None, size: int = 9) -> Situation:
    """The file is there under this path, and does not count."""
    logged = what not in {"empty", "small", "folder"}  # a log has whole files, and may leave their folder out
    comes = [Comes(name, utc("2026-11-24 04:00"), size, logged)]
    return Situation(
        {**REPL, **(rule or {})}, [PARIS], [DAY], {("PAR-1", DAY): "missing"}, comes, found=[(name, what)], cases=["09"]
    )


def in_time(name: str, *, cases: tuple[str, ...] = (), link_to: str = "", **rule: object) -> Situation:
    """The file comes in time under this path."""
    comes = [Comes(name, utc("2026-11-24 04:00"), link_to=link_to)]
    return Situation({**REPL, **rule}, [PARIS], [DAY], {("PAR-1", DAY): "on_time"}, comes, cases=cases)


def taken(
    at: str, lies: int, end: str, *, size: int = 9, moved: bool = False, found: str = "", **rule: object
) -> Situation:
    """The file comes at this time (UTC) and lies so many seconds."""
    name = "REPL_PAR-1_20261124.csv"
    to, stays = f"archive/{name}" if moved else "", timedelta(seconds=lies)
    comes = Comes(f"out/{name}", utc(f"2026-11-24 {at}"), size, not found, lies=stays, moved_to=to)
    lying = [(comes.path, found)] if found else []
    return Situation({**REPL, **rule}, [PARIS], [DAY], {("PAR-1", DAY): end}, [comes], found=lying, cases=["03"])


SITUATIONS = {
    "zones that changed in 2026": Situation(
        REPL,
        [
            "code: YVR-1, zone: America/Vancouver, country: CA",
            "code: YYC-1, zone: America/Edmonton, country: CA",
            "code: CMN-1, zone: Africa/Casablanca, country: MA",
            "code: YWG-1, zone: America/Winnipeg, country: CA",
        ],
        ["2026-11-30"],
        {
            ("YVR-1", "2026-11-30"): "on_time",
            ("YYC-1", "2026-11-30"): "late",
            ("CMN-1", "2026-11-30"): "on_time",
            ("YWG-1", "2026-11-30"): "missing",
        },
        [
            Comes("out/REPL_YVR-1_20261130.csv", utc("2026-11-30 12:59")),
            Comes("out/REPL_YYC-1_20261130.csv", utc("2026-11-30 12:59")),
            Comes("out/REPL_CMN-1_20261130.csv", utc("2026-11-30 05:59")),
        ],
        {
            ("YVR-1", "2026-11-30"): "2026-11-30T13:00:00Z",
            ("YYC-1", "2026-11-30"): "2026-11-30T12:00:00Z",
            ("CMN-1", "2026-11-30"): "2026-11-30T06:00:00Z",
        },
        cases=["01"],
    ),
    "a trading day that ends after midnight": Situation(
        TILLS,
        [PARIS],
        CHRISTMAS,
        {
            ("PAR-1", "2026-12-23"): "on_time",
            ("PAR-1", "2026-12-24"): "missing",  # the best day of the year
            ("PAR-1", "2026-12-25"): "waived",
            ("PAR-1", "2026-12-26"): "late",
            ("PAR-1", "2026-12-27"): "waived",
            ("PAR-1", "2026-12-28"): "on_time",
        },
        [
            Comes("out/SALES_PAR-1_20261223.csv", utc("2026-12-24 01:00")),
            Comes("out/SALES_PAR-1_20261226.csv", utc("2026-12-27 01:01")),
            Comes("out/SALES_PAR-1_20261228.csv", utc("2026-12-29 00:00")),
        ],
        {("PAR-1", "2026-12-24"): "2026-12-25T01:00:00Z"},
        SHOPS,
        "holiday FR 2026-12-25",
        cases=["05"],
    ),
    "after midnight on the nights of a clock change": Situation(
        TILLS,
        [PARIS],
        ["2026-03-28", "2026-10-24"],
        {("PAR-1", "2026-03-28"): "missing", ("PAR-1", "2026-10-24"): "missing"},
        due={("PAR-1", "2026-03-28"): "2026-03-29T01:00:00Z", ("PAR-1", "2026-10-24"): "2026-10-25T00:00:00Z"},
        cases=["05"],
    ),
    "slots over midnight": Situation(
        {
            "path": "out/POS_{site.code}_{business_date:%Y%m%d}_{slot}.csv",
            "opens": "20:00",
            "slots": {"22": "22:30", "02": "02:30"},
        },
        [PARIS],
        ["2026-12-24", "2026-12-25"],
        {
            ("PAR-1", "2026-12-24/22"): "on_time",
            ("PAR-1", "2026-12-24/02"): "on_time",
            ("PAR-1", "2026-12-25/22"): "waived",
            ("PAR-1", "2026-12-25/02"): "waived",
        },
        [
            Comes("out/POS_PAR-1_20261224_22.csv", utc("2026-12-24 21:00")),
            Comes("out/POS_PAR-1_20261224_02.csv", utc("2026-12-25 01:00")),
        ],
        {("PAR-1", "2026-12-24/02"): "2026-12-25T01:30:00Z"},
        SHOPS,
        "holiday FR 2026-12-25",
    ),
    "one of a set that never comes": Situation(
        REPL,
        WORLD,
        [DAY],
        {
            ("AKL-1", DAY): "missing",
            ("PAR-1", DAY): "on_time",
            ("NYC-1", DAY): "late",
            ("LAX-2", DAY): "late",
        },
        [
            Comes("out/REPL_PAR-1_20261124.csv", utc("2026-11-24 04:00")),
            Comes("out/REPL_NYC-1_20261124.csv", utc("2026-11-24 12:00")),
            Comes("out/REPL_LAX-2_20261124.csv", utc("2026-11-30 20:00")),
        ],
        cases=["07"],
    ),
    "another case": near("out/repl_par-1_20261124.CSV", "case"),
    "another case of the extension": near("out/REPL_PAR-1_20261124.CSV", "case"),
    "compressed": near("out/REPL_PAR-1_20261124.csv.gz", "extension"),
    "numbered": near("out/REPL_PAR-1_20261124_1.csv", "suffix"),
    "one folder too high": near("REPL_PAR-1_20261124.csv", "folder"),
    "a copy": near("out/Copy of REPL_PAR-1_20261124.csv", "prefix"),
    "another date format": near("out/REPL_PAR-1_24112026.csv", "date"),
    "other punctuation": near("out/REPL-PAR1-20261124.csv", "spelling"),
    "empty": near("out/REPL_PAR-1_20261124.csv", "empty", size=0),
    "too small": near("out/REPL_PAR-1_20261124.csv", "small", rule={"min_size": 100}),
    "another case that does not matter": in_time("out/repl_par-1_20261124.CSV", ignore_case=True, cases=("09",)),
    "left by Camel": Situation(
        {**REPL, "path": "out/*REPL_{site.code}_{business_date:%Y%m%d}.csv"},
        [PARIS],
        [DAY],
        {("PAR-1", DAY): "missing"},
        [Comes("out/.inprogress.REPL_PAR-1_20261124.csv", utc("2026-11-24 04:00"))],
        found=[("out/.inprogress.REPL_PAR-1_20261124.csv", "temporary")],
        cases=["11"],
    ),
    "left by SFTPGo": Situation(
        {**REPL, "path": "out/*REPL_{site.code}_{business_date:%Y%m%d}.csv"},
        [PARIS],
        [DAY],
        {("PAR-1", DAY): "missing"},
        [Comes("out/.sftpgo-upload.c3.REPL_PAR-1_20261124.csv", utc("2026-11-24 04:00"))],
        found=[("out/.sftpgo-upload.c3.REPL_PAR-1_20261124.csv", "temporary")],
        cases=["11"],
    ),
    "left by WinSCP": Situation(
        {**REPL, "path": "out/REPL_{site.code}_{business_date:%Y%m%d}*"},
        [PARIS],
        [DAY],
        {("PAR-1", DAY): "missing"},
        [Comes("out/REPL_PAR-1_20261124.csv.filepart", utc("2026-11-24 04:00"))],
        found=[("out/REPL_PAR-1_20261124.csv.filepart", "temporary")],
        cases=["11"],
    ),
    "a temporary name that is written": in_time(
        "out/REPL_PAR-1_20261124_7.tmp", path="out/REPL_{site.code}_{business_date:%Y%m%d}*.tmp", cases=("11",)
    ),
    "a holiday of a town, by its category": Situation(
        REPL,
        [MUNICH],
        ["2025-08-15"],
        {("MUC-1", "2025-08-15"): "waived"},
        calendar="shops:\n  works: every day\n  places: {MUC-1: DE-BY catholic}\n",
        why="holiday DE-BY catholic 2025-08-15",
        cases=["15"],
    ),
    "a holiday of a part of a country, by its name": Situation(
        REPL,
        ["code: SXB-1, zone: Europe/Paris, country: FR, subdivision: Alsace"],
        ["2026-12-26"],
        {("SXB-1", "2026-12-26"): "waived"},
        calendar="shops:\n  works: every day\n",
        why="holiday FR-Alsace 2026-12-26",
        cases=["15"],
    ),
    "an estimated holiday": Situation(
        REPL,
        [DUBAI],
        ["2027-03-09"],
        {("DXB-1", "2027-03-09"): "missing"},
        calendar="shops:\n  works: every day\n",
        why="perhaps a holiday: AE 2027-03-09 Eid al-Fitr",
    ),
    "an estimated holiday that is confirmed": Situation(
        REPL,
        [DUBAI],
        ["2027-03-09"],
        {("DXB-1", "2027-03-09"): "waived"},
        calendar="shops:\n  works: every day\n  confirmed: [{on: 2027-03-09, reason: announced}]\n",
        why="holiday AE 2027-03-09 Eid al-Fitr",
    ),
    "published by a link": in_time("out/REPL_PAR-1_20261124.csv", link_to="real/a.csv", cases=("17",)),
    "a date that never was": Situation(
        REPL,
        ["code: APW-1, zone: Pacific/Apia, country: WS"],
        ["2011-12-29", "2011-12-30", "2011-12-31"],
        {("APW-1", "2011-12-29"): "missing", ("APW-1", "2011-12-31"): "on_time"},
        [Comes("out/REPL_APW-1_20111231.csv", utc("2011-12-30 15:00"))],
        {("APW-1", "2011-12-31"): "2011-12-30T16:00:00Z"},
        cases=["19"],
    ),
    "composed and decomposed": in_time(
        form("NFD", "out/Été_PAR-1_20261124.csv"), path=form("NFC", "out/Été_{site.code}_{business_date:%Y%m%d}.csv")
    ),
    "a folder in another form": in_time(
        form("NFC", "Été/REPL_PAR-1_20261124.csv"), path=form("NFD", "Été/REPL_{site.code}_{business_date:%Y%m%d}.csv")
    ),
    "a name that comes again each week": Situation(
        {**REPL, "path": "out/REPL_{site.code}_{business_date:%a}.csv", "max_age": "12 h"},
        [PARIS],
        ["2026-11-17", DAY],
        {("PAR-1", "2026-11-17"): "on_time", ("PAR-1", DAY): "missing"},
        [Comes("out/REPL_PAR-1_Tue.csv", utc("2026-11-17 04:00"))],
        found=[("out/REPL_PAR-1_Tue.csv", "old")],
    ),
    "a name of the ISO week": Situation(
        {**REPL, "path": "out/REPL_{site.code}_{business_date:%G-W%V}.csv", "days": "fri"},
        [PARIS],
        ["2026-12-25", "2027-01-01"],
        {("PAR-1", "2026-12-25"): "on_time", ("PAR-1", "2027-01-01"): "missing"},
        [Comes("out/REPL_PAR-1_2026-W52.csv", utc("2026-12-25 04:00"))],
    ),
    "a name of the month": Situation(
        {**REPL, "path": "out/REPL_{site.code}_{business_date:%Y%m}.csv", "days": "last"},
        [PARIS],
        ["2026-10-31", "2026-11-30"],
        {("PAR-1", "2026-10-31"): "on_time", ("PAR-1", "2026-11-30"): "missing"},
        [Comes("out/REPL_PAR-1_202610.csv", utc("2026-10-31 04:00"))],
    ),
    "taken at once, long before the deadline": taken("02:00:30", 2, "on_time", taken=True),
    "taken at once, shortly before the deadline": taken("04:59:00", 20, "on_time", taken=True),
    "taken, and seen once": taken("04:59:00", 36, "on_time"),
    "taken after it came late": taken("05:20:00", 2, "late", taken=True),
    "moved to the archive": taken("02:00:30", 60, "on_time", moved=True, path=PLACES),
    "moved to the archive after the deadline": taken("04:50:00", 1800, "on_time", moved=True, path=PLACES),
    "moved to the archive, and late": taken("05:20:00", 60, "late", moved=True, path=PLACES),
    "moved to the archive before anybody looked": in_time(
        "archive/REPL_PAR-1_20261124.csv", path=PLACES, cases=("03",)
    ),
    "moved under another name": in_time(
        "archive/2026-11/PAR-1 24.11.2026.done",
        path=[REPL["path"], "archive/{business_date:%Y-%m}/{site.code} {business_date:%d.%m.%Y}.done"],
        cases=("03",),
    ),
    "taken, where that is missing": taken("02:00:30", 2, "missing", gone="missing", found="gone"),
    "taken while it was empty": taken("02:00:30", 2, "missing", size=0, taken=True, found="gone"),
    "nearly its name, in the archive": near("archive/repl_par-1_20261124.csv", "case", rule={"path": PLACES}),
    "one of a set that was taken and one that never came": Situation(
        {**REPL, "path": PLACES},
        WORLD[1:],
        [DAY],
        {("PAR-1", DAY): "on_time", ("NYC-1", DAY): "on_time", ("LAX-2", DAY): "missing"},
        [
            Comes("out/REPL_PAR-1_20261124.csv", utc("2026-11-24 04:00"), lies=timedelta(seconds=2)),
            Comes("archive/REPL_NYC-1_20261124.csv", utc("2026-11-24 10:00")),
        ],
        cases=["03"],
    ),
}


EVERY = {**SITUATIONS, **FURTHER}


@pytest.mark.parametrize("name", EVERY)
def test_the_live_session_and_both_commands_say_what_is_right(name: str, tmp_path: Path):
    situation = EVERY[name]
    asked = Asked(situation, tmp_path)
    with quiet_airflow(asked.site):
        watches, broken = site_watches("nordwind", "stores")
    assert not broken
    (watch,) = watches

    known, signals = asked.live(watch)
    assert {key: each.status for key, each in known.items()} == situation.ends

    expected = {(each["site"], _when(each)): each for each in asked.expect()}
    assert expected.keys() == situation.ends.keys()
    for key, each in expected.items():
        one = known[key]
        assert (each["status"] == "waived") == (one.status == "waived"), key
        assert (each["due"], each["path"]) == (f"{one.due:%Y-%m-%dT%H:%M:%SZ}", one.path)
        assert tuple(each.get("also", ())) == one.also
        assert each["deadline"] == f"{one.deadline:%Y-%m-%dT%H:%M:%SZ}"
    assert {key: expected[key]["due"] for key in situation.due} == situation.due
    if situation.why:
        assert any(each["reason"].startswith(situation.why) for each in expected.values())
        assert any(each.reason.startswith(situation.why) for each in known.values())

    counts = asked.replay()
    ways = Counter(status for key, status in situation.ends.items())
    between = counts["occurrences"] - len(situation.ends)  # days of the log between those of the situation
    assert (counts["on_time"], counts["late"]) == (ways["on_time"] + ways["early"], ways["late"])
    assert counts["missing"] + counts["waived"] == ways["missing"] + ways["waived"] + between
    if not between:
        assert (counts["missing"], counts["waived"]) == (ways["missing"], ways["waived"])

    missing = [
        each for each in signals if each.event == "trigger" and each.dedup_key.partition("|")[0] in _whens(situation)
    ]
    found = [(one["path"], one["what"]) for each in missing for one in each.facts["found"]]  # type: ignore[union-attr, index, call-overload]
    assert found == list(situation.found)
    incomplete = {when for (_, when), status in situation.ends.items() if status == "missing"}
    ended = [each.dedup_key.partition("|")[0] for each in signals if each.title.startswith("All files are there")]
    assert incomplete.isdisjoint(ended)
    if perhaps_holiday(situation.why):
        (signal,) = missing
        (occurrence,) = known.values()
        assert signal.facts["missing"][0]["holiday"] == perhaps_holiday(occurrence.reason)  # type: ignore[index, call-overload]


def _when(each: dict[str, str]) -> str:
    return f"{each['business_date']}/{each['slot']}" if each["slot"] else each["business_date"]


def _whens(situation: Situation) -> set[str]:
    return {when for _, when in situation.ends}


ELSEWHERE = {
    "13": "tests/tasks/test_folders.py and the adapters': big folders, slow answers",
}


@pytest.mark.needs("corpus")
def test_every_shared_situation_is_here_or_elsewhere():
    corpus = Path(os.environ.get("VIGIE_CORPUS") or Path(__file__).resolve().parents[3] / "shared" / "corpus")
    shared = {path.name.partition("-")[0] for path in (corpus / "files").glob("*.txt")}
    here = {case for situation in SITUATIONS.values() for case in situation.cases}
    assert shared
    assert shared - here - ELSEWHERE.keys() == set()
