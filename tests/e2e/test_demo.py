"""`./vigie demo`, as somebody runs it who has just cloned the repository."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from tests.e2e.room import until
from tests.servers.ports import free_port_base, is_free

from vigie.cli import family
from vigie.cli.settings import CHECKOUT
from vigie.demo.world import World

pytestmark = pytest.mark.timeout(900)

STORIES = {"the room", "KO mail", "Missing files", "Blind", "Broken flux", "Jeopardy", "Holiday"}


class Demo:
    """A demo in a process of its own; all that it may write is below `folder`."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.folder = folder
        self.state = folder / "demo"
        self.base = free_port_base()
        self.before = _site()
        for name in ("home", "tmp", "work"):
            (folder / name).mkdir()
        own = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW_", "VIGIE_"))}
        with (folder / "output.txt").open("wb") as output:
            place = ["--state", str(self.state), "--port-base", str(self.base)]
            self.process = subprocess.Popen(
                [sys.executable, str(CHECKOUT / "vigie"), "demo", *place, *arguments],
                cwd=folder / "work",
                env=own | {"HOME": str(folder / "home"), "TMPDIR": str(folder / "tmp")},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def said(self) -> str:
        """What it printed so far."""
        return (self.folder / "output.txt").read_text("utf-8", "replace")

    def ended(self, within: float) -> int:
        """Its exit code."""
        until(lambda: self.process.poll() is not None, within, f"the end of the demo; it said:\n{self.said[-3000:]}")
        return int(self.process.returncode)

    def left(self) -> list[str]:
        """What it left behind: processes, ports, and files outside its folder."""
        known = [*World.ports(self.base), *range(self.base, self.base + 6)]
        found = [f"process {' '.join(each.cmdline())}" for each in family.members(self.state)]
        found += [f"port {port}" for port in known if not is_free(port)]
        found += [f"file {path}" for name in ("home", "tmp", "work") for path in (self.folder / name).rglob("*")]
        return found + [f"file {path}" for path in _site() ^ self.before]

    def end(self) -> None:
        """End it, if it still runs."""
        with contextlib.suppress(psutil.Error):
            psutil.Process(self.process.pid).terminate()
        try:
            self.process.wait(60)
        finally:
            family.end(self.state)


def _site() -> set[tuple[Path, float]]:
    """The user's own files, which the demo must not touch."""
    every = (path for folder in ("dags", "include") for path in (CHECKOUT / folder).rglob("*"))
    return {(path, path.stat().st_mtime) for path in every if path.is_file() and path.suffix != ".pyc"}


@pytest.fixture
def demo(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Demo]:
    made = Demo(tmp_path, *getattr(request, "param", ()))
    yield made
    made.end()


@pytest.mark.parametrize("demo", [("--once", "--json", "night.json")], indirect=True)
def test_the_night_of_the_demo(demo: Demo):
    code = demo.ended(within=480)
    night = json.loads((demo.folder / "work" / "night.json").read_text("utf-8"))
    (demo.folder / "work" / "night.json").unlink()

    assert [check for check in night["checks"] if not check["ok"]] == []
    assert {check["story"] for check in night["checks"]} == STORIES
    assert (code, night["ok"]) == (0, True)
    assert demo.left() == []


def test_ctrl_c_ends_all_of_it(demo: Demo):
    until(lambda: "All is healthy" in demo.said or demo.process.poll() is not None, 240, "the demo is healthy")
    os.kill(demo.process.pid, signal.SIGINT)

    assert demo.ended(within=90) == 0, demo.said
    assert "Stopped as asked." in demo.said
    assert demo.left() == []
