"""What a benchmark says: each figure that has a goal beside it, met or missed."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

from vigie.cli.settings import CHECKOUT

BENCHMARKS = CHECKOUT / "benchmarks"
REPORT = """
from pathlib import Path
from report import Report

report = Report("sample", Path("sample.json"))
report.goal("page, p90", 0.5, 0.75, " s")
report.goal("mails lost", 0, 0)
report.goal("pages, p50", 2, None, " s")
report.finish()
"""


def run(folder: Path, text: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", text],
        cwd=folder,
        env={"PYTHONPATH": f"{BENCHMARKS}:{CHECKOUT / 'plugins'}", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_each_goal_stands_beside_its_figure_met_or_missed(tmp_path: Path):
    said = run(tmp_path, REPORT)

    assert (
        "|  | at most | found |  |\n"
        "| --- | --- | --- | --- |\n"
        "| page, p90 | 0.5 s | 0.75 | **missed** |\n"
        "| mails lost | 0 | 0 | met |\n"
        "| pages, p50 | 2 s | nan | **missed** |\n"
    ) in said
    goals = json.loads((tmp_path / "sample.json").read_text("utf-8"))["figures"]["goals"]
    assert [met for *_, met in goals] == [False, True, False]


def test_a_bench_without_a_goal_says_why(tmp_path: Path):
    without = "\n".join(line for line in REPORT.splitlines() if "goal" not in line)
    text = without.replace("report.finish()", 'report.no_goal("it only describes")\nreport.finish()')

    assert "No goal: it only describes\n" in run(tmp_path, text)


def test_every_bench_states_its_goals_or_why_there_are_none():
    makes = [path for path in sorted(BENCHMARKS.glob("*.py")) if re.search(r"= Report\(", path.read_text("utf-8"))]

    assert len(makes) > 15
    silent = [path.name for path in makes if not re.search(r"report\.(goal|no_goal)\(", path.read_text("utf-8"))]
    assert silent == []
