"""Why something of ours cannot look, as a sentence for whoever must fix it."""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from pathlib import Path

from vigie.core.errors import InvalidDocument, Problem, VigieError

_SHOWN = 300


def reason_of(error: BaseException) -> str:
    """The reason: what an author or an operator must fix, or, of an error of ours, its place in Vigie's code."""
    if isinstance(error, InvalidDocument) and error.problems:
        return reason_of_problems(error.problems)
    if isinstance(error, VigieError):
        return str(error)
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "vigie" in Path(frame.filename).parts] or list(frames)
    place = f" ({Path(ours[-1].filename).name}, line {ours[-1].lineno})" if ours else ""
    said = " ".join(str(error).split())[:_SHOWN]
    return f"an error in Vigie: {type(error).__name__}{f': {said}' if said else ''}{place}"


def unforeseen(error: BaseException) -> BaseException | None:
    """The error where only its traceback says what is wrong, for a log."""
    return None if isinstance(error, VigieError) else error


def reason_of_problems(problems: Sequence[Problem]) -> str:
    """The first problem, with its file and line, and how many more there are."""
    more = f" (and {len(problems) - 1} more: ./vigie check)" if len(problems) > 1 else ""
    return f"{problems[0]}{more}"
