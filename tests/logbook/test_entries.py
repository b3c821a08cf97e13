from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import DBAPIError
from tests.logbook import crowd
from tests.logbook.samples import NOON, entry

from vigie.core.zone import ZoneInfo
from vigie.logbook.book import Logbook
from vigie.logbook.chain import BEGINNING, Fault, Head, link
from vigie.logbook.entries import digest_of


def test_an_entry_comes_back_as_it_was_written(book: Logbook):
    said = entry(
        "mail|<1@wms>",
        flux="store_replenishment",
        watch="w",
        incident="INC-7",
        text="Réassort: 3 files missing 🗼",
        data={"sites": ["TYO01"], "size": 1.5, "deep": {"none": None, "yes": True}},
    )
    assert book.append(said) == 1
    (read,) = book.entries()
    assert read == said.model_copy(update={"seq": read.seq})
    assert read.at.utcoffset() == timedelta(0)


def test_an_instant_of_any_zone_is_kept_in_utc_to_the_microsecond(book: Logbook):
    tokyo = datetime(2026, 1, 15, 21, 0, 0, 123456, tzinfo=ZoneInfo("Asia/Tokyo"))
    book.append(entry(at=tokyo))
    (read,) = book.entries()
    assert read.at.isoformat() == "2026-01-15T12:00:00.123456+00:00"


def test_an_instant_without_a_zone_is_refused(book: Logbook):
    with pytest.raises(ValueError, match="has no time zone"):
        book.append(entry(at=datetime(2026, 1, 15, 12, 0)))  # noqa: DTZ001
    with pytest.raises(ValueError, match="has no time zone"):
        book.due_incidents(datetime(2026, 1, 15, 12, 0))  # noqa: DTZ001
    assert book.entries() == []


def test_a_known_key_is_dropped_and_counted_as_such(book: Logbook):
    assert book.append(entry("a"), entry("a"), entry("b"), entry(), entry()) == 4
    assert book.append(entry("b"), entry("c")) == 1
    assert [line.key for line in book.entries()] == ["a", "b", None, None, "c"]
    assert book.append() == 0


def test_entries_are_read_in_order_and_in_pages(book: Logbook):
    book.append(*(entry(text=str(number)) for number in range(7)))
    first = book.entries(limit=4)
    rest = book.entries(after_seq=first[-1].seq or 0)
    assert [line.text for line in first + rest] == list("0123456")


def test_entries_are_found_by_incident_client_and_kind(book: Logbook):
    book.append(
        entry("1", kind="mail.seen", incident="INC-1"),
        entry("2", kind="mail.unclassified", client="nordwind"),
        entry("3", kind="mailbox.blind", incident="INC-2"),
        entry("4", kind="MAIL.seen"),
    )
    assert [line.key for line in book.entries(incident="INC-1")] == ["1"]
    assert [line.key for line in book.entries(client="nordwind")] == ["2"]
    assert [line.key for line in book.entries(kind_prefix="mail.")] == ["1", "2"]
    assert [line.key for line in book.entries(kind_prefix="mail%")] == []


def test_the_newest_of_some_kinds_come_first(book: Logbook):
    clocks = {"a": 3, "b": 2, "c": 1, "d": 0}
    for name, hours in clocks.items():
        kind = "file.again" if name == "d" else "occurrence.unexpected"
        book.append(entry(name, kind=kind, at=NOON - timedelta(hours=hours)))
    since = NOON - timedelta(hours=2)
    found = book.newest(entry().client, {"occurrence.unexpected"}, since=since)
    assert [each.key for each in found] == ["c", "b"]
    assert [each.key for each in book.newest(entry().client, {"file.again"}, since=since, limit=1)] == ["d"]
    assert book.newest("nobody", {"file.again"}, since=since) == []


def test_hostile_text_is_kept_without_what_a_database_refuses(book: Logbook):
    hostile = "x\0'; DROP TABLE entry; --\ud800%s{}\n"
    line = entry("k\0", text=hostile, data={"name\0": [hostile]})
    assert book.append(line) == 1
    assert book.append(line) == 0
    (read,) = book.entries()
    assert read.text == "x\ufffd'; DROP TABLE entry; --\ufffd%s{}\n"
    assert read.data == {"name\ufffd": [read.text]}
    assert read.key == "k\ufffd"
    assert book.verify() == []


