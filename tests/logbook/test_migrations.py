from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import get_args

import pytest
from alembic.autogenerate import compare_metadata
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine, text
from tests.logbook import crowd
from tests.logbook.samples import entry

from vigie.core.errors import TransportError
from vigie.core.incident import Status
from vigie.logbook.book import Logbook
from vigie.logbook.entries import digest_of
from vigie.logbook.migrations import VERSION_TABLE, migrate
from vigie.logbook.revisions import (
    r0001_the_record,
    r0002_occurrences_with_slots,
    r0003_steps,
    r0004_mails_and_bounces,
    r0005_what_has_come,
    r0006_no_silent_end,
    r0007_why_a_message_does_not_go,
)
from vigie.logbook.schema import metadata


def test_a_prepared_database_has_the_tables_that_the_code_expects(address: str):
    engine = create_engine(address)
    with engine.connect() as connection:
        options = {"version_table": VERSION_TABLE, "compare_type": True}
        assert compare_metadata(MigrationContext.configure(connection, opts=options), metadata) == []
    engine.dispose()


def test_preparing_twice_keeps_what_is_there(blank: str):
    migrate(blank)
    book = Logbook(blank)
    book.append(entry())
    migrate(blank)
    assert len(book.entries()) == 1
    book.close()


def test_a_new_file_is_its_owners_and_in_wal_mode(tmp_path: Path):
    file = tmp_path / "logbook.db"
    migrate(f"sqlite:///{file}")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    engine = create_engine(f"sqlite:///{file}")
    with engine.connect() as connection:
        assert connection.scalar(text("PRAGMA journal_mode")) == "wal"
    engine.dispose()


def test_a_folder_that_is_not_there_is_said(tmp_path: Path):
    with pytest.raises(TransportError) as refused:
        migrate(f"sqlite:///{tmp_path}/none/logbook.db")
    assert str(refused.value) == f"the logbook at {tmp_path}/none/logbook.db cannot be made: No such file or directory"


def test_a_newer_logbook_is_left_alone(blank: str):
    migrate(blank)
    engine = create_engine(blank)
    with engine.begin() as connection:
        connection.execute(text("UPDATE vigie_version SET version_num = '9999'"))
    with pytest.raises(TransportError, match=r"was written by a newer Vigie \(revision 9999, ours is 0011\); update"):
        migrate(blank)
    with engine.begin() as connection:
        assert connection.scalar(text("SELECT version_num FROM vigie_version")) == "9999"
    engine.dispose()


def test_threads_that_start_at_once_prepare_once(blank: str):
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(migrate, [blank] * 3))
    book = Logbook(blank)
    assert book.append(entry()) == 1
    book.close()


def test_processes_that_start_at_once_prepare_once(blank: str):
    assert crowd.together(crowd.prepare, [(blank,)] * 3) == ["prepared"] * 3
    book = Logbook(blank)
    assert book.append(entry()) == 1
    book.close()


def older(address: str, *revisions: ModuleType, then: str) -> None:
    """A logbook as these revisions left it, with what an older Vigie wrote there."""
    engine = create_engine(address)
    with engine.begin() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
        context._ensure_version_table()
        with Operations.context(context):
            for each in revisions:
                each.upgrade()
        connection.execute(text("INSERT INTO vigie_version VALUES (:last)"), {"last": revisions[-1].revision})
        connection.execute(text(then))
    engine.dispose()


def test_what_was_expected_before_anything_was_counted_by_name_is_kept(blank: str):
    older(
        blank, r0001_the_record, r0002_occurrences_with_slots, r0003_steps, r0004_mails_and_bounces,
        then="INSERT INTO occurrence (watch, business_date, slot, site, client, flux, path, window_open, due, deadline,"
        " status, reason, labels, files) VALUES ('a.b.c', '2026-01-15', '', 'TYO01', 'a', 'b', 'x.csv',"
        " '2026-01-15T00:00:00.000000Z', '2026-01-15T06:00:00.000000Z', '2026-01-15T06:10:00.000000Z', 'pending', '',"
        " '{}', '[]')",
    )  # fmt: skip
    migrate(blank)
    book = Logbook(blank)
    (kept,) = book.occurrences("a.b.c", since=date(2026, 1, 1))
    assert (kept.site, kept.status, kept.arrivals) == ("TYO01", "pending", {})
    book.close()


