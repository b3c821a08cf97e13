"""A burst: so many KO mails within a second; when the last one is in the logbook, and its page in Slack.

`PYTHONPATH=plugins .vigie/env/bin/python benchmarks/burst.py --mails 100 --over many`
"""

from __future__ import annotations

import argparse
import threading
import time
from collections import Counter

from bench_room import BenchRoom, add_options
from bench_site import Flux
from report import Report, spread

_LOOK_EVERY = 0.05


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mails", type=int, default=100)
    parser.add_argument("--over", choices=("one", "many"), default="one", help="one flux, or one flux for each mail")
    parser.add_argument("--rest", type=float, default=30.0, help="seconds before it, so that the desk is deferred")
    parser.add_argument("--within", type=float, default=180.0, help="seconds until it is given up")
    add_options(parser, fluxes=0)
    options = parser.parse_args()
    options.fluxes = options.fluxes or (1 if options.over == "one" else options.mails)
    options.mailboxes = min(options.mailboxes, options.fluxes)
    report = Report("burst", options.json)
    with BenchRoom(options) as room:
        room.warm_up()
        warmed = len(room.pages())
        time.sleep(options.rest)
        _measure(room, options, warmed, report)
    report.finish()
    return 0


def _measure(room: BenchRoom, options: argparse.Namespace, warmed: int, report: Report) -> None:
    jobs = {f"BURST_{number:04d}": room.site.fluxes[number % options.fluxes] for number in range(options.mails)}
    mails_before = room.mails_sent()
    begun = time.time()
    appended = _append_all(room, jobs)
    seen, seq = {}, 0
    end = time.monotonic() + options.within
    paged = mailed = False
    mail_at = 0.0
    while time.monotonic() < end and not (paged and mailed):
        for line in room.logbook.entries(after_seq=seq, kind_prefix="incident.opened", limit=1000):
            seq = line.seq or seq
            seen[line.incident] = time.time()
        paged = paged or (len(seen) > warmed and len(room.pages()) - warmed >= options.mails)
        if not mailed and len(seen) >= warmed + options.mails and all(room.page_mails(seen).values()):
            mailed, mail_at = True, time.time()
        time.sleep(_LOOK_EVERY if len(seen) < warmed + options.mails else 0.3)
    time.sleep(5)  # time enough for what is told twice
    incidents = room.jobs()
    pages = [page for page in room.pages() if page.at >= begun]
    counts = Counter(page.key for page in pages)
    own = {incident for job in jobs for incident in incidents.get(job, [])}
    entered = [seen[incident] - begun for incident in own if incident in seen]
    told = [page.at - begun for page in pages]
    by_mail = room.page_mails(own)
    report.figures = {
        "mails": room.mails_sent() - mails_before,
        "append_seconds": round(max(appended.values()) - begun, 3),
        "entries": spread(entered),
        "pages": spread(told),
        "last_mail": round(mail_at - begun, 3) if mailed else None,
        "lost_incidents": sum(not incidents.get(job) for job in jobs),
        "lost_pages": len(own) - len({page.incident for page in pages}),
        "doubled_incidents": sum(len(incidents.get(job, [])) > 1 for job in jobs),
        "doubled_pages": sum(count > 1 for count in counts.values()),
        "began": room.began,
    }
    found = report.figures
    for name in ("lost_incidents", "lost_pages", "doubled_incidents", "doubled_pages"):
        report.goal(name.replace("_", " "), 0, found[name])
    rows: list[list[object]] = [
        ["mails appended", options.mails, found["append_seconds"]],
        ["entries (incident.opened)", len(entered), found["entries"].get("max", "")],
        ["first page in Slack", 1, min(told, default=0.0)],
        ["last page in Slack", len(told), found["pages"].get("max", "")],
        [f"last page by mail ({found['mails']} mails)", sum(by_mail.values()), found["last_mail"] or "never"],
    ]
    lost = f"lost {found['lost_incidents']} incidents, {found['lost_pages']} pages"
    doubled = f"doubled {found['doubled_incidents']} incidents, {found['doubled_pages']} pages"
    report.table(
        f"{options.mails} KO mails on {len(set(jobs.values()))} fluxes, seconds after the first append began; "
        f"{lost}; {doubled}",
        ["", "number", "seconds"],
        rows,
    )


def _append_all(room: BenchRoom, jobs: dict[str, Flux]) -> dict[str, float]:
    """All mails at once, each mailbox by a connection and a thread of its own."""
    appended: dict[str, float] = {}
    by_client: dict[str, list[tuple[Flux, str]]] = {}
    for job, flux in jobs.items():
        by_client.setdefault(flux.client, []).append((flux, job))
        room.writer(flux.client).noop()

    def append(mails: list[tuple[Flux, str]]) -> None:
        for flux, job in mails:
            appended[job] = room.append(flux, job)

    threads = [threading.Thread(target=append, args=(mails,)) for mails in by_client.values()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if len(appended) < len(jobs):
        raise RuntimeError(f"only {len(appended)} of {len(jobs)} mails could be appended")
    return appended


if __name__ == "__main__":
    raise SystemExit(main())