def test_a_key_longer_than_an_index_takes_is_still_single(book: Logbook):
    # Not compressible, or PostgreSQL would squeeze it into its index after all.
    long = "".join(chr(0x4E00 + (number * 7919) % 20000) for number in range(4000))
    assert book.append(entry(long), entry(long + "1")) == 2
    assert book.append(entry(long), entry(long + "1")) == 0


@pytest.fixture
def raw(address: str) -> Iterator[Engine]:
    """The database itself, as whoever has its file or password reaches it."""
    engine = create_engine(address)
    yield engine
    engine.dispose()


def _without_triggers(raw: Engine, *statements: str) -> None:
    """What an administrator of the database can do: switch its guards off, and rewrite."""
    with raw.begin() as connection:
        if raw.dialect.name == "sqlite":
            for name in ("entry_no_update", "entry_no_delete", "entry_follows"):
                connection.execute(text(f"DROP TRIGGER {name}"))
        else:
            connection.execute(text("ALTER TABLE entry DISABLE TRIGGER ALL"))
        for statement in statements:
            connection.execute(text(statement))


@pytest.mark.parametrize(
    "deed",
    [
        "UPDATE entry SET text = 'nothing happened'",
        "UPDATE entry SET text = '', data = '{}', pruned_at = '2026-01-01', actor = 'nobody'",
        "UPDATE entry SET text = 'other', data = '{}', pruned_at = '2026-01-01'",
        "DELETE FROM entry",
        "INSERT INTO entry SELECT * FROM entry",
        "INSERT INTO entry (seq, at, client, kind, actor, text, data, digest) VALUES (0, '2026-01-01', 'n', '', '', '', '', '')",
    ],
)
def test_the_database_itself_refuses_to_rewrite_the_record(book: Logbook, raw: Engine, deed: str):
    book.append(entry())
    with pytest.raises(DBAPIError, match=r"the logbook is append-only: "), raw.begin() as connection:
        connection.execute(text(deed))
    assert [line.text for line in book.entries()] == ["seen"]
    assert book.verify() == []


def test_sqlite_replaces_no_entry_either(book: Logbook, raw: Engine):
    """INSERT OR REPLACE deletes without asking a trigger of DELETE."""
    book.append(entry("a"), entry("b"))
    if raw.dialect.name != "sqlite":
        with pytest.raises(DBAPIError, match="append-only"), raw.begin() as connection:
            connection.execute(text("INSERT INTO entry SELECT * FROM entry ON CONFLICT (seq) DO UPDATE SET text = 'x'"))
        return
    columns = "seq, at, client, kind, actor, text, key, data, digest"
    for seq, key in ((1, "a"), (1, "c"), (3, "a")):
        row = f"{seq}, '2026-01-01', 'nordwind', 'k', 'a', 'nothing happened', '{key}', '{{}}', 'd'"
        forged = text(f"INSERT OR REPLACE INTO entry ({columns}) VALUES ({row})")  # noqa: S608
        with pytest.raises(DBAPIError, match="only follows the last one"), raw.begin() as connection:
            connection.execute(forged)
    assert [line.text for line in book.entries()] == ["seen", "seen"]


def test_a_rewritten_entry_is_found_by_its_digest(book: Logbook, raw: Engine):
    book.append(*(entry(text=str(number)) for number in range(4)))
    assert book.verify() == []
    _without_triggers(
        raw,
        "UPDATE entry SET client = 'nordwind' WHERE seq = 2",
        "UPDATE entry SET data = '{' WHERE seq = 3",
    )
    assert book.verify() == [Fault(2, "changed"), Fault(3, "changed")]


