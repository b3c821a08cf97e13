from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, event, insert, text
from tests.logbook.samples import MINUTE, NOON, look, outbound, signal
from tests.logbook.test_steps import step as asked

from vigie.logbook.book import Logbook
from vigie.logbook.outbox import queue_messages
from vigie.logbook.schema import step
from vigie.logbook.step_row import columns_of


def test_an_empty_logbook_plans_nothing(book: Logbook):
    assert book.next_due() is None


def test_the_next_action_is_the_earliest_of_incidents_and_messages(book: Logbook):
    book.record(look(signal("1", seen_at=NOON + MINUTE)))
    assert book.next_due() == NOON + MINUTE
    book.queue(outbound("a", next_action_at=NOON + 2 * MINUTE))
    assert book.next_due() == NOON + MINUTE
    book.queue(outbound("b", next_action_at=NOON))
    assert book.next_due() == NOON


def a_year_of_work(book: Logbook) -> None:
    """Many incidents and messages, settled but for twenty of each."""
    book.record(look(*(signal(f"{number}", dedup_key=f"{number}") for number in range(1500))))
    said = [outbound(f"{number}", reply_to=f"{number - 1}" if number % 3 else None) for number in range(2000)]

    def work(connection: Connection) -> None:
        queue_messages(connection, said)
        connection.execute(insert(step), [columns_of(asked(task_id=f"{number}")) for number in range(1500)])
        connection.execute(text("UPDATE step SET status = 'answered', next_action_at = NULL WHERE number > 20"))
        connection.execute(text("UPDATE message SET status = 'sent', next_action_at = NULL WHERE id > 20"))
        connection.execute(text("UPDATE incident SET status = 'resolved', next_action_at = NULL WHERE number > 20"))
        if connection.dialect.name == "postgresql":
            # As its autovacuum does. Nobody gathers statistics on SQLite, which must plan well without.
            connection.execute(text("ANALYZE"))

    book._write(work)


def test_what_the_desk_asks_twice_a_second_walks_through_no_table(book: Logbook):
    a_year_of_work(book)
    asked: list[tuple[str, Any]] = []

    def listen(connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
        if statement.startswith("SELECT"):
            asked.append((statement, parameters))

    event.listen(book._engine, "before_cursor_execute", listen)
    assert book.next_due() == NOON
    assert len(book.due_incidents(NOON)) == 20
    assert [each.key for each in book.due_messages(NOON)] == [str(number) for number in range(0, 20, 3)]
    assert len(book.due_steps(NOON + 15 * MINUTE)) == 20
    event.remove(book._engine, "before_cursor_execute", listen)
    assert len(asked) == 6
    with book._reading() as connection:
        explain = "EXPLAIN QUERY PLAN" if connection.dialect.name == "sqlite" else "EXPLAIN"
        for statement, parameters in asked:
            plan = "\n".join(map(str, connection.exec_driver_sql(f"{explain} {statement}", parameters)))
            assert any(f"{table}_due" in plan for table in ("incident", "message", "step")), plan
            assert "Seq Scan" not in plan, plan
            assert "SCAN message'" not in plan, plan
            assert "SCAN incident'" not in plan, plan
            assert "SCAN step'" not in plan, plan
