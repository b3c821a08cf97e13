"""KO mail appended to a mailbox -> page accepted by the Slack stand-in, beside the floor of the same run.

`PYTHONPATH=plugins .vigie/env/bin/python benchmarks/ko_mail_to_page.py --mails 200 --fluxes 300`
"""

from __future__ import annotations

import argparse
import random
import time

from bench_room import BenchRoom, add_options
from floor import Floor
from report import Report, spread
from stock_polling import EVERY, StockPolling


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mails", type=int, default=200)
    parser.add_argument("--interval", type=float, nargs=2, default=(2.0, 8.0), metavar=("MIN", "MAX"), help="seconds")
    parser.add_argument("--seed", type=int, default=1)
    add_options(parser, fluxes=10)
    options = parser.parse_args()
    report = Report("ko_mail_to_page", options.json)
    with BenchRoom(options, floor=True) as room:
        room.warm_up()
        resume = room.bare_resume()
        resume.measure()
        floor = Floor(room.bare_push(), resume, room.site.fluxes[0].ko_mail("FLOOR"))
        stock = StockPolling(room.boxes.values())
        appended = _send(room, floor, options)
        warmed = len({flux.client for flux in room.site.fluxes})
        room.wait_for_pages(warmed + len(appended), 90)
        floor.end()
        stock.end()
        _judge(room, floor, appended, report, stock)
    report.finish()
    return 0


def _send(room: BenchRoom, floor: Floor, options: argparse.Namespace) -> dict[str, float]:
    """Append the mails at seeded intervals, a sample of the floor in the middle of each; job -> when."""
    random_ = random.Random(options.seed)
    appended: dict[str, float] = {}
    due = time.monotonic()
    for number in range(options.mails):
        job = f"JOB_{number:04d}"
        appended[job] = room.append(random_.choice(room.site.fluxes), job)
        pause = random_.uniform(*options.interval)
        _sleep_until(due + pause / 2)
        floor.ask()
        due += pause
        _sleep_until(due)
        if number % 20 == 19:
            print(f"  {number + 1} mails, {len(floor.samples)} samples of the floor", flush=True)
    return appended


def _sleep_until(moment: float) -> None:
    time.sleep(max(0.0, moment - time.monotonic()))


def _judge(room: BenchRoom, floor: Floor, appended: dict[str, float], report: Report, stock: StockPolling) -> None:
    incidents = room.jobs()
    paged: dict[str, list[float]] = {}
    for page in room.pages():
        paged.setdefault(page.incident, []).append(page.at)
    whole, parts, lost, doubled = [], {"append_to_look": [], "look_to_desk": [], "desk_to_page": []}, 0, 0
    for job, at in appended.items():
        pages = [moment for incident in incidents.get(job, []) for moment in paged.get(incident, [])]
        lost += not pages
        doubled += len(pages) > 1 or len(incidents.get(job, [])) > 1
        if not pages:
            continue
        whole.append(pages[0] - at)
        lines = {line.kind: line.at.timestamp() for line in room.logbook.entries(incident=incidents[job][0])}
        parts["append_to_look"].append(lines["incident.opened"] - at)
        parts["look_to_desk"].append(lines["desk.decided"] - lines["incident.opened"])
        parts["desk_to_page"].append(pages[0] - lines["desk.decided"])
    floors = {
        "floor": spread([sample.whole for sample in floor.samples]),
        "floor_push": spread([sample.push for sample in floor.samples]),
        "floor_resume": spread([sample.resume for sample in floor.samples]),
    }
    page = spread(whole)
    ratios = {
        name: round(page[name] / floors["floor"][name], 2) for name in ("p50", "p90", "max") if floors["floor"]["n"]
    }
    report.figures = {
        "page": page,
        **{name: spread(values) for name, values in parts.items()},
        **floors,
        "ratio": ratios,
        "stock": spread([stock.seen[job] - at for job, at in appended.items() if job in stock.seen]),
        "desk": room.desk_cost(),
        "lost": lost,
        "doubled": doubled,
        "began": room.began,
        "samples": {"page": whole, "floor": floor.samples},
    }
    rows = [
        ("KO mail -> page", page),
        ("  append -> look", spread(parts["append_to_look"])),
        ("  look -> desk", spread(parts["look_to_desk"])),
        ("  desk -> page", spread(parts["desk_to_page"])),
        ("floor", floors["floor"]),
        ("  bare IDLE push", floors["floor_push"]),
        ("  bare resume", floors["floor_resume"]),
        (f"stock ImapHook, polled each {EVERY:g} s: seen", report.figures["stock"]),
    ]
    names = ("n", "p50", "p90", "max")
    shown: list[list[object]] = [[label, *(found.get(name, "") for name in names)] for label, found in rows]
    shown.append(["ratio", "", *(ratios.get(name, "") for name in names[1:])])
    report.table(f"Seconds; lost {lost}, doubled {doubled}", ["", *names], shown)
    report.goal("KO mail -> page, p90", 0.5, page.get("p90"), " s")
    report.goal("the desk, of one core", 2, 100 * report.figures["desk"], " %")
    report.goal("mails lost", 0, lost)
    report.goal("pages doubled", 0, doubled)


if __name__ == "__main__":
    raise SystemExit(main())
