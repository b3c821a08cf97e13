"""Mails a second, beside those of an older revision: read, and asked of 300 rules, by the code of each in turn.

`PYTHONPATH=plugins .vigie/env/bin/python benchmarks/mail_speed.py --before CHECKOUT [--libraries FOLDER]`

CHECKOUT is a working tree of the older revision (`git worktree add`); FOLDER has what it needs and ours does not. Of each the
quickest of several rounds counts, in the processor's time: machines are shared. The mails are those of the corpus where it is
there, and the benchmark's own.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from bench_site import CHECKOUT
from mail_rules import NOW, own_mails, rules
from report import Report

from vigie.core.ko_mail import judge
from vigie.core.mail import parse_mail

_TURNS, _ROUNDS = 3, 5

Speeds = dict[str, tuple[int, float, float]]
"""By kind of mail: how many, milliseconds to read one, milliseconds to ask 300 rules about it."""


def _quickest(act: Callable[[], object], mails: int) -> float:
    took = []
    for _ in range(_ROUNDS):
        begun = time.process_time()
        act()
        took.append(time.process_time() - begun)
    return min(took) / mails * 1000


def measured(corpus: Path) -> Speeds:
    """Of the code that this process has imported."""
    folders = {"bounces and notices": ("bounces", "notices"), "cases": ("cases",)}
    kinds = {
        name: [path.read_bytes() for each in of for path in sorted((corpus / each).rglob("*.eml"))]
        for name, of in folders.items()
    } | {"the benchmark's own": own_mails() * 5}
    watches = rules(300)
    speeds: Speeds = {}
    for kind, raws in kinds.items():
        if not raws:
            continue
        mails = [
            parse_mail(raw, received_at=NOW).model_copy(update={"origin": "human", "subject": f"[OK] JOB_{place}"})
            for place, raw in enumerate(raws)
        ]
        read = _quickest(lambda raws=raws: [parse_mail(raw, received_at=NOW) for raw in raws], len(raws))
        asked = _quickest(lambda mails=mails: [judge(rule, mail, NOW) for mail in mails for rule in watches], len(raws))
        speeds[kind] = (len(raws), read, asked)
    return speeds


def _by(checkout: Path, libraries: Path | None, corpus: Path) -> Speeds:
    """Of the code of a checkout, in a process of its own."""
    paths = [checkout / "plugins", CHECKOUT / "benchmarks", *([libraries] if libraries else [])]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(str(path) for path in paths)}
    command = [sys.executable, __file__, "--corpus", str(corpus), "--only"]
    return json.loads(subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout)


def _better(before: Speeds, now: Speeds) -> Speeds:
    return {kind: (each[0], *(min(pair) for pair in zip(before[kind][1:], each[1:], strict=True))) for kind, each in now.items()}  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    corpus = Path(os.environ.get("VIGIE_CORPUS") or CHECKOUT.parent / "shared/corpus") / "mail"
    parser.add_argument("--corpus", type=Path, default=corpus)
    parser.add_argument("--before", type=Path, metavar="CHECKOUT")
    parser.add_argument("--libraries", type=Path, metavar="FOLDER")
    parser.add_argument("--only", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--json", type=Path, metavar="FILE")
    options = parser.parse_args()
    if options.only:
        print(json.dumps(measured(options.corpus)))
        return 0
    if options.before is None:
        parser.error("--before: name a checkout of the older revision")
    report = Report("mail_speed", options.json)
    before, now = (_by(each, more, options.corpus) for each, more in _sides(options))
    for _ in range(_TURNS - 1):
        before, now = (
            _better(known, _by(each, more, options.corpus))
            for known, (each, more) in zip((before, now), _sides(options), strict=True)
        )
    rows: list[list[object]] = []
    for kind, (number, read, asked) in now.items():
        _, read_before, asked_before = before[kind]
        rows.append([f"{kind} ({number})", *(f"{each:.2f}" for each in (read_before, read, asked_before, asked)), f"{1000 / (read_before + asked_before):.0f}", f"{1000 / (read + asked):.0f}"])  # fmt: skip
        report.figures[kind] = {"before": before[kind], "now": now[kind]}
        report.goal(
            f"{kind}: time of a mail, of what it took before", 1.0, (read + asked) / (read_before + asked_before)
        )
    headings = ["mails", "ms to read, before", "now", "ms for 300 rules, before", "now", "a second, before", "now"]
    report.table("Read, and asked of 300 rules, one core", headings, rows)
    report.finish()
    return 0


def _sides(options: argparse.Namespace) -> tuple[tuple[Path, Path | None], tuple[Path, None]]:
    return (options.before, options.libraries), (CHECKOUT, None)


if __name__ == "__main__":
    raise SystemExit(main())
