"""Real mails against the demo's rules: what each is taken for, and what reading and judging one costs.

`PYTHONPATH=plugins .vigie/env/bin/python benchmarks/mail_corpus.py [--corpus FOLDER]`

The corpus (bounces/ and notices/ with .eml files) is no part of the project: ../shared/corpus/mail, or `VIGIE_CORPUS`.
Ends with 1 where a bounce triggers or resolves, or a notice is taken for one.
"""

from __future__ import annotations

import argparse
import os
import time
import tracemalloc
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

from bench_site import CHECKOUT
from report import Report

from vigie.core.explanation import Verdict, explain
from vigie.core.ko_mail import judge
from vigie.core.mail import Mail, parse_mail
from vigie.core.origin import QUOTING, Origin
from vigie.core.respond import Respond
from vigie.core.watch import MailWatch

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
QUOTED = (None, "[KO] EOD_POS", "Undeliverable: [KO] EOD_POS", "Re: [OK] EOD_POS", "KO", "OK")
"""Subjects given to each bounce, besides its own: what it would quote if it were an answer to our clients' mail."""


def watch(number: int, **rule: str) -> MailWatch:
    respond = Respond(severity="critical", template="mail_ko")
    return MailWatch(client="bench", flux=f"flux_{number}", task_id="ko", mailbox="m", respond=respond, **rule)


DEMO = [
    watch(0, subject=r"\[KO\] (?P<job>\w+)", resolves=r"\[OK\] (?P<job>\w+)", dedup_key="{job}"),
    watch(1, subject="KO", resolves="OK"),
    watch(2, body="KO", resolves_body="OK"),
]
MANY = [
    watch(
        number,
        subject=rf"\[KO\] JOB_{number}\b (?P<site>\w+)",
        resolves=rf"\[OK\] JOB_{number}\b (?P<site>\w+)",
        dedup_key="{site}",
    )
    if number % 10
    else watch(number, subject=f"report {number}", body=rf"status=(KO|FAILED).*JOB_{number}", ignores="started")
    for number in range(300)
]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--corpus",
        type=Path,
        default=Path(os.environ.get("VIGIE_CORPUS") or CHECKOUT.parent / "shared/corpus") / "mail",
    )
    parser.add_argument("--json", type=Path, metavar="FILE")
    options = parser.parse_args()
    report = Report("mail_corpus", options.json)
    folders = {
        folder.name: sorted(folder.rglob("*.eml")) for folder in sorted(options.corpus.iterdir()) if folder.is_dir()
    }
    raws = {path: path.read_bytes() for paths in folders.values() for path in paths}
    mails = {path: parse_mail(raw, received_at=NOW) for path, raw in raws.items()}
    wrong = _confusion(report, folders, mails)
    _cost(report, list(raws.values()), list(mails.values()))
    report.finish()
    for sentence in wrong:
        print(sentence)
    return 1 if wrong else 0


def _confusion(report: Report, folders: dict[str, list[Path]], mails: dict[Path, Mail]) -> list[str]:
    classes = [each for each in get_args(Origin) if any(mail.origin == each for mail in mails.values())]
    rows: list[list[object]] = []
    verdicts: list[list[object]] = []
    wrong = []
    for name, paths in folders.items():
        origins = Counter(mails[path].origin for path in paths)
        rows.append([f"{name} ({len(paths)})", *(origins[each] or "·" for each in classes)])
        report.figures[f"origins/{name}"] = dict(origins)
        for subject in QUOTED:
            told = Counter()
            for path in paths:
                mail = mails[path] if subject is None else mails[path].model_copy(update={"subject": subject})
                verdict = explain(DEMO, mail).verdict
                told[verdict] += 1
                if name == "bounces" and verdict in {"ko", "ok"}:
                    wrong.append(f"{path.name} counts as {verdict}: {mail.subject!r}, {mail.origin}")
                if name == "notices" and (mail.origin in QUOTING or verdict == "ignored"):
                    wrong.append(f"{path.name} is dropped as {mail.origin}: {mail.reasons}")
            verdicts.append(
                [
                    f"{name}, subject {subject!r}" if subject else f"{name}, as they are",
                    *(told[each] or "·" for each in get_args(Verdict)),
                ]
            )
            report.figures[f"verdicts/{name}/{subject}"] = dict(told)
    report.table("Taken for", ["real mails", *classes], rows)
    report.table(
        "Verdict of the demo's rules, and of plain KO and OK in subject and text",
        ["real mails", *get_args(Verdict)],
        verdicts,
    )
    return wrong


def _cost(report: Report, raws: list[bytes], mails: list[Mail]) -> None:
    for rule in MANY:
        judge(rule, mails[0], NOW)  # compiled once a process
    begun = time.perf_counter()
    for raw in raws:
        parse_mail(raw, received_at=NOW)
    parsed = (time.perf_counter() - begun) / len(raws)
    kos = [
        mail.model_copy(update={"origin": "human", "subject": f"[OK] JOB_{place}"}) for place, mail in enumerate(mails)
    ]
    begun = time.perf_counter()
    for mail in kos:
        for rule in MANY:
            judge(rule, mail, NOW)
    judged = (time.perf_counter() - begun) / len(kos)
    peaks = []
    for raw in raws:
        tracemalloc.start()
        mail = parse_mail(raw, received_at=NOW)
        for rule in MANY:
            judge(rule, mail, NOW)
        peaks.append(tracemalloc.get_traced_memory()[1] / 1e6)
        tracemalloc.stop()
    rate = 1 / (parsed + judged)
    report.figures |= {
        "mails_per_second": rate,
        "parse_ms": parsed * 1000,
        "judge_ms": judged * 1000,
        "peak_mb_max": max(peaks),
    }
    report.table(
        "Read, classified and asked of 300 rules (none of them refused for the mail's origin)",
        ["mails a second", "ms to read and classify", "ms for 300 rules", "MB a mail, mean", "MB a mail, most"],
        [
            [
                f"{rate:.0f}",
                f"{parsed * 1000:.2f}",
                f"{judged * 1000:.2f}",
                f"{sum(peaks) / len(peaks):.2f}",
                f"{max(peaks):.2f}",
            ]
        ],
    )


if __name__ == "__main__":
    raise SystemExit(main())
