"""kill -9, again and again, while mails come: each is entered once, whatever the killed process was at."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable

from tests.logbook.watchman import SOURCE, WATCHES, Watchman

from vigie.demo.imap_server import ImapServer
from vigie.logbook.book import Logbook

MAILS = 400
KILLS = 20
KEYS = 60


def job_of(number: int) -> str:
    return f"JOB_{number % KEYS}"


def mail(number: int) -> bytes:
    head = f"From: batch@nordwind.example\nSubject: [KO] {job_of(number)}\nMessage-ID: <{number}@nordwind.example>\n"
    return f"{head}\nIt stopped.\n".encode()


def until(true: Callable[[], object], what: str, within: float = 30) -> None:
    end = time.monotonic() + within
    pause = threading.Event()
    while not true():
        assert time.monotonic() < end, f"not within {within} s: {what}"
        pause.wait(0.02)


def deliver(server: ImapServer, killed: Callable[[], int]) -> None:
    """All mails, spread over the life of all processes: a share of them for each kill."""
    with server.post_box.connect() as client:
        for number in range(MAILS):
            until(lambda due=number * KILLS // MAILS: killed() >= due, "the next kill")
            client.append("INBOX", mail(number))


def test_a_watch_that_is_killed_again_and_again_enters_each_mail_once(
    address: str, book: Logbook, imap_server: ImapServer
):
    watchman = Watchman(address, imap_server.post_box)
    until(lambda: len(book.cursors(SOURCE)) == len(WATCHES), "both watches have begun")
    post = threading.Thread(target=deliver, args=(imap_server, lambda: watchman.killed))
    post.start()
    while post.is_alive():
        watchman.kill()
    post.join()
    until(lambda: len(book.mails(limit=MAILS + 1)) >= MAILS, "every mail is read")
    watchman.end()

    assert watchman.killed >= KILLS
    entries = book.entries(kind_prefix="mail.", limit=10_000)
    assert Counter(line.data["message_id"] for line in entries) == {f"<{n}@nordwind.example>": 1 for n in range(MAILS)}
    assert {line.kind for line in entries} == {"mail.claimed"}
    claims = Counter(watch for seen in book.mails(limit=10_000) for watch in seen.fate_by)
    tenth = sum(job_of(number).endswith("0") for number in range(MAILS))
    assert claims == {WATCHES[0].id: MAILS, WATCHES[1].id: tenth}
    assert len(book.entries(kind_prefix="anomaly.trigger", limit=10_000)) == MAILS + tenth

    counts = {(each.watch, each.dedup_key): each.count for each in book.incidents(limit=10_000)}
    jobs = Counter(map(job_of, range(MAILS)))
    of_the_tenth = {(WATCHES[1].id, job): number for job, number in jobs.items() if job.endswith("0")}
    assert counts == {(WATCHES[0].id, job): number for job, number in jobs.items()} | of_the_tenth
    assert {cursor.uid for cursor in book.cursors(SOURCE).values()} == {imap_server.post_box.deliver(mail(MAILS)) - 1}
