"""The head of the record leaves once a day."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from vigie.core.entry import Entry
from vigie.logbook.book import Logbook
from vigie.logbook.chain import Head
from vigie.tasks.record_head import send_head

NIGHT = datetime(2026, 11, 24, 23, 59, tzinfo=UTC)


class Heartbeat(ThreadingHTTPServer):
    """An endpoint that notes the bodies of its pings."""

    def __init__(self, status: int = 200) -> None:
        self.status = status
        self.bodies: list[str] = []
        super().__init__(("127.0.0.1", 0), Ping)
        self.url = f"http://127.0.0.1:{self.server_address[1]}/ping"


class Ping(BaseHTTPRequestHandler):
    server: Heartbeat

    def do_POST(self) -> None:
        self.server.bodies.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def heartbeat() -> Iterator[Heartbeat]:
    with Heartbeat() as server:
        threading.Thread(target=server.serve_forever).start()
        yield server
        server.shutdown()


def _entry(book: Logbook, text: str) -> Head:
    book.append(Entry(at=NIGHT, client="nordwind", kind="k", actor="a", text=text))
    head = book.head()
    assert head is not None
    return head


def test_it_leaves_by_mail_once_a_day(book: Logbook) -> None:
    told: list[tuple[str, str]] = []
    assert not send_head(book, NIGHT, None, lambda *mail: told.append(mail)), "an empty record has no head"
    head = _entry(book, "one")
    assert send_head(book, NIGHT, None, lambda *mail: told.append(mail))
    _entry(book, "two")
    assert not send_head(book, NIGHT + timedelta(seconds=59), None, lambda *mail: told.append(mail))
    ((subject, text),) = told
    assert subject == "Vigie: head of the record, 2026-11-24"
    assert text == (
        f"The logbook's record ends with\n\n{head}\n\nKeep this mail. './vigie verify --head {head}' says later "
        "whether the record up to here is still what it was."
    )
    assert book.verify(Head.read(str(head))) == []
    assert send_head(book, NIGHT + timedelta(minutes=1), None, lambda *mail: told.append(mail)), "another day"


def test_it_leaves_with_the_heartbeat_where_there_is_one(book: Logbook, heartbeat: Heartbeat) -> None:
    told: list[tuple[str, str]] = []
    head = _entry(book, "one")
    assert send_head(book, NIGHT, heartbeat.url, lambda *mail: told.append(mail))
    assert (heartbeat.bodies, told) == ([f"record {head}"], [])


def test_a_heartbeat_that_takes_no_body_is_no_end_of_it(book: Logbook, heartbeat: Heartbeat) -> None:
    told: list[tuple[str, str]] = []
    heartbeat.status = 405
    _entry(book, "one")
    assert send_head(book, NIGHT, heartbeat.url, lambda *mail: told.append(mail))
    assert len(told) == 1


def test_what_could_not_be_sent_is_sent_by_the_next_round(book: Logbook) -> None:
    def away(*_: str) -> None:
        raise OSError("no way out")

    _entry(book, "one")
    with pytest.raises(OSError, match="no way out"):
        send_head(book, NIGHT, None, away)
    assert send_head(book, NIGHT, None, lambda *_: None)
