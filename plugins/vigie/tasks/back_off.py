"""How long to wait before the next try, while the other side does not answer or wants to be left alone."""

from __future__ import annotations

import random

BACK_OFF = (1.0, 2.0, 5.0, 10.0, 15.0)
"""Seconds between tries while the other side does not answer; the last one repeats."""

LONGEST_REST = 300.0
"""Seconds for which a source that wants to be left alone is left alone at most, unless it asks for more."""


def pause_after(failures: int, retry_after: float | None, steps: tuple[float, ...] = BACK_OFF) -> float:
    """Seconds to wait after so many failures before this one; ``retry_after`` seconds are what the other side asks for."""
    usual = steps[min(failures, len(steps) - 1)] * random.uniform(0.8, 1.2)
    if retry_after is None:
        return usual
    # Never earlier than asked; and the sessions that were sent away together do not come back together.
    rest = min(retry_after * 2.0 ** min(failures, 10), max(retry_after, LONGEST_REST))
    return max(usual, rest * random.uniform(1.0, 1.5))