def test_one_who_writes_the_digest_too_is_found_by_the_chain(book: Logbook, raw: Engine):
    book.append(*(entry(text=str(number)) for number in range(4)))
    forged = digest_of(entry(text="nothing happened"))
    forgery = f"UPDATE entry SET text = 'nothing happened', digest = '{forged}' WHERE seq = 2"  # noqa: S608
    _without_triggers(raw, forgery)
    assert book.verify() == [Fault(2, "link")]


def test_an_entry_that_was_taken_out_is_found_by_the_chain(book: Logbook, raw: Engine):
    book.append(*(entry(text=str(number)) for number in range(4)))
    _without_triggers(raw, "DELETE FROM entry WHERE seq = 2")
    assert book.verify() == [Fault(3, "link")]


def test_a_chain_that_was_written_anew_no_longer_holds_the_head_that_was_sent(book: Logbook, raw: Engine):
    book.append(*(entry(text=str(number)) for number in range(4)))
    sent = book.head()
    assert sent is not None
    book.append(entry(text="later"))
    assert book.verify(sent) == []
    before, statements = BEGINNING, []
    for seq, line in enumerate([entry(text="0"), entry(text="forged"), entry(text="2"), entry(text="3")], start=1):
        before = link(before, seq, digest_of(line))
        statements.append(
            f"UPDATE entry SET text = '{line.text}', digest = '{digest_of(line)}', link = '{before}' WHERE seq = {seq}"  # noqa: S608
        )
    _without_triggers(raw, *statements, "DELETE FROM entry WHERE seq = 5")
    assert book.verify() == [], "nothing inside the database tells"
    assert book.verify(sent) == [Fault(4, "head")]


def test_the_last_entries_taken_away_are_missed_by_the_head_that_was_sent(book: Logbook, raw: Engine):
    book.append(*(entry(text=str(number)) for number in range(4)))
    sent = book.head()
    _without_triggers(raw, "DELETE FROM entry WHERE seq > 2")
    assert book.verify() == []
    assert book.verify(sent) == [Fault(4, "head")]


def test_a_pruned_text_leaves_its_digest_and_verify_says_so(book: Logbook):
    book.append(*(entry(text=str(number), at=NOON + timedelta(days=number)) for number in range(4)))
    sent = book.head()
    assert book.prune(NOON + timedelta(days=2), NOON + timedelta(days=9)) == 2
    assert book.prune(NOON + timedelta(days=2), NOON + timedelta(days=9)) == 0
    assert [line.text for line in book.entries()] == ["", "", "2", "3"]
    assert book.verify(sent) == [Fault(1, "pruned"), Fault(2, "pruned")]
    book.append(entry(text="goes on"))
    assert book.verify(sent) == [Fault(1, "pruned"), Fault(2, "pruned")]


def test_processes_that_append_at_once_skip_no_place(book: Logbook, address: str):
    crowd.together(crowd.append, [(address, name, 40) for name in "abcd"])
    lines = book.entries(limit=1000)
    assert [line.seq for line in lines] == list(range(1, 161))
    assert book.verify() == []


def test_a_head_is_read_as_it_is_written():
    head = Head(41, "9f" * 32)
    assert Head.read(f" {head}\n") == head
    with pytest.raises(ValueError, match="'41' is no head of a record; write it as it was sent, 41:9f86…"):
        Head.read("41")


def test_a_digest_covers_all_that_an_entry_says():
    said = entry("k", data={"a": 1})
    others = [
        entry("k2", data={"a": 1}),
        entry("k", data={"a": 2}),
        entry("k", data={"a": 1}, at=NOON + timedelta(microseconds=1)),
        *(
            entry("k", data={"a": 1}, **{name: "other"})
            for name in ("client", "kind", "actor", "text", "flux", "watch", "incident")
        ),
    ]
    assert len({digest_of(line) for line in [said, *others]}) == len(others) + 1
    # The digest is a promise to whoever keeps a copy: it must never change.
    assert digest_of(said) == "238cb07470ecd132de9526c6eeae42c4f8d4520018b2b58ef1ac979f93338c81"


def test_a_second_logbook_sees_what_the_first_wrote(open_book: Callable[..., Logbook]):
    open_book().append(entry())
    assert len(open_book().entries()) == 1
