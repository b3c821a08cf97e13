"""The logbook when it is full: `record`, `next_due` and the desk's steps, on SQLite and on PostgreSQL.

`PYTHONPATH=plugins .vigie/env/bin/python benchmarks/logbook_writes.py --entries 100000`
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from bench_site import CHECKOUT
from report import Report, spread

from vigie.core.entry import Entry
from vigie.core.escalation import Decision
from vigie.core.incident import Incident
from vigie.core.look import Cursor, Look, WatchState
from vigie.core.message import Message, Outbound
from vigie.core.signal import Signal
from vigie.logbook.book import Logbook
from vigie.logbook.migrations import migrate

BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)
BATCH = 25
MAILBOXES, WATCHES = 10, 30


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=100_000, help="how many the logbook holds before")
    parser.add_argument("--times", type=int, default=300, help="how often each is measured")
    parser.add_argument("--store", choices=("both", "sqlite", "postgresql"), default="both")
    parser.add_argument("--json", type=Path, metavar="FILE")
    options = parser.parse_args()
    report = Report("logbook_writes", options.json)
    for store in ("sqlite", "postgresql") if options.store == "both" else (options.store,):
        with {"sqlite": _sqlite, "postgresql": _postgresql}[store]() as url:
            migrate(url)
            logbook = Logbook(url)
            try:
                _measure(logbook, store, options, report)
            finally:
                logbook.close()
    report.no_goal("what a call of the logbook costs is compared from run to run.")
    report.finish()
    return 0


@contextmanager
def _sqlite() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="vigie-bench-") as folder:
        yield f"sqlite:///{folder}/logbook.db"


@contextmanager
def _postgresql() -> Iterator[str]:
    sys.path.insert(0, str(CHECKOUT))  # the tests know how to run one without root
    from tests.servers import postgres

    missing = postgres.Postgres.missing()
    if missing:
        sys.exit(f"--store postgresql needs {missing}")
    # The tests' server need not survive a power cut; a logbook must, and pays for it at each commit.
    postgres._UNSAFE_AND_QUICK[:] = ["max_connections=20"]
    with postgres.Postgres() as server:
        yield server.url(server.create_database(), driver="psycopg")


class Nights:
    """Looks of many nights: KO mails of all watches, one after the other, and the OK mail of each."""

    def __init__(self) -> None:
        self.now = BEGINNING
        self._number = 0

    def look(self, mails: int, event: str = "trigger", *, first: int | None = None) -> Look:
        """One look at one mailbox that finds so many mails, each with a key of its own."""
        self.now += timedelta(seconds=7)
        start = self._number if first is None else first
        mailbox = start // BATCH % MAILBOXES
        source = f"c{mailbox:02d}_ops/INBOX"
        names = [f"c{mailbox:02d}.f{place:03d}.batch_ko" for place in range(WATCHES)]
        signals, entries = [], []
        for number in range(start, start + mails):
            watch = names[number % WATCHES]
            client, flux, _ = watch.split(".")
            word = "KO" if event == "trigger" else "OK"
            signals.append(
                Signal(
                    event="trigger" if event == "trigger" else "resolve",
                    client=client,
                    flux=flux,
                    watch=watch,
                    dedup_key=f"JOB_{number}",
                    key=f"{watch}|mail|{event}|{number}",
                    seen_at=self.now,
                    title=f"[{word}] JOB_{number}",
                    severity="critical",
                    template="mail_ko",
                    procedure="relaunch",
                    facts={
                        "job": f"JOB_{number}",
                        "mail": {"subject": f"[{word}] JOB_{number}", "sender": "b@c.example"},
                    },
                )
            )
            entries.append(
                Entry(
                    at=self.now,
                    client=client,
                    kind="mail.claimed",
                    actor=f"session:{source}",
                    text=f"[{word}] JOB_{number} from b@c.example: {event} {watch}",
                    key=f"mail|{source}|{event}|{number}",
                    data={"uid": number, "origin": "auto_generated", "size": 1024},
                )
            )
        if first is None:
            self._number += mails
        cursors = tuple(
            Cursor(source=source, watch=name, uidvalidity=1, uid=2 * start + mails + (event != "trigger"))
            for name in names
        )
        states = tuple(
            WatchState(
                watch=name,
                client=name[:3],
                flux=name.split(".")[1],
                kind="mail",
                source=source,
                looked_at=self.now,
                look_by=self.now + timedelta(seconds=150),
            )
            for name in names
        )
        return Look(
            source=source, at=self.now, states=states, signals=tuple(signals), entries=tuple(entries), cursors=cursors
        )


def _measure(logbook: Logbook, store: str, options: argparse.Namespace, report: Report) -> None:
    nights = Nights()
    begun = time.perf_counter()
    held = _fill(logbook, nights, options.entries)
    filled = time.perf_counter() - begun
    print(f"{store}: {held} entries in {filled:.0f} s", flush=True)
    found = {
        "record, 1 mail": _times(lambda: logbook.record(nights.look(1)), options.times),
        "record, 25 mails": _times(lambda: logbook.record(nights.look(BATCH)), max(10, options.times // 10)),
        "record, no mail (heartbeat)": _times(lambda: logbook.record(nights.look(0)), options.times),
        "next_due": _times(logbook.next_due, options.times),
    }
    found |= _desk(logbook, nights, options.times)
    found["next_due, 300 open incidents"] = _times(logbook.next_due, options.times)
    found["incidents (the board's query)"] = _times(logbook.incidents, 20)
    report.figures[store] = {
        "entries": held,
        "fill_seconds": filled,
        **{name: spread(of) for name, of in found.items()},
    }
    rows: list[list[object]] = []
    for name, of in found.items():
        figures = spread(of)
        rows.append([name, *(f"{1000 * figures[each]:.2f}" for each in ("p50", "p90", "max"))])
    report.table(
        f"{store}, {held} entries ({held / filled:.0f} a second while it was filled), milliseconds",
        ["", "p50", "p90", "max"],
        rows,
    )


def _times(work: Callable[[], object], times: int) -> list[float]:
    found = []
    for _ in range(times):
        begun = time.perf_counter()
        work()
        found.append(time.perf_counter() - begun)
    return found


def _fill(logbook: Logbook, nights: Nights, entries: int) -> int:
    """KO, decision, page, OK; as the sessions and the desk do it, but the desk's part in bulk. Returns how many."""
    held = 0
    while held < entries:
        first = nights._number
        logbook.record(nights.look(BATCH))
        logbook.record(nights.look(BATCH, "resolve", first=first))
        held += 6 * BATCH  # mail, anomaly, incident; twice
        if held % (60 * BATCH) == 0 or held >= entries:
            _settle(logbook, nights.now)
    return held


