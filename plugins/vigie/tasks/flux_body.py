"""What the watches of a flux share while its file is read."""

from __future__ import annotations

import sys
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path

from airflow.sdk import Asset
from pydantic import ValidationError

from vigie.core.errors import Problem
from vigie.core.watch import Watch
from vigie.tasks.site import site_root


@dataclass
class FluxBody:
    """The body of a flux while it runs: its asset gathers the watchers, its problems are told all at once."""

    client: str
    flux: str
    file: str
    asset: Asset
    watches: list[Watch] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def wrong(self, message: str, remedy: str = "") -> None:
        """Note a problem at the line of the author's file that is running now."""
        self.problems.append(Problem(path=self.shown, line=self.line(), message=message, remedy=remedy))

    @property
    def shown(self) -> str:
        """The author's file, as people name it."""
        path = Path(self.file)
        return str(path.relative_to(site_root()) if path.is_relative_to(site_root()) else path)

    def refused(self, word: str, failed: ValidationError) -> None:
        """Note each thing that a model refuses."""
        for error in failed.errors():
            where = ".".join(str(part) for part in error["loc"])
            name = f"{where}: " if where else ""
            reason = error["msg"].removeprefix("Value error, ")
            found = "" if error["type"] in {"missing", "value_error"} else f" (found {error['input']!r})"
            self.wrong(f"{word}: {name}{reason[:1].lower()}{reason[1:]}{found}.")

    def line(self) -> int | None:
        """The line of the author's file that is running now."""
        frame = sys._getframe(1)  # noqa: SLF001 (the documented way to the caller's line)
        while frame is not None and frame.f_code.co_filename != self.file:
            if frame.f_back is None:
                return None
            frame = frame.f_back
        return frame.f_lineno


BODY: ContextVar[FluxBody] = ContextVar("the body of the flux that is being read")
