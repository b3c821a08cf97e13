"""What mails are taken for: both sides of the confusion, bounces that would call somebody and alarms that would be lost.

`PYTHONPATH=plugins .vigie/env/bin/python benchmarks/mail_corpus.py [--corpus FOLDER]`

The mails are those of the corpus (bounces, notices and cases: ../shared/corpus/mail, or `VIGIE_CORPUS`) and the project's own
(tests/core/own_mails.py). Each is asked as it is, without the headers by which machines are known (Return-Path,
Auto-Submitted, Precedence, X-…), and with an alarm's words in its subject; the rules are the demo's and the plain words KO and OK
of the subject and of the text, those of a case its own. Ends with 1 where a goal is missed.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Literal, NamedTuple

from bench_site import CHECKOUT
from mail_rules import NOW, watch
from report import Report

from vigie.core.explanation import explain
from vigie.core.mail import Mail, parse_mail
from vigie.core.origin import QUOTING
from vigie.core.watch import MailWatch

sys.path.insert(0, str(CHECKOUT))

from tests.core.mail_cases import Case, cases, ko_mail
from tests.core.own_mails import own_cases

DEMO = [
    watch(0, subject=r"\[KO\] (?P<job>\w+)", resolves=r"\[OK\] (?P<job>\w+)", dedup_key="{job}"),
    watch(1, subject="KO", resolves="OK"),
    watch(2, body="KO", resolves_body="OK"),
]
WORDS = ("[KO]", "fail", "error", "down")
OK_WORDS = ("[OK]", "Undeliverable: [OK]", "Re: [OK]")
"""What a bounce quotes where it would count as an OK."""

_MACHINES = re.compile(rb"(return-path|auto-submitted|precedence|x-[!-9;-~]*)[ \t]*:", re.IGNORECASE)
_SUBJECT = re.compile(rb"subject[ \t]*:", re.IGNORECASE)
_END = re.compile(rb"\r?\n\r?\n")

Alter = Callable[[bytes], bytes]


def stripped(raw: bytes) -> bytes:
    """Without what machines write of themselves."""
    return _with_head(raw, lambda lines: [line for line in lines if not _MACHINES.match(line)])


def under(words: str, then: Alter = lambda raw: raw) -> Alter:
    """With words before its subject; and altered further."""

    def altered(lines: list[bytes]) -> list[bytes]:
        put = words.encode() + b" "
        return [_SUBJECT.sub(rb"Subject: " + put, line, count=1) if _SUBJECT.match(line) else line for line in lines]

    return lambda raw: then(_with_head(raw, altered))


def _with_head(raw: bytes, change: Callable[[list[bytes]], list[bytes]]) -> bytes:
    end = _END.search(raw)
    head, rest = (raw[: end.start()], raw[end.start() :]) if end else (raw, b"")
    lines: list[bytes] = []
    for line in head.splitlines(keepends=True):
        if line[:1] in b" \t" and lines:
            lines[-1] += line
        else:
            lines.append(line)
    return b"".join(change(lines)) + rest


VARIANTS: dict[str, Alter] = {
    "as they are": lambda raw: raw,
    "headers stripped": stripped,
    **{f"{words} in the subject": under(words) for words in WORDS},
    **{f"headers stripped, {words} in the subject": under(words, then=stripped) for words in WORDS},
}


LIES: dict[str, Alter] = VARIANTS | {f"{words} in the subject": under(words) for words in OK_WORDS}


class Alarm(NamedTuple):
    """A mail that must be heard, and the rule that finds it."""

    name: str
    raw: bytes
    rule: MailWatch


Heard = Literal["told", "doubtful", "repeated", "lost"]
"""Repeated: taken for a person's forward or answer, and told in the channel as unclassified."""


def heard(alarm: Alarm, alter: Alter) -> Heard:
    """What becomes of an alarm."""
    explanation = explain([alarm.rule], _read(alter(alarm.raw)))
    if explanation.verdict != "ko":
        return "repeated" if any(each.withheld == "repeated" for each in explanation.tried) else "lost"
    return "doubtful" if explanation.doubts else "told"


def _read(raw: bytes) -> Mail:
    return parse_mail(raw, received_at=NOW)


class Side(NamedTuple):
    """What was asked of one side, by its variants: how many of each, and the names of what is wrong."""

    counts: dict[str, Counter[str]]
    wrong: dict[str, list[str]]


def bounces(mails: dict[str, bytes]) -> Side:
    """Proved, doubtful or heard; and what they would do by the demo's rules."""
    side = Side({}, {})
    for variant, alter in LIES.items():
        told: Counter[str] = Counter()
        wrong = []
        for name, raw in mails.items():
            explanation = explain(DEMO, mail := _read(alter(raw)))
            told["proved" if mail.origin in QUOTING else "doubtful" if mail.doubts else "heard"] += 1
            if explanation.verdict in {"ko", "ok"}:
                told[f"counts as {explanation.verdict}"] += 1
                wrong.append(f"{name} counts as {explanation.verdict}, {variant}")
        side.counts[variant], side.wrong[variant] = told, wrong
    return side


