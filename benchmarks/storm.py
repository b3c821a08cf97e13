"""A storm: a thousand KO mails within a minute, each with a key of its own, on one mailbox and one watch.

`PYTHONPATH=plugins .vigie/env/bin/python benchmarks/storm.py --mails 1000 --seconds 60`
"""

from __future__ import annotations

import argparse
import time

from bench_room import BenchRoom, add_options
from report import Report

from vigie.core.incident import Incident
from vigie.core.respond import STORM_AFTER
from vigie.core.storm import BUSY, KEYS, PAUSE, STORM_KEY, storm_of


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mails", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=60.0, help="over so long they come (default: 60)")
    parser.add_argument("--within", type=float, default=120.0, help="seconds until it is given up")
    add_options(parser, fluxes=1)
    options = parser.parse_args()
    options.fluxes = options.mailboxes = 1
    report = Report("storm", options.json)
    with BenchRoom(options, storm_after=STORM_AFTER) as room:
        begun = time.time()
        sent = _send(room, options.mails, options.seconds)
        good = _measure(room, sent, begun, options, report)
    report.finish()
    return 0 if good else 1


def _send(room: BenchRoom, mails: int, seconds: float) -> list[str]:
    jobs = [f"STORM_{number:05d}" for number in range(mails)]
    begun = time.monotonic()
    for number, job in enumerate(jobs):
        time.sleep(max(0.0, begun + number * seconds / mails - time.monotonic()))
        room.append(room.site.fluxes[0], job)
    return jobs


def _measure(room: BenchRoom, jobs: list[str], begun: float, options: argparse.Namespace, report: Report) -> bool:
    sent_after = time.time() - begun
    end = time.monotonic() + options.within
    while len(room.mail_entries()) < len(jobs) and time.monotonic() < end:
        time.sleep(0.1)
    entered_after = time.time() - begun
    time.sleep(PAUSE.total_seconds() * 2)  # the last edit, and what is told twice
    incidents = room.logbook.incidents(statuses=("open", "acknowledged", "resolved"), limit=10_000)
    client = room.site.clients[0]
    own = [each for each in incidents if each.client == client and each.dedup_key != STORM_KEY]
    storms = [each for each in incidents if each.dedup_key == STORM_KEY]
    storm = storm_of(storms[0]) if storms else None
    keys = set(storm.keys) if storm else set()
    rest = max(0, len(jobs) - STORM_AFTER)
    # Each of the first ten detections may be told at once; then one edit each ten seconds.
    edits_allowed = BUSY + int((entered_after + PAUSE.total_seconds()) / PAUSE.total_seconds()) + 1
    counted: dict[str, tuple[object, object, bool]] = {}

    def expect(what: str, expected: int, found: int, *, at_most: bool = False) -> None:
        right = found <= expected if at_most else found == expected
        counted[what] = (f"at most {expected}" if at_most else expected, found, right)

    entries = room.mail_entries()
    expect("mails entered once", len(jobs), sum(len(entries.get(job, ())) == 1 for job in jobs))
    expect("mails claimed", len(jobs), sum(entries.get(job) == ["mail.claimed"] for job in jobs))
    expect("detections entered", len(jobs), _entries(room, "anomaly.trigger", client))
    expect("incidents with a key of their own", min(STORM_AFTER, len(jobs)), len(own))
    expect("storms", int(rest > 0), len(storms))
    expect("incidents opened (entries)", len(own) + len(storms), _entries(room, "incident.opened", client))
    expect("detections counted in the storm", rest, sum(each.count for each in storms))
    expect("keys of the storm", min(rest, KEYS), len(keys))
    expect("keys counted and not kept", max(0, rest - KEYS), storm.more if storm else 0)
    expect("keys in both or in neither", 0, len(set(jobs) ^ (keys | _keys(own))) + len(keys & _keys(own)))
    expect("pages in Slack", len(own) + len(storms), len(room.pages()))
    mailed = room.page_mails(each.id for each in (*own, *storms))
    expect("pages by mail", len(own) + len(storms), sum(count == 1 for count in mailed.values()))
    expect("mails sent (many pages share one)", len(own) + len(storms), room.mails_sent(), at_most=True)
    expect("messages in Slack beside the pages", 0, len(room.calls("chat.postMessage")) - len(room.pages()))
    expect("edits of messages in Slack", edits_allowed, len(room.calls("chat.update")), at_most=True)
    expect("incidents of the platform", 0, sum(each.client != client for each in incidents))
    pages = [page.at - begun for page in room.pages()]
    report.figures = {
        "counted": {name: {"expected": one, "found": other} for name, (one, other, _) in counted.items()},
        "sent_seconds": round(sent_after, 3),
        "last_entry_seconds": round(entered_after, 3),
        "first_page_seconds": round(min(pages, default=0.0), 3),
        "last_page_seconds": round(max(pages, default=0.0), 3),
        "began": room.began,
    }
    report.table(
        f"{len(jobs)} KO mails with a key each, on one watch; the last was sent after {sent_after:.1f} s and entered "
        f"after {entered_after:.1f} s; the first page came after {min(pages, default=0.0):.1f} s, the last after "
        f"{max(pages, default=0.0):.1f} s",
        ["", "expected", "found", ""],
        [[name, one, other, "" if right else "WRONG"] for name, (one, other, right) in counted.items()],
    )
    report.goal("figures that are not as expected", 0, sum(not right for _, _, right in counted.values()))
    return all(right for _, _, right in counted.values())


def _keys(incidents: list[Incident]) -> set[str]:
    return {each.dedup_key for each in incidents}


def _entries(room: BenchRoom, kind: str, client: str) -> int:
    found, seq = 0, 0
    while lines := room.logbook.entries(after_seq=seq, kind_prefix=kind, client=client, limit=1000):
        seq = lines[-1].seq or seq
        found += len(lines)
    return found


if __name__ == "__main__":
    raise SystemExit(main())
