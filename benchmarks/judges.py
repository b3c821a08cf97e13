"""The core's judges: mails read and judged a second, occurrences judged a second, a year replayed. One core, no disk,
no network.

`PYTHONPATH=plugins .vigie/env/bin/python benchmarks/judges.py`
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from email.message import EmailMessage
from pathlib import Path

from report import Report

from vigie.core import expectation, ko_mail
from vigie.core.file_name import folder_and_name
from vigie.core.file_watch import FileWatch
from vigie.core.mail import parse_mail
from vigie.core.occurrence import FileSeen
from vigie.core.replay import Arrival, replay
from vigie.core.respond import Respond
from vigie.core.site import Site
from vigie.core.watch import MailWatch
from vigie.core.zone import ZoneInfo

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
RESPOND = Respond(severity="critical", template="mail_ko", group_by=())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3.0, help="how long each is repeated")
    parser.add_argument("--fluxes", type=int, default=400, help="of which a year is replayed (400)")
    parser.add_argument("--json", type=Path, metavar="FILE")
    options = parser.parse_args()
    report = Report("judges", options.json)
    mails = {"text, 1 kB": _mail(1), "HTML, 20 kB": _mail(20, html=True), "attachment, 5 MB": _mail(1, attached=5_000)}
    rows: list[list[object]] = []
    for label, raw in mails.items():
        for number in (1, 30, 300):
            rate = _rate(lambda raw=raw, number=number: _judge_mail(raw, number), options.seconds)
            rows.append([f"mail, {label}, {number} watches", f"{rate:.0f}", f"{1000 / rate:.2f}"])
            report.figures[f"mails/{label}/{number}"] = rate
    for number in (12, 1000, 5000):
        for star in ("", "_*"):
            rate = number * _rate(_files(number, star), options.seconds)
            what = f"occurrences, {number} sites, 9 of 10 files there{', a * in their names' if star else ''}"
            rows.append([what, f"{rate:.0f}", f"{1000 * number / rate:.2f}"])
            report.figures[f"occurrences/{number}{star}"] = rate
    report.table("Judged", ["", "a second", "ms a mail, or a look"], rows)
    judged, told, seconds = _year(options.fluxes)
    report.figures["year"] = {"fluxes": options.fluxes, "occurrences": judged, "told": told, "seconds": seconds}
    report.table(
        f"A year of {options.fluxes} fluxes, replayed: a file each day, one of twenty late, one of a hundred missing",
        ["occurrences", "signals", "seconds", "occurrences a second"],
        [[judged, told, seconds, f"{judged / seconds:.0f}"]],
    )
    report.no_goal("what one core judges in a second is compared from run to run.")
    report.finish()
    return 0


def _rate(work: Callable[[], object], seconds: float) -> float:
    work()
    done, begun = 0, time.perf_counter()
    while time.perf_counter() < begun + seconds:
        work()
        done += 1
    return done / (time.perf_counter() - begun)


def _mail(kilobytes: int, *, html: bool = False, attached: int = 0) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "batch@c01.example", "ops@c01.example", "[KO] EOD_POS <ORA-00054>"
    mail["Date"], mail["Message-ID"] = "Mon, 23 Nov 2026 03:00:00 +0000", "<1@bench.example>"
    text = "EOD_POS stopped in step 4: resource busy, café\n" * (kilobytes * 1000 // 48)
    if html:
        mail.set_content(f"<html><body><p>{text.replace('step', '<b>step</b>')}</p></body></html>", subtype="html")
    else:
        mail.set_content(text)
    if attached:
        mail.add_attachment(bytes(attached * 1000), maintype="application", subtype="gzip", filename="trace.gz")
    return mail.as_bytes()


def _watches(number: int) -> list[MailWatch]:
    return [
        MailWatch(
            client="c01",
            flux=f"f{place:03d}",
            task_id="batch_ko",
            respond=RESPOND,
            mailbox="c01_ops",
            subject=rf"\[KO\] (?P<job>EOD_{'POS' if place == 0 else place}\w*)",
            resolves=r"\[OK\] (?P<job>\w+)",
            dedup_key="{job}",
        )
        for place in range(number)
    ]


_OF = {number: _watches(number) for number in (1, 30, 300)}


def _judge_mail(raw: bytes, number: int) -> int:
    mail = parse_mail(raw, received_at=NOW)
    found = [ko_mail.judge(watch, mail, NOW) for watch in _OF[number]]
    said = sum(signal is not None for signal in found)
    assert said == 1, "the mail is the KO of one watch"
    return said


def _files(number: int, star: str) -> Callable[[], object]:
    """One look: what is expected, and what is missing, a minute after the deadline."""
    watch = FileWatch(
        client="c01",
        flux="files",
        task_id="store_files",
        respond=RESPOND,
        where="c01_wms",
        path=f"outbound/REPL_{{site.code}}_{{business_date:%Y%m%d}}{star}.csv",
        sites="stores",
        opens=clock(0),
        due=clock(6),
    )
    sites = [Site(code=f"S{place:04d}", name="", zone="Asia/Tokyo", country="JP") for place in range(number)]
    now = datetime(2026, 11, 23, 6, 1, tzinfo=ZoneInfo("Asia/Tokyo")).astimezone(UTC)
    today = now.astimezone(ZoneInfo("Asia/Tokyo")).date()
    seen: dict[str, dict[str, FileSeen]] = {}
    early = now - timedelta(hours=2)
    for place, each in enumerate(expectation.expected(watch, sites, now)):
        if each.business_date == today and place % 10:
            folder, name = folder_and_name(each.path.replace("*", "1"))
            seen.setdefault(folder, {})[name] = FileSeen(
                name=name, size=10, modified_at=early, unchanged_since=early, absent_at=None
            )

    def look() -> None:
        pending = [each for each in expectation.expected(watch, sites, now) if each.business_date == today]
        verdict = expectation.judge(watch, pending, seen, now)
        assert len(pending) == number
        assert len(verdict.changed) == number

    return look


def _year(fluxes: int) -> tuple[int, int, float]:
    """Occurrences judged, signals told, seconds; each flux is one file a day, in one of six zones."""
    zones = ("Europe/Paris", "Asia/Tokyo", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "UTC")
    first = date(2025, 1, 1)
    judged = told = 0
    begun = time.perf_counter()
    for number in range(fluxes):
        zone = zones[number % len(zones)]
        site = Site(code="c01", name="", zone=zone, country="")
        watch = FileWatch(
            client="c01",
            flux=f"f{number:03d}",
            task_id="file",
            respond=RESPOND,
            where="c01_wms",
            path="out/positions_{business_date:%Y%m%d}.csv",
            opens=clock(0),
            due=clock(6),
        )
        arrivals = []
        for days in range(365):
            day, chance = first + timedelta(days=days), (days * 7 + number * 13) % 100
            due = datetime.combine(day, clock(6), ZoneInfo(zone)).astimezone(UTC)
            at = None if chance == 0 else due + timedelta(minutes=20 if chance < 6 else -chance)
            arrivals.append(Arrival(day, f"positions_{day:%Y%m%d}.csv", at, days))
        replayed = replay(watch, [site], arrivals)
        judged += len(replayed.occurrences)
        told += len(replayed.told)
        assert replayed.count("missing") + replayed.count("late") > 0
    return judged, told, time.perf_counter() - begun


if __name__ == "__main__":
    raise SystemExit(main())
