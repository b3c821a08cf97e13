from __future__ import annotations

import string
from datetime import date, timedelta

import pytest
import re2
from hypothesis import given
from hypothesis import strategies as st

from vigie.core.date_format import check_format, date_read, pattern_of, tells_days_apart
from vigie.core.file_name import check_path

MEANT = ["Y", "y", "m", "d", "j", "G", "V", "U", "W", "u", "w", "a", "A", "b", "B", "h", "F", "e", "%"]
"""The directives of strftime that may be a business date's, alone or with others."""

UNPADDED = ["-d", "-m", "-j", "-y", "-U", "-W", "^a", "^A", "^b", "^B", "^h"]

NO_DATE = "'{0}' is no directive of a date; write %Y%m%d, and a % itself as %%"
TIME = "'{0}' is a time, and a business date has none; write '*' for it, or {{slot}}"


def refusal(written: str) -> str:
    with pytest.raises(ValueError) as refused:
        check_format(written)
    return str(refused.value)


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("YYYYMMDD", "'YYYYMMDD' writes no date; write %Y%m%d"),
        ("yyyy-MM-dd", "'yyyy-MM-dd' writes no date; write %Y-%m-%d"),
        ("YYMMDD", "'YYMMDD' writes no date; write %y%m%d"),
        ("DD.MM.YYYY", "'DD.MM.YYYY' writes no date; write %d.%m.%Y"),
        ("JJMMAAAA", "'JJMMAAAA' writes no date; write %d%m%Y"),
        ("TTMMJJJJ", "'TTMMJJJJ' writes no date; write %d%m%Y"),
        ("Ymd", "'Ymd' writes no date; write %Y%m%d"),
        ("100%%", "'100%%' writes no date; write %Y%m%d"),
        ("%YMMDD", "'MMDD' stands in the name as it is; write %Y%m%d"),
        ("%Q", NO_DATE.format("%Q")),
        ("%Y%m%d%", NO_DATE.format("%")),
        ("%Y%-", NO_DATE.format("%-")),
        ("%_d", NO_DATE.format("%_")),
        ("%Ey", NO_DATE.format("%E")),
        ("%n", NO_DATE.format("%n")),
        ("%H%M", TIME.format("%H")),
        ("%Y%m%d%H%M%S", TIME.format("%H")),
        ("%Y%m%d_%-I", TIME.format("%-I")),
        ("%Y%m%d%f", TIME.format("%f")),
        ("%s", TIME.format("%s")),
        ("%Y%m%d%z", "'%z' is a time zone, and a business date has none"),
        ("%x", "'%x' is not written the same everywhere; write %Y%m%d"),
        ("%D", "'%D' is not written the same everywhere; write %m%d%y"),
        ("%C%y%m%d", "'%C' is not written the same everywhere; write %Y"),
        (
            "%Y-W%V",
            (
                "'%V' is a week of the ISO year, '%G': with '%Y' the file of 31 December 2024 would be that of the first week "
                "of 2024; write %G-W%V"
            ),
        ),
        ("%G%m%d", "'%G' is the year of the ISO week '%V', and differs from '%Y' around New Year; write %Y"),
        ("%G%V%m", "'%G' is the year of the ISO week, no year of months and days; write %Y"),
    ],
)
def test_what_nobody_can_mean_is_refused(written: str, text: str):
    assert refusal(written) == text


@pytest.mark.parametrize("letter", sorted(set(string.ascii_letters) - set(MEANT)))
def test_every_other_letter_is_refused_beside_a_whole_date(letter: str):
    assert refusal(f"%Y%m%d%{letter}").startswith(f"'%{letter}' ")


@pytest.mark.parametrize("directive", [*MEANT, *UNPADDED])
def test_every_letter_that_is_meant_passes_beside_a_whole_date(directive: str):
    check_format(f"%{directive}_%G%V" if directive in {"G", "V"} else f"%{directive}_%Y%m%d")


@given(st.sampled_from([*MEANT, *UNPADDED]), st.dates(date(1990, 1, 1), date(2090, 1, 1)))
def test_what_is_written_fits_its_pattern(directive: str, day: date):
    assert re2.fullmatch(pattern_of(f"%{directive}"), day.strftime(f"%{directive}"))


@pytest.mark.parametrize(
    "written", ["%Y%m%d", "%F", "%d%^b%y", "%j", "%m%d", "%G-W%V-%u", "%e %B %Y", "%Y%j", "%-d.%-m.%Y"]
)
@given(st.integers(-180, 3))
def test_a_date_is_read_as_it_was_written(written: str, days: int):
    day = date(2026, 11, 23) + timedelta(days=days)
    assert date_read(written, day.strftime(written), date(2026, 11, 23)) == day


@pytest.mark.parametrize(
    ("written", "text"), [("%Y%m%d", "20261299"), ("%m%d", "1399"), ("%a", "Mok"), ("%F", "2026-02-30")]
)
def test_a_text_that_is_no_date(written: str, text: str):
    with pytest.raises(ValueError):
        date_read(written, text, date(2026, 11, 23))


@pytest.mark.parametrize("written", ["%Y%m%d", "%y%j", "%F", "%G%V%a", "%d %B %Y"])
def test_a_whole_date(written: str):
    assert tells_days_apart(written)


