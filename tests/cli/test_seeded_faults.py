"""The check over seeded faults of meaning and of form, as the benchmark counts them."""

from __future__ import annotations

import os
import subprocess
import sys

from vigie.cli.settings import CHECKOUT


def test_the_check_finds_nearly_every_seeded_fault_and_nothing_else() -> None:
    done = subprocess.run(
        [sys.executable, str(CHECKOUT / "benchmarks/check_faults.py")],
        env={**os.environ, "PYTHONPATH": str(CHECKOUT / "plugins")},
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    goals = [line for line in done.stdout.splitlines() if line.endswith(("| met |", "| **missed** |"))]
    assert len(goals) == 3
    assert [line for line in goals if "missed**" in line] == [], done.stderr