def alarms(mails: Iterable[Alarm]) -> Side:
    """Told, told as doubtful, or lost."""
    found = list(mails)
    side = Side({}, {})
    for variant, alter in VARIANTS.items():
        outcomes = {alarm.name: heard(alarm, alter) for alarm in found}
        side.counts[variant] = Counter(outcomes.values())
        side.wrong[variant] = [f"{name} is lost, {variant}" for name, of in outcomes.items() if of == "lost"]
    return side


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    corpus = Path(os.environ.get("VIGIE_CORPUS") or CHECKOUT.parent / "shared/corpus") / "mail"
    parser.add_argument("--corpus", type=Path, default=corpus)
    parser.add_argument("--json", type=Path, metavar="FILE")
    options = parser.parse_args()
    report = Report("mail_corpus", options.json)
    own, shared = list(own_cases()), cases(options.corpus / "cases")
    bounced = {
        "real": _folder(options.corpus / "bounces"),
        "own": {each.name: each.mails[0] for each in _of(own, "ignored")},
    }
    spoken = {
        "cases": [Alarm(each.name, each.mails[0], ko_mail(**each.rule)) for each in _of(shared, "ko")],
        "own": [Alarm(each.name, each.mails[0], ko_mail(**each.rule)) for each in _of(own, "ko")],
        "notices": [
            Alarm(name, under("KO")(_no_forward(raw)), DEMO[1])
            for name, raw in _folder(options.corpus / "notices").items()
        ],
    }
    missed = _sides(
        report,
        {name: bounces(mails) for name, mails in bounced.items()},
        {name: alarms(mails) for name, mails in spoken.items()},
        bounced,
    )
    missed += _judged(report, shared, own)
    missed += _speed(report, [*bounced["real"].values(), *(alarm.raw for each in spoken.values() for alarm in each)])
    report.finish()
    for sentence in missed:
        print(sentence)
    return 1 if missed else 0


def _folder(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*.eml"))}


def _of(found: Iterable[Case], right: str) -> list[Case]:
    return [each for each in found if each.right == right]


def _no_forward(raw: bytes) -> bytes:
    """A notice as its sender wrote it: some were forwarded by who collected them, and a person's forward repeats."""
    return re.sub(rb"(?mi)^(subject: )(fwd?: )", rb"\1", raw, count=1)


def _sides(
    report: Report, quiet: dict[str, Side], loud: dict[str, Side], bounced: dict[str, dict[str, bytes]]
) -> list[str]:
    columns = ["proved", "doubtful", "heard", "counts as ko", "counts as ok"]
    _table(report, "Bounces, automatic answers and receipts", quiet, columns)
    _table(report, "Alarms", loud, ["told", "doubtful", "repeated", "lost"])
    wrong = [each for sides in (quiet, loud) for side in sides.values() for each in side.wrong["as they are"]]
    total = len(bounced["real"])
    plain = quiet["real"].counts["as they are"]
    goals = [
        report.goal("real bounces that nothing proves", 2, 100 * (total - plain["proved"]) / total if total else None, " %"),
        report.goal("bounces that call somebody or count as an OK, as they are", 0, sum(len(side.wrong["as they are"]) for side in quiet.values())),
        report.goal("bounces that count as an OK, in any form", 0, sum(each["counts as ok"] for side in quiet.values() for each in side.counts.values())),
        *(report.goal(f"alarms lost, {variant}", 0, sum(side.counts[variant]["lost"] for side in loud.values())) for variant in VARIANTS),
    ]  # fmt: skip
    lost = [each for side in loud.values() for of in side.wrong.values() for each in of]
    return [*dict.fromkeys([*wrong, *lost])] if not all(goals) else []


def _table(report: Report, title: str, sides: dict[str, Side], columns: list[str]) -> None:
    rows: list[list[object]] = []
    for name, side in sides.items():
        for variant, told in side.counts.items():
            number = sum(told[each] for each in columns[: 3 if "proved" in columns else 4])
            rows.append([f"{name} ({number}), {variant}", *(told[each] or "·" for each in columns)])
            report.figures[f"{title}/{name}/{variant}"] = dict(told)
    report.table(title, ["", *columns], rows)


def _judged(report: Report, shared: list[Case], own: list[Case]) -> list[str]:
    rows: list[list[object]] = []
    wrong = []
    for name, found in {"shared cases": shared, "own mails": own}.items():
        problems = {each.name: each.problem() for each in found}
        for right in dict.fromkeys(each.right for each in found):
            of = _of(found, right)
            rows.append(
                [f"{name}, right is {right[:30]}", len(of), sum(problems[each.name] is not None for each in of) or "·"]
            )
        wrong += [problem for problem in problems.values() if problem]
        report.figures[name] = {"mails": len(found), "wrong": [each for each, problem in problems.items() if problem]}
    report.table("Verdicts", ["", "mails", "wrong"], rows)
    report.goal("mails with another verdict than the right one", 0, len(wrong))
    return wrong


def _speed(report: Report, raws: list[bytes]) -> list[str]:
    """Read and asked of the demo's three rules, in the processor's time."""
    begun = time.process_time()
    for raw in raws:
        explain(DEMO, _read(raw))
    each = (time.process_time() - begun) / len(raws) * 1000
    report.figures["milliseconds a mail"] = each
    report.table(
        "Speed, one core", ["mails", "ms a mail", "mails a second"], [[len(raws), f"{each:.2f}", f"{1000 / each:.0f}"]]
    )
    report.goal("milliseconds of the processor to read and judge a mail", 5, each, " ms")
    return []


if __name__ == "__main__":
    raise SystemExit(main())
