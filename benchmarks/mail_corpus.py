"""Real mails against the demo's rules: what each is taken for.

`PYTHONPATH=plugins .vigie/env/bin/python benchmarks/mail_corpus.py [--corpus FOLDER]`

The corpus (bounces/ and notices/ with .eml files) is no part of the project: ../shared/corpus/mail, or `VIGIE_CORPUS`.
Ends with 1 where a bounce triggers or resolves, or a notice is taken for one. The last row of each folder is harder than
anything real: the text alone, from a sender that says nothing, under the subject of an OK.
"""

from __future__ import annotations

import argparse
import os
from collections import Counter
from pathlib import Path
from typing import get_args

from bench_site import CHECKOUT
from mail_rules import NOW, watch
from report import Report

from vigie.core.explanation import Verdict, explain
from vigie.core.mail import Mail, parse_mail
from vigie.core.origin import QUOTING, Origin

QUOTED = (None, "[KO] EOD_POS", "Undeliverable: [KO] EOD_POS", "Re: [OK] EOD_POS", "KO", "OK")
"""Subjects given to each bounce, besides its own: what it would quote if it were an answer to our clients' mail."""


DEMO = [
    watch(0, subject=r"\[KO\] (?P<job>\w+)", resolves=r"\[OK\] (?P<job>\w+)", dedup_key="{job}"),
    watch(1, subject="KO", resolves="OK"),
    watch(2, body="KO", resolves_body="OK"),
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
    mails = {path: parse_mail(path.read_bytes(), received_at=NOW) for paths in folders.values() for path in paths}
    wrong = _confusion(report, folders, mails)
    report.goal("bounces that count as a KO or an OK, and notices that are dropped", 0, len(wrong))
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
        told = Counter(explain(DEMO, _text_alone(mails[path])).verdict for path in paths)
        verdicts.append([f"{name}, the text alone as '[OK]'", *(told[each] or "·" for each in get_args(Verdict))])
        report.figures[f"verdicts/{name}/text alone"] = dict(told)
    report.table("Taken for", ["real mails", *classes], rows)
    report.table(
        "Verdict of the demo's rules, and of plain KO and OK in subject and text",
        ["real mails", *get_args(Verdict)],
        verdicts,
    )
    return wrong


def _text_alone(mail: Mail) -> Mail:
    head = "From: ops@client.example\nTo: ops@vigie.example\nSubject: [OK] EOD_POS\nContent-Type: text/plain; charset=utf-8\n\n"
    return parse_mail((head + mail.text + mail.quoted + mail.signature).encode("utf-8", "replace"), received_at=NOW)


if __name__ == "__main__":
    raise SystemExit(main())
