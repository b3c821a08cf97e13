"""Further situations of each kind of the shared ones: zones and clocks, days after midnight, sets, names, holidays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tests.scenarios.three_ways import Comes, Ends, Situation, form, utc

PARIS = "code: PAR-1, zone: Europe/Paris, country: FR"
REPL = {"path": "out/REPL_{site.code}_{business_date:%Y%m%d}.csv", "opens": "00:00", "due": "06:00"}
TILLS = {"path": "out/SALES_{site.code}_{business_date:%Y%m%d}.csv", "opens": "20:00", "due": "26:00"}
SLOTS = {"path": "out/POS_{site.code}_{business_date:%Y%m%d}_{slot}.csv", "opens": "22:00"}
SHOPS = "shops:\n  works: [mon, tue, wed, thu, fri, sat]\n  holidays: [FR]\n"
EVERY_DAY = "shops:\n  works: every day\n"
DAY = "2026-11-24"
NAME = "out/REPL_PAR-1_20261124.csv"
FOUR = utc("2026-11-24 04:00")
"""An hour before the deadline in Paris."""


def near(name: str, what: str, *, path: str = "", size: int = 9, logged: bool = True, **rule: object) -> Situation:
    """The file is there under this path, and does not count."""
    rule = {**REPL, **rule} | ({"path": path} if path else {})
    return Situation(
        rule, [PARIS], [DAY], {("PAR-1", DAY): "missing"}, [Comes(name, FOUR, size, logged)], found=[(name, what)]
    )


def comes(end: str, *files: Comes, found: Sequence[tuple[str, str]] = (), **rule: object) -> Situation:
    """The files come on one day."""
    return Situation({**REPL, **rule}, [PARIS], [DAY], {("PAR-1", DAY): end}, files, found=found)


def in_time(name: str, **rule: object) -> Situation:
    """A file comes in time under this path."""
    return comes("on_time", Comes(name, FOUR), **rule)


def clock(zone: str, day: str, due: str, instant: str, opens: str = "00:00") -> Situation:
    """Nothing comes, and it was due at this instant (UTC)."""
    rule = {**REPL, "opens": opens, "due": due}
    return Situation(
        rule, [f"code: X-1, zone: {zone}, country: XX"], [day], {("X-1", day): "missing"}, due={("X-1", day): instant}
    )


def holiday(end: str, place: str, day: str, why: str = "") -> Situation:
    """Nothing comes on a day that is a holiday of a place, or none, or perhaps one."""
    country, _, subdivision = place.partition("-")
    row = f"code: X-1, zone: UTC, country: {country}" + (f", subdivision: {subdivision}" if subdivision else "")
    return Situation(REPL, [row], [day], {("X-1", day): end}, calendar=EVERY_DAY, why=why)


def of_paris(
    rule: Mapping[str, object],
    ends: Mapping[str, str],
    files: Sequence[Comes],
    due: Mapping[str, str],
    calendar: str = "",
) -> Situation:
    """Several days or slots of one shop."""
    days = sorted({when.partition("/")[0] for when in ends})
    whole: Ends = {("PAR-1", when): end for when, end in ends.items()}
    return Situation(
        dict(rule), [PARIS], days, whole, files, {("PAR-1", when): instant for when, instant in due.items()}, calendar
    )


ZONES = {
    "summer time for good, in summer": clock("America/Vancouver", "2027-07-01", "06:00", "2027-07-01T13:00:00Z"),
    "a zone by its old name": clock("Canada/Pacific", "2026-11-30", "06:00", "2026-11-30T13:00:00Z"),
    "no summer time in Ramadan": clock("Africa/Casablanca", "2027-03-01", "06:00", "2027-03-01T06:00:00Z"),
    "half an hour of summer time": clock("Australia/Lord_Howe", "2027-04-04", "06:00", "2027-04-03T19:30:00Z"),
    "three quarters of an hour": clock("Pacific/Chatham", "2026-11-24", "06:00", "2026-11-23T16:15:00Z"),
    "a time that never is": clock("Europe/Paris", "2027-03-28", "02:30", "2027-03-28T01:30:00Z"),
    "a time that comes twice": clock("Europe/Paris", "2026-10-25", "02:30", "2026-10-25T00:30:00Z"),
    "a day without a midnight": clock("America/Santiago", "2026-09-06", "06:00", "2026-09-06T09:00:00Z"),
    "due in the hour without a midnight": clock(
        "America/Santiago", "2026-09-06", "00:30", "2026-09-06T04:30:00Z", "20:00"
    ),
    "an evening before a date that never was": clock(
        "Pacific/Apia", "2011-12-29", "26:00", "2011-12-30T12:00:00Z", "20:00"
    ),
}

AFTER_MIDNIGHT = {
    "midnight itself": of_paris(
        {**TILLS, "due": "24:00"}, {"2026-11-24": "missing"}, [], {"2026-11-24": "2026-11-24T23:00:00Z"}
    ),
    "the morning after the last day of the year": of_paris(
        {**TILLS, "due": "30:00"},
        {"2026-12-31": "on_time"},
        [Comes("out/SALES_PAR-1_20261231.csv", utc("2027-01-01 04:00"))],
        {"2026-12-31": "2027-01-01T05:00:00Z"},
    ),
    "the night of a leap day": of_paris(
        TILLS,
        {"2028-02-29": "late"},
        [Comes("out/SALES_PAR-1_20280229.csv", utc("2028-03-01 01:10"))],
        {"2028-02-29": "2028-03-01T01:00:00Z"},
    ),
    "the last day of a month, due in the next": of_paris(
        {**TILLS, "days": "last"},
        {"2026-11-30": "on_time"},
        [Comes("out/SALES_PAR-1_20261130.csv", utc("2026-12-01 00:30"))],
        {"2026-11-30": "2026-12-01T01:00:00Z"},
    ),
    "a Friday that is a holiday, the night before": of_paris(
        {**TILLS, "days": "fri", "shift_policy": "previous_business_day"},
        {"2026-12-25": "on_time"},
        [Comes("out/SALES_PAR-1_20261225.csv", utc("2026-12-25 00:30"))],
        {"2026-12-25": "2026-12-25T01:00:00Z"},
        SHOPS,
    ),
    "a holiday's file, the night after": of_paris(
        {**TILLS, "shift_policy": "next_business_day"},
        {"2026-12-25": "on_time"},
        [Comes("out/SALES_PAR-1_20261225.csv", utc("2026-12-27 00:30"))],
        {"2026-12-25": "2026-12-27T01:00:00Z"},
        SHOPS,
    ),
    "the morning's own date, from the evening of a holiday on": of_paris(
        {**REPL, "opens": "22:00"},
        {"2026-12-25": "waived", "2026-12-26": "on_time"},
        [Comes("out/REPL_PAR-1_20261226.csv", utc("2026-12-25 21:30"))],
        {"2026-12-26": "2026-12-26T05:00:00Z"},
        SHOPS,
    ),
    "slots over the night of a clock change": of_paris(
        {**SLOTS, "slots": {"a": "23:00", "b": "01:30", "c": "03:30"}},
        {"2026-10-24/a": "missing", "2026-10-24/b": "missing", "2026-10-24/c": "on_time"},
        [Comes("out/POS_PAR-1_20261024_c.csv", utc("2026-10-25 02:20"))],
        {"2026-10-24/b": "2026-10-24T23:30:00Z", "2026-10-24/c": "2026-10-25T02:30:00Z"},
    ),
    "slots that say their hours of the day after": of_paris(
        {**SLOTS, "slots": {"a": "23:00", "b": "25:30"}},
        {"2026-12-31/a": "late", "2026-12-31/b": "on_time"},
        [
            Comes("out/POS_PAR-1_20261231_a.csv", utc("2026-12-31 22:01")),
            Comes("out/POS_PAR-1_20261231_b.csv", utc("2027-01-01 00:20")),
        ],
        {"2026-12-31/b": "2027-01-01T00:30:00Z"},
    ),
}

SETS = {
    "two of three files of one shop": comes(
        "missing",
        *(Comes(f"out/R_PAR-1_20261124_{number}.csv", FOUR) for number in (1, 2)),
        path="out/R_{site.code}_{business_date:%Y%m%d}_*.csv",
        at_least=3,
    ),
    "three of three, one of them late": comes(
        "late",
        *(Comes(f"out/R_PAR-1_20261124_{hour}.csv", utc(f"2026-11-24 0{hour}:30")) for hour in (3, 4, 5)),
        path="out/R_{site.code}_{business_date:%Y%m%d}_*.csv",
        at_least=3,
    ),
}

OF_ITSELF = {
    "copied with its old time": comes("on_time", Comes(NAME, FOUR, own=utc("2026-11-20 10:00"))),
    "a server whose clock is three hours ahead": comes("on_time", Comes(NAME, FOUR, own=utc("2026-11-24 07:00"))),
    "late, on a server whose clock is three hours behind": comes(
        "late", Comes(NAME, utc("2026-11-24 06:00"), own=utc("2026-11-24 03:00"))
    ),
    "late, on a server whose clock is a day ahead": comes(
        "late", Comes(NAME, utc("2026-11-24 06:00"), own=utc("2026-11-25 06:00"))
    ),
    "empty at first, then filled in time": comes(
        "on_time", Comes(NAME, utc("2026-11-24 03:00"), 0, logged=False), Comes(NAME, FOUR)
    ),
    "empty at first, then filled too late": comes(
        "late", Comes(NAME, FOUR, 0, logged=False), Comes(NAME, utc("2026-11-24 06:00")), found=[(NAME, "empty")]
    ),
    "overwritten with nothing after it came": comes(
        "on_time", Comes(NAME, utc("2026-11-24 03:00")), Comes(NAME, FOUR, 0, logged=False)
    ),
    "of just the least size": comes("on_time", Comes(NAME, FOUR, 50), min_size=50),
    "the same name each day, and yesterday's": Situation(
        {**REPL, "path": "out/R_{site.code}.csv", "max_age": "6 h"},
        [PARIS],
        ["2026-11-23", DAY],
        {("PAR-1", "2026-11-23"): "on_time", ("PAR-1", DAY): "missing"},
        [Comes("out/R_PAR-1.csv", utc("2026-11-23 04:00"))],
        found=[("out/R_PAR-1.csv", "old")],
    ),
    "a name without its year, and last year's": Situation(
        {**REPL, "path": "out/R_{site.code}_{business_date:%m%d}.csv", "max_age": "12 h"},
        [PARIS],
        ["2025-11-24", DAY],
        {("PAR-1", "2025-11-24"): "on_time", ("PAR-1", DAY): "missing"},
        [Comes("out/R_PAR-1_1124.csv", utc("2025-11-24 04:00"))],
        found=[("out/R_PAR-1_1124.csv", "old")],
    ),
}

_STAR = "out/*REPL_{site.code}_{business_date:%Y%m%d}*"
TEMPORARY = {
    f"temporary: {name}": near(f"out/{name}", "temporary", path=path)
    for name, path in [
        ("._REPL_PAR-1_20261124.csv", _STAR),
        (".REPL_PAR-1_20261124.csv.Xq3b2A", _STAR),
        ("~$REPL_PAR-1_20261124.xlsx", "out/*REPL_{site.code}_{business_date:%Y%m%d}.xlsx"),
        ("REPL_PAR-1_20261124.csv.part", "out/REPL_{site.code}_{business_date:%Y%m%d}.csv*"),
        ("REPL_PAR-1_20261124.csv.PARTIAL", _STAR),
        ("REPL_PAR-1_20261124.csv.writing", "out/REPL_{site.code}_{business_date:%Y%m%d}*"),
        ("REPL_PAR-1_20261124.tmp.csv", "out/REPL_{site.code}_{business_date:%Y%m%d}*.csv"),
        ("REPL_PAR-1_20261124.csv~", _STAR),
    ]
}

NEAR = {
    f"nearly: {name!r}": near(name, what)
    for name, what in [
        ("out/REPL_PAR-1_20261124.csv.pgp", "extension"),
        ("out/REPL_PAR-1_20261124.zip", "extension"),
        ("out/REPL_PAR-1_20261124.csv.csv", "extension"),
        ("out/REPL_PAR-1_20261124", "extension"),
        ("out/REPL_PAR-1_20261124 (1).csv", "suffix"),
        ("out/REPL_PAR-1_20261124-2.csv", "suffix"),
        ("out/RÉPL_PAR-1_20261124.csv", "spelling"),
        ("out/REPL_PAR-1_2026\u200b1124.csv", "spelling"),
        ("out/REPL_PAR-1_2026-11-24.csv", "spelling"),
        ("out/REPL_PAR-1_11242026.csv", "date"),
        ("out/REPL_PAR-1_261124.csv", "date"),
        ("out/REPL_PAR-1_24NOV2026.csv", "date"),
        ("out/repl_par-1_20261124.csv.gz", "extension"),
        ("REPL_PAR-1_20261124.CSV", "folder"),
        ("REPL_PAR-1_20261124.csv.gz", "folder"),
    ]
}

_EVERY_SCRIPT = "out/Gęś_ÉtéÅ가_PAR-1_20261124.csv"
_ITS_PATH = "out/Gęś_ÉtéÅ가_{site.code}_{business_date:%Y%m%d}.csv"
SPELLINGS = {
    **{
        f"{there}, and {asked} in the rule": in_time(form(there, _EVERY_SCRIPT), path=form(asked, _ITS_PATH))
        for there in ("NFC", "NFD")
        for asked in ("NFC", "NFD")
    },
    "decomposed where a star stands": in_time(
        form("NFD", "out/Été_PAR-1_20261124_é.csv"),
        path=form("NFC", "out/Été_{site.code}_{business_date:%Y%m%d}_*.csv"),
    ),
    "written for compatibility (NFKC) is another name": near(
        form("NFKC", "out/Ｒ①_PAR-1_20261124.csv"), "spelling", path="out/Ｒ①_{site.code}_{business_date:%Y%m%d}.csv"
    ),
    "ß in capitals": in_time(
        "out/STRASSE_PAR-1_20261124.csv", path="out/Straße_{site.code}_{business_date:%Y%m%d}.csv", ignore_case=True
    ),
    "a sigma at the end": in_time(
        "out/ΣΟΣ_PAR-1_20261124.csv", path="out/σος_{site.code}_{business_date:%Y%m%d}.csv", ignore_case=True
    ),
    "a month in capitals": in_time(
        "out/REPL_PAR-1_24NOV2026.csv", path="out/REPL_{site.code}_{business_date:%d%b%Y}.csv", ignore_case=True
    ),
    "another case where a star stands": in_time(
        "out/REPL_par-1_20261124_X7.Csv", path="out/Repl_{site.code}_{business_date:%Y%m%d}_*.csv", ignore_case=True
    ),
}

HOLIDAYS = {
    "a town with a holiday of its own": holiday(
        "waived", "DE-Augsburg", "2025-08-08", "holiday DE-Augsburg 2025-08-08"
    ),
    "a category in the table": holiday("waived", "DE-BY catholic", "2025-08-15", "holiday DE-BY catholic 2025-08-15"),
    "without the category": holiday("missing", "DE-BY", "2025-08-15"),
    "a category without a subdivision": holiday("waived", "BE-bank", "2026-05-15", "holiday BE bank 2026-05-15"),
    "a town's saint": holiday("waived", "IT-Milano", "2026-12-07", "holiday IT-"),
    "a part of a country by its name": holiday("waived", "GB-Scotland", "2026-11-30", "holiday GB-"),
    "a part of a country by its code": holiday("waived", "FR-6AE", "2027-03-26", "holiday FR-"),
    "the moon of Morocco": holiday("missing", "MA", "2027-03-10", "perhaps a holiday: MA 2027-03-10"),
    "the moon of Egypt": holiday("missing", "EG", "2027-03-10", "perhaps a holiday: EG 2027-03-10"),
}

FURTHER: dict[str, Situation] = {
    **ZONES,
    **AFTER_MIDNIGHT,
    **SETS,
    **OF_ITSELF,
    **TEMPORARY,
    **NEAR,
    **SPELLINGS,
    **HOLIDAYS,
}
