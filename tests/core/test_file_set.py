"""What is said of a set of files, and of those of it that are missing."""

from __future__ import annotations

from tests.core.files import DUE, HOUR, MINUTE, SECOND, Looks, said, store, watch

from vigie.core.expectation import judge
from vigie.core.file_set import LISTED


def test_five_thousand_missing_files_are_one_signal_that_names_fifty():
    looks = Looks(watch(), [store(number) for number in range(5000)])
    (signal,) = looks.look(DUE + SECOND).signals
    assert signal.title == "5000 of 5000 files missing (2026-11-23)"
    assert len(signal.facts["missing"]) == LISTED  # type: ignore[arg-type]
    assert (signal.facts["missing_count"], signal.facts["more"]) == (5000, 5000 - LISTED)
    assert len(signal.model_dump_json()) < 10_000


def test_each_slot_is_a_set_of_its_own():
    rule = watch(
        path="out/{site.code}_{business_date:%Y%m%d}_{slot}.csv",
        slots={"06": "06:00", "12": "12:00"},
        group_by=("depot",),
    )
    looks = Looks(rule, [store(1, depot="A"), store(2, depot="A")])
    six = looks.look(DUE + SECOND)
    assert said(six) == [("trigger", "2 of 2 files missing (depot=A, slot 06)")]
    assert six.signals[0].dedup_key == "2026-11-23/06|depot=A"
    assert six.signals[0].facts["slot"] == "06"
    came = DUE + HOUR
    files = {f"out/S-{n}_20261123_06.csv": (9, came) for n in (1, 2)} | {"out/S-1_20261123_12.csv": (9, came)}
    looks.look(came, files)
    assert said(looks.look(came + MINUTE, files)) == [("resolve", "All files are there (depot=A, slot 06)")]
    assert looks.status("2026-11-23/12") == {"S-1": "on_time", "S-2": "pending"}
    assert said(looks.look(DUE + 6 * HOUR + SECOND, files)) == [("trigger", "1 of 2 files missing (depot=A, slot 12)")]
    assert looks.status("2026-11-23/06") == {"S-1": "late", "S-2": "late"}


def test_without_a_group_a_set_is_named_by_its_date_and_slot():
    rule = watch(path="out/{site.code}_{business_date:%Y%m%d}_{slot}.csv", slots={"06": "06:00"})
    assert said(Looks(rule, [store(1)]).look(DUE + SECOND)) == [("trigger", "1 of 1 files missing (slot 06)")]


def test_a_folder_that_is_not_there_and_a_file_under_a_wrong_name_are_told_with_what_is_missing():
    looks = Looks(
        watch(path="{site.depot}/{site.code}_{business_date:%Y%m%d}.csv"), [store(1, depot="a"), store(2, depot="b")]
    )
    looks.look(DUE)
    known = [each for each in looks.book.values() if each.when == "2026-11-23"]
    strangers = ["b/S-2O_23.csv", "c/S-3_23.csv"]
    (signal,) = judge(looks.rule, known, {"a": None, "b": {}}, DUE + SECOND, strangers=strangers).signals
    assert signal.facts["absent_folders"] == ["a"]
    assert signal.facts["unexpected"] == ["b/S-2O_23.csv"]  # of a folder where something is missing
