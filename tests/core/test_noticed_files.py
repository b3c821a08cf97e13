from __future__ import annotations

from datetime import timedelta

from tests.core.files import DUE, HOUR, watch

from vigie.core.entry import Entry
from vigie.core.file_entries import NAMED as ENTERED
from vigie.core.file_entries import no_folder, unexpected
from vigie.core.noticed_files import NAMED, noticed
from vigie.core.stranger import Stranger

RULE = watch()


def test_one_line_for_each_folder_and_kind_the_newest_first():
    entries = [
        *unexpected(RULE, [Stranger("out/A.csv", "no site"), Stranger("in/B.csv", "no date")], DUE),
        *unexpected(RULE, [Stranger("out/C.csv", "no slot")], DUE + HOUR),
        no_folder(RULE, "old", DUE + timedelta(minutes=1)),
        Entry(at=DUE, client="acme", kind="occurrence.on_time", actor="watch", text="not of these"),
    ]
    for given in (entries, entries[::-1]):
        found = noticed(given)
        assert [(each.folder, each.what, each.number) for each in found][:2] == [
            ("out", "unexpected", 2),
            ("old", "no such folder", 1),
        ]
        assert found[0].texts == ("out/C.csv: unexpected, no slot", "out/A.csv: unexpected, no site")
        assert (found[0].at, len(found)) == (DUE + HOUR, 3)


def test_of_many_each_counts_and_some_are_named():
    strangers = [Stranger(f"out/{number:03}.csv", "no site") for number in range(ENTERED + 30)]
    (one,) = noticed(unexpected(RULE, strangers, DUE))
    assert (one.folder, one.number, len(one.texts)) == ("out", ENTERED + 30, NAMED)
