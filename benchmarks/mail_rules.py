"""What one mail costs: read, classified, and asked of 300 rules on one mailbox.

`PYTHONPATH=plugins .vigie/env/bin/python benchmarks/mail_rules.py [--corpus FOLDER] [--rules N]`

The mails are those of the corpus (`../shared/corpus/mail`, or `VIGIE_CORPUS`) where it is there, else the benchmark's own;
none is refused for its origin, so that each is asked of every rule. One core, one process, all patterns compiled before.
"""

from __future__ import annotations

import argparse
import base64
import os
import time
import tracemalloc
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from bench_site import CHECKOUT
from report import Report

from vigie.core.ko_mail import judge
from vigie.core.mail import parse_mail
from vigie.core.respond import Respond
from vigie.core.watch import MailWatch

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)

TEXTS = {
    "en": ("[KO] EOD_POS", "The job EOD_POS ended with ORA-00054 at 02:10.\nStore NYC-1, 3 of 12 files.\n"),
    "fr": ("[KO] Réassort Lyon", "La chaîne s'est arrêtée à 02:10.\nMagasin LYS-2 : 3 fichiers sur 12.\n"),
    "de": ("[KO] Lager München", "Die Kette steht seit 02:10.\nFiliale MUC-3: 3 von 12 Dateien.\n"),
    "ja": ("[KO] 東京店 在庫連携", "在庫連携が02:10に停止しました。\n東京店: 12件中3件。\n"),
}


class Cost(NamedTuple):
    """Of one mail: milliseconds to read and to judge, megabytes at most (of Python's own, without the mail itself)."""

    read: float
    judged: float
    megabytes: float


def watch(number: int, **rule: str) -> MailWatch:
    respond = Respond(severity="critical", template="mail_ko")
    return MailWatch(client="bench", flux=f"flux_{number}", task_id="ko", mailbox="m", respond=respond, **rule)


def rules(count: int) -> list[MailWatch]:
    """Nine of ten ask the subject for a KO and an OK, one of ten also asks the whole text."""
    return [
        watch(
            number,
            subject=rf"\[KO\] JOB_{number}\b (?P<site>\w+)",
            resolves=rf"\[OK\] JOB_{number}\b (?P<site>\w+)",
            dedup_key="{site}",
        )
        if number % 10
        else watch(number, subject=f"report {number}", body=rf"status=(KO|FAILED).*JOB_{number}", ignores="started")
        for number in range(count)
    ]


def own_mails() -> list[bytes]:
    """Plain, HTML, with an attachment, and a bounce, in four languages."""
    mails = []
    for subject, text in TEXTS.values():
        head = f"From: batch@client.example\nTo: ops@vigie.example\nDate: Mon, 23 Nov 2026 02:10:00 +0100\nMessage-ID: <1@x>\nSubject: {subject}\nMIME-Version: 1.0\n"
        plain = f"Content-Type: text/plain; charset=utf-8\n\n{text * 10}"
        rows = "".join(f"<tr><td>{line}</td><td>KO</td></tr>" for line in text.splitlines() * 10)
        marked = f"Content-Type: text/html; charset=utf-8\n\n<table>{rows}</table>"
        parts = f"Content-Type: multipart/mixed; boundary=b\n\n--b\n{plain}\n--b\n{_attachment(20_000)}\n--b--\n"
        bounce = f"X-Failed-Recipients: depot@client.example\n{plain}"
        mails += [f"{head}{body}".encode() for body in (plain, marked, parts, bounce)]
    return mails


def large_mail(size: int = 5_000_000) -> bytes:
    """A text of its own, longer than is read, and an attachment."""
    subject, text = TEXTS["en"]
    plain = text * (200_000 // len(text))
    head = f"From: batch@client.example\nTo: ops@vigie.example\nSubject: {subject}\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\n{plain}\n--b\n"
    return f"{head}{_attachment(int((size - len(head)) / 1.36))}\n--b--\n".encode()


def _attachment(size: int) -> str:
    encoded = base64.encodebytes(b"0123456789abcdef" * (size // 16)).decode()
    return f"Content-Type: application/zip; name=log.zip\nContent-Transfer-Encoding: base64\n\n{encoded}"


def cost(raws: list[bytes], watches: list[MailWatch]) -> list[Cost]:
    """Each mail once for its time, and once more for its memory, which is slow to look at."""
    costs = []
    for place, raw in enumerate(raws):
        begun = time.perf_counter()
        mail = parse_mail(raw, received_at=NOW).model_copy(update={"origin": "human", "subject": f"[OK] JOB_{place}"})
        read = time.perf_counter()
        for rule in watches:
            judge(rule, mail, NOW)
        judged = time.perf_counter()
        tracemalloc.start()
        mail = parse_mail(raw, received_at=NOW)
        for rule in watches:
            judge(rule, mail, NOW)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        costs.append(Cost((read - begun) * 1000, (judged - read) * 1000, peak / 1e6))
    return costs


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    corpus = Path(os.environ.get("VIGIE_CORPUS") or CHECKOUT.parent / "shared/corpus") / "mail"
    parser.add_argument("--corpus", type=Path, default=corpus)
    parser.add_argument("--rules", type=int, default=300)
    parser.add_argument("--json", type=Path, metavar="FILE")
    options = parser.parse_args()
    report = Report("mail_rules", options.json)
    watches = rules(options.rules)
    kinds = {"the benchmark's own": own_mails(), "one of 5 MB": [large_mail()] * 10}
    if options.corpus.is_dir():
        kinds = {"real mails": [path.read_bytes() for path in sorted(options.corpus.rglob("*.eml"))]} | kinds
    cost(own_mails()[:1], watches)  # compiled once a process
    rows: list[list[object]] = []
    for kind, raws in kinds.items():
        costs = cost(raws, watches)
        read, judged = (sum(each[at] for each in costs) / len(costs) for at in (0, 1))
        peak = max(each.megabytes for each in costs)
        report.figures[kind] = {"mails": len(raws), "read_ms": read, "judged_ms": judged, "megabytes": peak}
        slowest = max(each.read + each.judged for each in costs)
        mean = sum(each.megabytes for each in costs) / len(costs)
        cells = [
            f"{1000 / (read + judged):.0f}",
            f"{read:.2f}",
            f"{judged:.2f}",
            f"{slowest:.1f}",
            f"{mean:.2f}",
            f"{peak:.2f}",
        ]
        rows.append([f"{kind} ({len(raws)})", *cells])
        report.goal(f"{kind}: the slowest", 2000, slowest, " ms")
        report.goal(f"{kind}: memory at most", 200, peak, " MB")
    headings = ["mails", "a second", "ms to read", "ms for the rules", "ms, slowest", "MB, mean", "MB, most"]
    report.table(f"Read, classified and asked of {options.rules} rules", headings, rows)
    report.finish()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
