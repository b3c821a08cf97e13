from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.web.night import Browser, Night

from vigie.core.entry import Entry
from vigie.core.look import Look, WatchState
from vigie.core.occurrence import Occurrence
from vigie.logbook.book import Logbook
from vigie.web.expected import SHOWN, lines

HOLIDAY = "holiday JP 2026-11-24 <Day>"
STORES = """\
- {code: TYO-1, zone: Asia/Tokyo, country: JP}
- {code: PAR-1, zone: Europe/Paris, country: FR}
- {code: PAR-2, zone: Europe/Paris, country: FR}
"""


@pytest.fixture(autouse=True)
def stores(site: Path) -> Path:
    path = site / "include/clients/maison-lumiere/stores.yaml"
    path.write_text(STORES, "utf-8")
    return path


def occurrence(site: str, night: Night, due: timedelta, **fields: Any) -> Occurrence:
    given = {
        "client": "maison-lumiere", "flux": "stores", "watch": "maison-lumiere.stores.files", "site": site,
        "business_date": "2026-11-24", "path": f"{site}.csv", "window_open": night.now - timedelta(hours=6),
        "due": night.now + due, "deadline": night.now + due,
    }  # fmt: skip
    return Occurrence.model_validate(given | fields)


def watched(night: Night, client: str = "maison-lumiere") -> WatchState:
    return WatchState(
        watch=f"{client}.stores.files", client=client, flux="stores", kind="files", source="wms", looked_at=night.now,
        look_by=night.now + timedelta(minutes=2),
    )  # fmt: skip


def record(book: Logbook, night: Night, *occurrences: Occurrence) -> None:
    book.record(Look(source="wms", at=night.now, states=(watched(night),), occurrences=occurrences))


def test_what_is_missing_comes_first_then_what_is_awaited_and_a_waiver_says_why(
    browser: Browser, book: Logbook, night: Night
):
    record(
        book,
        night,
        occurrence("TYO-1", night, -timedelta(minutes=14), status="waived", reason=HOLIDAY),
        occurrence("PAR-1", night, timedelta(hours=2)),
        occurrence("PAR-2", night, -timedelta(hours=1), status="missing"),
    )
    page = browser().get("/vigie/expected").text
    order = [page.index(each) for each in ("1 missing", "PAR-2", "1 awaited", "PAR-1", "1 waived", "TYO-1")]
    assert order == sorted(order)
    assert "holiday JP 2026-11-24 &lt;Day&gt;" in page
    assert "Tue 24 Nov 00:14<br>" in page  # 00:14 on the clocks of Paris, two hours from now
    assert "Europe/Paris" in page
    assert "Maison Lumière · stores" in page


def test_nothing_is_said_where_nothing_is_expected(browser: Browser, book: Logbook, night: Night):
    record(book, night)
    assert "Nothing was expected in the last 24 hours" in browser().get("/vigie/expected").text


def test_one_client_only(browser: Browser, book: Logbook, night: Night):
    record(book, night, occurrence("PAR-1", night, timedelta(hours=2)))
    other = occurrence("HAM-1", night, timedelta(hours=2), client="nordwind", watch="nordwind.stores.files")
    book.record(Look(source="x", at=night.now, states=(watched(night, "nordwind"),), occurrences=(other,)))
    assert "HAM-1" in browser().get("/vigie/expected").text
    page = browser().get("/vigie/expected?client=maison-lumiere").text
    assert "HAM-1" not in page
    assert "PAR-1" in page
    live = browser().get("/vigie/live/expected?client=maison-lumiere").json()
    assert "HAM-1" not in live["html"]
    again = browser().get(f"/vigie/live/expected?client=maison-lumiere&version={live['version']}").json()
    assert again["html"] is None


def test_a_watch_of_mails_has_no_site_and_the_clients_clocks(browser: Browser, book: Logbook, night: Night):
    record(book, night, occurrence("", night, timedelta(hours=2)))
    page = browser().get("/vigie/expected").text
    assert "1 awaited" in page
    assert "Tue 24 Nov 00:14<br>" in page
    assert ">–</td>" in page


def stranger(night: Night, name: str, ago: timedelta, **fields: Any) -> Entry:
    given = {
        "at": night.now - ago, "client": "maison-lumiere", "flux": "stores", "watch": "maison-lumiere.stores.files",
        "kind": "occurrence.unexpected", "actor": "watch", "text": f"{name}: unexpected, no site has the code 'X'",
        "key": name, "data": {"path": f"out/{name}"},
    }  # fmt: skip
    return Entry.model_validate(given | fields)


def test_a_stranger_is_seen_though_nothing_is_missing_beside_it(browser: Browser, book: Logbook, night: Night):
    record(book, night, occurrence("PAR-1", night, -timedelta(hours=1), status="on_time"))
    book.append(
        stranger(night, "REPL_<X>_1.csv", timedelta(hours=5)),
        stranger(night, "REPL_X_2.csv", timedelta(hours=1)),
        stranger(night, "REPL_X_0.csv", timedelta(hours=73)),
        stranger(night, "20 from out/A", timedelta(hours=6), data={"path": "x", "folder": "out", "number": 20}),
        stranger(night, "again", timedelta(hours=2), kind="file.again", text="PAR-1: P.csv was sent again"),
        stranger(night, "gone", timedelta(hours=3), kind="folder.absent", text="no folder", data={"folder": "in"}),
        stranger(night, "other", timedelta(hours=2), kind="mail.seen"),
    )
    page = browser().get("/vigie/expected").text
    assert "REPL_&lt;X&gt;_1.csv: unexpected" in page
    assert "REPL_X_0.csv" not in page  # of three days ago and more
    data = browser().get("/vigie/api/expected").json()
    assert [(each["folder"], each["number"], each["what"]) for each in data["noticed"]] == [
        ("out", 22, "unexpected"), ("out", 1, "came again"), ("in", 1, "no such folder"),
    ]  # fmt: skip
    assert data["noticed"][0]["texts"][0] == "REPL_X_2.csv: unexpected, no site has the code 'X'"
    assert [(line["occurrence"]["status"], line["number"]) for line in data["lines"]] == [("on_time", 1)]


def test_files_of_another_clients_watch_are_not_seen(browser: Browser, book: Logbook, night: Night):
    record(book, night)
    book.append(stranger(night, "REPL_X.csv", timedelta(hours=1), client="nordwind", watch="nordwind.stores.files"))
    assert browser().get("/vigie/api/expected").json() == {"lines": [], "noticed": []}
    assert "REPL_X.csv" not in browser().get("/vigie/expected?client=maison-lumiere").text


def test_a_table_that_cannot_be_read_leaves_its_sites_in_utc(
    browser: Browser, book: Logbook, night: Night, stores: Path
):
    stores.write_text("- {code: [\n", "utf-8")
    record(book, night, occurrence("PAR-1", night, timedelta(hours=2)))
    page = browser().get("/vigie/expected").text
    assert "Mon 23 Nov 23:14<br>" in page


def test_five_thousand_sites_are_few_lines_and_yesterday_is_over():
    now = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
    base = Occurrence(
        client="acme", flux="f", watch="acme.f.w", site="", business_date=date(2026, 11, 24), path="p",
        window_open=now, due=now, deadline=now,
    )  # fmt: skip
    many = [base.model_copy(update={"site": f"S{n:04}"}) for n in range(5000)]
    old = [each.model_copy(update={"deadline": now - timedelta(hours=25)}) for each in many[:3]]
    (line,) = lines([*many, *old], {}, now)
    assert (line.number, len(line.sites), line.more) == (5000, SHOWN, 5000 - SHOWN)
