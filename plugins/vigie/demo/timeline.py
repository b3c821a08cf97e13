"""The live timeline of the night, and the table of what was expected and seen."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.markup import escape
from rich.table import Table

STORIES = {1: "KO mail", 2: "Missing files", 3: "Blind", 4: "Broken flux", 5: "Jeopardy", 6: "Holiday"}
_COLOURS = {0: "white", 1: "cyan", 2: "yellow", 3: "magenta", 4: "green", 5: "blue", 6: "bright_black"}
_POLL = 0.2


class Check(NamedTuple):
    """One thing that was expected: what, within how many seconds, what was seen, and after how many seconds."""

    story: int
    expected: str
    within: float
    seen: str
    after: float
    ok: bool


class Timeline:
    """Prints what happens as it happens; keeps what was expected and what was seen. Safe to use from any thread."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(highlight=False)
        self.checks: list[Check] = []
        self._begun = time.monotonic()
        self._lock = threading.Lock()
        self.stopped = threading.Event()

    def say(self, story: int, text: str, *, bold: bool = False) -> None:
        """A line: what the world, a person or Vigie did."""
        name = STORIES.get(story, "")
        style = _COLOURS[story] + (" bold" if bold else "")
        with self._lock:
            self.console.print(
                f"[dim]{time.monotonic() - self._begun:6.1f} s  {datetime.now().astimezone():%H:%M:%S}[/dim]  "
                f"[{style}]{name:<14}{escape(text)}[/{style}]"
            )

    def expect(self, story: int, expected: str, look: Callable[[], str | None], within: float) -> bool:
        """Wait until ``look`` sees it (it returns what was seen), at most ``within`` seconds; note and print it."""
        begun = time.monotonic()
        seen = self._await(look, begun + within)
        after = time.monotonic() - begun
        check = Check(story, expected, within, seen or "not seen", after, bool(seen))
        with self._lock:
            self.checks.append(check)
        mark = "✓" if check.ok else "✗"
        self.say(story, f"  {mark} {expected}: {check.seen} ({after:.1f} s)", bold=not check.ok)
        return check.ok

    def waited(self, done: Callable[[], bool], within: float) -> bool:
        """Wait without a line: whether it was done in time."""
        return self._await(lambda: "done" if done() else None, time.monotonic() + within) is not None

    def _await(self, look: Callable[[], str | None], end: float) -> str | None:
        while not self.stopped.is_set():
            seen = look()
            if seen:
                return seen
            if time.monotonic() > end:
                return None
            self.stopped.wait(_POLL)
        return None

    def print_table(self) -> None:
        """The table of all checks."""
        table = Table(title="The night: expected and seen", show_lines=False)
        for heading in ("story", "expected", "within", "seen", "after", ""):
            table.add_column(heading, overflow="fold")
        for check in sorted(self.checks, key=lambda each: each.story):
            table.add_row(
                STORIES.get(check.story, "the room"),
                escape(check.expected),
                f"{check.within:.0f} s",
                escape(check.seen),
                f"{check.after:.1f} s",
                "[green]ok[/green]" if check.ok else "[red bold]NO[/red bold]",
            )
        self.console.print(table)

    @property
    def all_seen(self) -> bool:
        """Whether everything that was expected was seen."""
        return bool(self.checks) and all(check.ok for check in self.checks)

    def write(self, path: Path) -> None:
        """The checks as data."""
        rows = [check._asdict() | {"story": STORIES.get(check.story, "the room")} for check in self.checks]
        path.write_text(json.dumps({"ok": self.all_seen, "checks": rows}, indent=2, ensure_ascii=False) + "\n", "utf-8")
