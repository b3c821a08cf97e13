"""`./vigie check` over seeded faults of meaning and of form, each in a copy of the shipped site: found, at the right line,
with a remedy; and what it says of the site as it is.

`PYTHONPATH=plugins .vigie/env/bin/python benchmarks/check_faults.py`
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from report import Report
from seeded_faults import FAULTS, FORM, Fault

CHECKOUT = Path(__file__).resolve().parents[1]
GOAL = 0.95


class Verdict(NamedTuple):
    """What the check said of a fault: whether it told it, at its line, and with what to write instead."""

    fault: Fault
    told: tuple[str, ...]
    found: bool
    right_line: bool
    remedy: bool


def judged(faults: Iterable[Fault], folder: Path) -> Iterator[Verdict]:
    """Each fault in its own copy of the site, below ``folder``."""
    import vigie.cli.check as command
    from vigie.cli import flux_file

    flux_file.SECONDS = 2
    for number, fault in enumerate(faults):
        site = folder / str(number)
        for part in ("dags", "include"):
            shutil.copytree(CHECKOUT / part, site / part, ignore=shutil.ignore_patterns("__pycache__"))
        path = site / fault.file
        text = path.read_text("utf-8")
        if fault.old not in text:
            raise ValueError(f"{fault.name}: '{fault.old}' is not in {fault.file}")
        path.write_text(text.replace(fault.old, fault.new, 1), "utf-8")
        os.environ["VIGIE_SITE"] = str(site)
        problems, notes = command.problems_and_notes()
        said = [each for each in (*problems, *notes) if each.path == fault.file]
        hits = [each for each in said if all(word in str(each) for word in fault.told)]
        lines = ["", *path.read_text("utf-8").split("\n"), ""]
        at_line = [each for each in hits if not fault.line or fault.line in lines[min(each.line or 0, len(lines) - 1)]]
        yield Verdict(
            fault,
            tuple(map(str, said)),
            bool(hits),
            bool(at_line),
            any(each.remedy or ";" in each.message for each in hits),
        )
        shutil.rmtree(site)


def false_alarms() -> list[str]:
    """What the check finds wrong in the site as it is shipped. A note says what its authors should know."""
    import vigie.cli.check as command

    os.environ["VIGIE_SITE"] = str(CHECKOUT)
    return [str(each) for each in command.problems()]


def main() -> int:
    os.environ["AIRFLOW_HOME"] = tempfile.mkdtemp(prefix="vigie-faults-")
    os.environ["AIRFLOW__LOGGING__LOGGING_LEVEL"] = "ERROR"
    report = Report("check-faults", None)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for kind, faults in (("of meaning", FAULTS), ("of form", FORM)):
            verdicts = list(judged(faults, Path(folder)))
            for each in verdicts:
                if not (each.found and each.right_line):
                    print(
                        f"{'missed' if not each.found else 'wrong line'}: {each.fault.name}: {each.told}",
                        file=sys.stderr,
                    )
            found = sum(each.found for each in verdicts)
            rows.append(
                [
                    kind,
                    len(verdicts),
                    found,
                    sum(each.right_line for each in verdicts),
                    sum(each.remedy for each in verdicts),
                ]
            )
            report.goal(f"faults {kind} that are missed", round(len(faults) * (1 - GOAL)), len(faults) - found)
    report.table("Seeded faults", ["kind", "seeded", "found", "at the right line", "with what to write"], rows)
    report.goal("false alarms on the shipped site", 0, len(false_alarms()))
    report.finish()
    return 0


if __name__ == "__main__":
    sys.exit(main())