def _settle(logbook: Logbook, now: datetime) -> None:
    """What the desk leaves of ended incidents: a page in Slack and one by mail, both sent, and nothing planned."""
    from sqlalchemy import update

    from vigie.logbook.outbox import queue_messages
    from vigie.logbook.schema import incident, message

    ended = logbook.due_incidents(now, limit=10_000)
    pages = [page for each in ended for page in _pages(each.id, each.client, now)]

    def work(connection: Any) -> None:
        queue_messages(connection, pages)
        connection.execute(update(incident).values(next_action_at=None))
        connection.execute(
            update(message).where(message.c.status == "queued").values(status="sent", next_action_at=None, ref="C1:1.1")
        )

    logbook._write(work)


def _pages(incident: str, client: str, now: datetime) -> list[Outbound]:
    said = Message(subject=f"{incident} is KO", text="The batch mailed a KO.\n" * 10, slack="The batch mailed a KO.")
    return [
        Outbound(
            key=f"{incident}/page/1/{channel}",
            incident=incident,
            client=client,
            channel="slack" if channel == "slack" else "mail",
            purpose="page",
            recipient=recipient,
            message=said,
            next_action_at=now,
        )
        for channel, recipient in (("slack", client), ("mail/petra", "petra@vigie.example"))
    ]


def _desk(logbook: Logbook, nights: Nights, times: int) -> dict[str, list[float]]:
    """The desk's five writes for each page, over the incidents that `record` has just opened."""
    now = nights.now + timedelta(seconds=1)
    found: dict[str, list[float]] = {"due_incidents": [], "decide": [], "due_messages": [], "claim": [], "sent": []}

    def timed(name: str, work: Callable[[], Any]) -> Any:
        begun = time.perf_counter()
        answer = work()
        found[name].append(time.perf_counter() - begun)
        return answer

    line = Entry(at=now, client="c00", kind="desk.decided", actor="desk", text="page 1: petra")
    done = 0
    while done < times and (due := timed("due_incidents", lambda: logbook.due_incidents(now))):
        for each in due:
            timed("decide", partial(_decided, logbook, each, line))
        while waiting := timed("due_messages", lambda: logbook.due_messages(now)):
            for page in waiting:
                timed("claim", partial(logbook.claim, page.key, "bench", now))
                timed("sent", partial(logbook.sent, page.key, "C1:1.1", now, line))
        done += len(due)
    return found


def _decided(logbook: Logbook, incident: Incident, line: Entry) -> bool:
    decision = Decision(1, line.at + timedelta(hours=10), (), line.text)
    pages = _pages(incident.id, incident.client, line.at)
    return logbook.decide(incident, decision, pages, [line.model_copy(update={"incident": incident.id})], at=line.at)


if __name__ == "__main__":
    raise SystemExit(main())
