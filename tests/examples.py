"""How many examples a property is tried on, and what becomes of one that fails.

No property is derandomised: each run tries other examples. One that fails is printed, with the line that makes it again
(`@reproduce_failure`), and kept in `.hypothesis/` where the tests are run from, so that the next runs begin with it.
"""

from __future__ import annotations

from pathlib import Path

from hypothesis import settings
from hypothesis.database import DirectoryBasedExampleDatabase

KEPT = Path.cwd() / ".hypothesis" / "examples"
USUAL = 100
DEEPER = 10

settings.register_profile(
    "vigie",
    max_examples=USUAL,
    derandomize=False,  # Hypothesis itself would derandomise, and keep nothing, where it sees a CI
    database=DirectoryBasedExampleDatabase(KEPT),
    print_blob=True,
    deadline=None,  # the machine does other things as well
)
settings.register_profile("deep", settings.get_profile("vigie"), max_examples=USUAL * DEEPER)
settings.load_profile("vigie")  # `--hypothesis-profile deep` is read later, and wins


def examples(number: int) -> settings:
    """`@examples(40)` tries a property on 40 examples, and on 400 in a deep run (`./vigie test --deep`).

    A property without it is tried on 100.
    """
    return settings(max_examples=number * settings.default.max_examples // USUAL)