def test_what_an_older_vigie_left_silent_is_due_at_once(blank: str):
    """An unanswered incident at the end of its policy, and one that was taken and forgotten."""
    columns = (
        "INSERT INTO incident (client, flux, watch, dedup_key, status, severity, title, template, audience, page,"
        " facts, count, pages, revision, opened_at, acknowledged_at, acknowledged_by, paged_at) VALUES "
    )
    rows = (
        f"('a', 'b', 'a.b.c', '{status}', '{status}', 'high', 'KO', '', 'client', {page}, '{{}}', 1, 4, 1,"
        f" '2026-01-15T00:00:00.000000Z', NULL, NULL, '2026-01-15T00:30:00.000000Z')"
        for status, page in (("open", "true"), ("acknowledged", "true"), ("resolved", "true"))
    )
    older(
        blank,
        r0001_the_record, r0002_occurrences_with_slots, r0003_steps, r0004_mails_and_bounces, r0005_what_has_come,
        then=columns + ", ".join(rows),
    )  # fmt: skip
    migrate(blank)
    book = Logbook(blank)
    due = {each.status: each.next_action_at is not None for each in book.incidents(statuses=get_args(Status))}
    assert due == {"open": True, "acknowledged": True, "resolved": False}
    (silent,) = book.incidents(statuses=("open",))
    assert (silent.level, silent.called_at) == (4, silent.paged_at)
    book.close()


def test_what_an_older_vigie_knew_of_occurrences_is_kept(blank: str):
    """Revision 0002 makes their table anew."""
    older(
        blank,
        r0001_the_record,
        then="INSERT INTO occurrence VALUES ('a.b.c', '2026-01-15', 'TYO01', 'a', 'b', 'x.csv', '2026-01-15T00:00:00Z',"
        " '2026-01-15T06:00:00Z', '2026-01-15T06:10:00Z', 'late', '{\"warehouse\":\"tokyo\"}',"
        " '2026-01-15T07:00:00Z', NULL)",
    )
    migrate(blank)
    book = Logbook(blank)
    (kept,) = book.occurrences("a.b.c", since=date(2026, 1, 1))
    book.close()
    assert (kept.key, kept.slot, kept.status, kept.files) == ("a.b.c|TYO01|2026-01-15", "", "late", ())
    assert kept.labels == {"warehouse": "tokyo"}


def test_the_record_of_an_older_vigie_is_linked_in_its_order(blank: str):
    revisions = (
        r0001_the_record, r0002_occurrences_with_slots, r0003_steps, r0004_mails_and_bounces, r0005_what_has_come,
        r0006_no_silent_end, r0007_why_a_message_does_not_go,
    )  # fmt: skip
    rows = [entry(f"k{number}", text=str(number)) for number in range(3)]
    columns = "(seq, at, client, kind, actor, text, key, data, digest)"
    values = ", ".join(
        # A sequence of PostgreSQL leaves gaps where a transaction was rolled back.
        f"({2 * number + 1}, '{line.at:%Y-%m-%dT%H:%M:%S.%fZ}', '{line.client}', '{line.kind}', '{line.actor}',"
        f" '{line.text}', '{line.key}', '{{}}', '{digest_of(line)}')"
        for number, line in enumerate(rows)
    )
    older(blank, *revisions, then=f"INSERT INTO entry {columns} VALUES {values}")  # noqa: S608
    migrate(blank)
    book = Logbook(blank)
    assert book.append(entry("k3"), entry("k1")) == 1
    assert [line.seq for line in book.entries()] == [1, 3, 5, 6]
    assert book.verify(book.head()) == []
    book.close()
