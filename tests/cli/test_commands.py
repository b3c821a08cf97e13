"""`./vigie COMMAND`, as a shell calls it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from vigie.__main__ import UNREAD, main

CHECKOUT = Path(__file__).parents[2]


def test_a_misspelt_command_is_told_with_the_one_that_was_meant(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["chekc"]) == 2
    assert capsys.readouterr().err.startswith("There is no command 'chekc'. Did you mean 'check'?\n\nVigie, ")
    assert main(["xyz"]) == 2
    assert capsys.readouterr().err.startswith("There is no command 'xyz'.\n\nVigie, ")


def test_whoever_reads_the_beginning_only_sees_no_traceback(tmp_path: Path) -> None:
    log = tmp_path / "arrivals.csv"
    log.write_text("business_date,file_name,arrived_at\n2026-01-01,a,\n2026-12-31,a,\n", "utf-8")
    replay = [sys.executable, "-m", "vigie", "replay", str(log), "--due", "18:30", "--tz", "Europe/Rome"]
    with subprocess.Popen(replay, cwd=CHECKOUT / "plugins", stdout=subprocess.PIPE, stderr=subprocess.PIPE) as command:
        assert command.stdout is not None
        assert command.stderr is not None
        command.stdout.close()
        assert command.stderr.read() == b""
    assert command.returncode == UNREAD
