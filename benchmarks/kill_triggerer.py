"""The triggerer is killed (SIGKILL) again and again while mails come: each mail entered once, each incident paged once.

`PYTHONPATH=plugins .vigie/env/bin/python benchmarks/kill_triggerer.py --mails 2000 --minutes 5`
"""

from __future__ import annotations

import argparse
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

from bench_room import BenchRoom, add_options
from report import Report, spread

_ENTERED_WITHIN = 120.0


class Sent(NamedTuple):
    """A mail's job, and when (UTC seconds since 1970) it was in its mailbox."""

    job: str
    at: float


class Killer(threading.Thread):
    """Kills the triggerer at a random moment of each `every` seconds, until `end`; one that is down is left alone."""

    def __init__(self, room: BenchRoom, every: float, seed: int) -> None:
        super().__init__(name="killer")
        self.kills: list[float] = []
        self._room = room
        self._every = every
        self._random = random.Random(seed)
        self._ending = threading.Event()

    def run(self) -> None:
        turn = time.monotonic()
        while not self._ending.wait(max(0.0, turn + self._random.uniform(0.2, 0.9) * self._every - time.monotonic())):
            at = time.time()
            if self._room.kill("triggerer"):
                self.kills.append(at)
            turn += self._every
            if self._ending.wait(max(0.0, turn - time.monotonic())):
                return

    def end(self) -> None:
        self._ending.set()
        self.join()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mails", type=int, default=2000)
    parser.add_argument("--minutes", type=float, default=5.0, help="over so long they come (default: 5)")
    parser.add_argument("--every", type=float, default=30.0, help="seconds between two kills (default: 30)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--within", type=float, default=300.0, help="seconds for the last pages, then it is given up")
    add_options(parser, fluxes=12)
    parser.set_defaults(mailboxes=4)
    options = parser.parse_args()
    report = Report("kill_triggerer", options.json)
    with BenchRoom(options) as room:
        room.warm_up()
        killer = Killer(room, options.every, options.seed)
        killer.start()
        try:
            sent = _send(room, options.mails, options.minutes * 60)
        finally:
            killer.end()
        good = _measure(room, sent, killer.kills, options.within, report)
    report.finish()
    return 0 if good else 1


def _send(room: BenchRoom, mails: int, seconds: float) -> list[Sent]:
    """All mails, evenly over so many seconds, each flux in its turn."""
    sent = []
    begun = time.monotonic()
    for number in range(mails):
        time.sleep(max(0.0, begun + number * seconds / mails - time.monotonic()))
        job = f"KILL_{number:05d}"
        sent.append(Sent(job, room.append(room.site.fluxes[number % len(room.site.fluxes)], job)))
    return sent


def _measure(room: BenchRoom, sent: list[Sent], kills: list[float], within: float, report: Report) -> bool:
    jobs = {each.job for each in sent}
    ended = time.time()
    entered_after = _until(lambda: jobs <= room.mail_entries().keys(), _ENTERED_WITHIN)
    own = {incident for job, found in room.jobs().items() if job in jobs for incident in found}
    paged_after = _until(lambda: own <= {page.incident for page in room.pages()}, within)
    mailed_after = _until(lambda: all(room.page_mails(own).values()), within)
    time.sleep(10)  # time enough for what is told twice
    entries, incidents = room.mail_entries(), room.jobs()
    slack = Counter(page.key for page in room.pages() if page.incident in own)
    figures: dict[str, dict[str, int]] = {
        "entries": _account(len(sent), [len(entries.get(job, ())) for job in jobs]),
        "incidents": _account(len(sent), [len(incidents.get(job, ())) for job in jobs]),
        "pages in Slack": _account(len(own), [slack.get(f"{each}/page/1/slack", 0) for each in own]),
        "pages by mail": _account(len(own), list(room.page_mails(own).values())),
    }
    seen = _entered_at(room)
    gaps = [min((at for at in seen if at > kill), default=ended) - kill for kill in kills]
    report.figures = {
        "kills": len(kills),
        "counted": figures,
        "seconds_without_sight": spread(gaps),
        "last_entry": entered_after,
        "last_page": paged_after,
        "last_mail": mailed_after,
        "mails_sent": room.mails_sent(),
        "kinds": dict(Counter(kind for job in jobs for kind in entries.get(job, ()))),
        "began": room.began,
    }
    after = {"entries": entered_after, "pages in Slack": paged_after, "pages by mail": mailed_after}
    rows: list[list[object]] = [
        [name, *counted.values(), after[name] if after.get(name) is not None else "never" if name in after else ""]
        for name, counted in figures.items()
    ]
    for name, counted in figures.items():
        report.goal(f"{name}, lost or doubled", 0, counted["lost"] + counted["doubled"])
    without = spread(gaps)
    report.table(
        f"{len(sent)} KO mails to {len(room.site.clients)} mailboxes, {len(room.site.fluxes)} fluxes; the triggerer "
        f"killed {len(kills)} times; from a kill to the next mail entered: "
        f"p50 {without.get('p50', 0):.1f} s, max {without.get('max', 0):.1f} s",
        ["", "expected", "once", "lost", "doubled", "seconds after the last mail, at most"],
        rows,
    )
    return bool(kills) and all(counted["once"] == counted["expected"] for counted in figures.values())


def _account(expected: int, counts: list[int]) -> dict[str, int]:
    return {
        "expected": expected,
        "once": counts.count(1),
        "lost": counts.count(0),
        "doubled": sum(count > 1 for count in counts),
    }


def _entered_at(room: BenchRoom) -> list[float]:
    found: list[float] = []
    seq = 0
    while lines := room.logbook.entries(after_seq=seq, kind_prefix="mail.", limit=1000):
        seq = lines[-1].seq or seq
        found += [line.at.timestamp() for line in lines]
    return found


def _until(seen: Callable[[], bool], within: float) -> float | None:
    """Wait until this is true; after how many seconds it was, None where it never is."""
    begun = time.monotonic()
    while not seen():
        if time.monotonic() > begun + within:
            return None
        time.sleep(2)
    return round(time.monotonic() - begun, 1)


if __name__ == "__main__":
    raise SystemExit(main())