@pytest.mark.parametrize("written", ["%m%d", "%Y%m", "%a", "%V", "%G%V", "%Y", "%Y%-m%-d", "%j", "%Y%d", "%u"])
def test_half_a_date(written: str):
    assert not tells_days_apart(written)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("REPL_YYYYMMDD.csv", "'YYYYMMDD' stands in the name as it is; write {business_date:%Y%m%d}"),
        ("REPL_yyyy-MM-dd.csv", "'yyyy-MM-dd' stands in the name as it is; write {business_date:%Y-%m-%d}"),
        ("REPL_AAAAMMJJ.csv", "'AAAAMMJJ' stands in the name as it is; write {business_date:%Y%m%d}"),
        ("REPL_DDMMYY.csv", "'DDMMYY' stands in the name as it is; write {business_date:%d%m%y}"),
        ("YYYY/MM/REPL.csv", "'YYYY/MM' stands in the name as it is; write {business_date:%Y/%m}"),
        (
            "REPL_{business_date:%Y%m%d}_HHMMSS.csv",
            "'HHMMSS' stands in the name as it is; write {business_date:%Y%m%d}",
        ),
        ("REPL_%Y%m%d.csv", "'%Y%m%d' stands outside of braces, so it is no date; write {business_date:%Y%m%d}"),
        ("REPL_$(date +%F).csv", "'%F' stands outside of braces, so it is no date; write {business_date:%F}"),
        ("{{business_date}}.csv", "'{{business_date' has two braces, so it is no field; write one"),
        ("{{ site.code }}.csv", "'{{ site.' has two braces, so it is no field; write one"),
        ("REPL_[0-9]_{business_date}.csv", "'[0-9]' stands for itself; write '*' for what nobody knows"),
        ("REPL_?_{business_date}.csv", "a '?' stands for itself; write '*' for what nobody knows"),
        (
            "s3://bucket/out/{business_date}.csv",
            (
                "it is an address, 's3://…'; where= names the server, and the path is a place on it: write it without "
                "'s3://bucket/'"
            ),
        ),
        (
            "sftp://host:22/out/{business_date}.csv",
            (
                "it is an address, 'sftp://…'; where= names the server, and the path is a place on it: write it without "
                "'sftp://host:22/'"
            ),
        ),
        (
            "file:///out/{business_date}.csv",
            (
                "it is an address, 'file://…'; where= names the server, and the path is a place on it: write it without "
                "'file:///'"
            ),
        ),
        ("C:\\out\\x.csv", "it begins with a drive of Windows; write the path as the server shows it, with '/'"),
        ("out\\{business_date}.csv", "a '\\' stands in it; write '/' between folders"),
        ("\\\\server\\share\\{business_date}.csv", "a '\\' stands in it; write '/' between folders"),
        (
            "~/out/{business_date}.csv",
            "no server knows '~'; a path without a '/' at its beginning starts in the login folder",
        ),
        ("out/{business_date}.csv ", "a blank stands at its beginning or end; take it away"),
        ("out/\x00{business_date}.csv", "a character that nobody can see stands in it; take it away"),
        *(
            (f"out/{unseen}{{business_date}}.csv", "a character that nobody can see stands in it; take it away")
            for unseen in "\u200b\u200e\u202e\u2060\ufeff\x85"
        ),
        *(
            (
                f"{address}out/{{business_date}}.csv",
                (
                    f"it begins with an address, '{address}'; where= names the server, and the path is a place on it: write it "
                    "without that"
                ),
            )
            for address in (
                "s3:/",
                "file:/",
                "sftp.acme.example:/",
                "ops@depot:",
                "ops@depot.acme.example:/",
                "//",
                "///",
            )
        ),
        *(
            (
                f"out/{jinja}_{{business_date}}.csv",
                f"'{jinja}' is a template of Airflow, and stands in the name as it is; write {{business_date:%Y%m%d}}",
            )
            for jinja in ("{{ ds }}", "{{ ds_nodash }}", "{{ params.site }}", "{{ macros.ds_add(ds, -1) }}")
        ),
        (
            "out/{{ds}}.csv",
            "'{{ds' is a template of Airflow, and stands in the name as it is; write {business_date:%Y%m%d}",
        ),
        ("{business_date:%Q}.csv", NO_DATE.format("%Q")),
    ],
)
def test_a_path_that_no_file_can_have_is_refused(path: str, text: str):
    with pytest.raises(ValueError) as refused:
        check_path(path)
    assert str(refused.value) == f"path '{path}': {text}"


@pytest.mark.parametrize(
    "path",
    [
        "MMA/ADDED_SS_{business_date:%Y/%m/%d}/Ünïcode {site.code} (copy) [v2] 100%.csv",
        "out/SUMMARY_DDL_{business_date}.csv",
        "out/{{x}}_{business_date}.csv",
        "/srv/../out/.hidden_{business_date}~.csv",
        "Mammy_aa_{business_date}_tt.JJ",
        "out/12:30/a:b@c:d_{{x }}{business_date}.csv",
        "/out//{business_date}.csv",
    ],
)
def test_a_path_that_only_looks_odd_passes(path: str):
    assert check_path(path) == path
