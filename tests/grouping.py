"""Which tests share a process of pytest-xdist, and which begin first.

pytest-xdist 3.8 loses its own `xdist_group` marks under pytest 9.2 (it writes Node._nodeid, which that pytest no longer
reads), and each process then starts a whole Airflow of its own.
"""

from __future__ import annotations

from pathlib import PurePosixPath

from xdist.scheduler import LoadScopeScheduling

LONG = [
    "tests/e2e/airflow",
    "tests/e2e/test_demo.py::test_the_night_of_the_demo",
    "tests/e2e/test_demo.py::test_ctrl_c_ends_all_of_it",
    "tests/e2e/test_cluster.py",
    "tests/cli/test_up.py",
    "tests/cli/test_bootstrap.py",
]
"""The groups that take longest, mostly waiting: they begin first, so that nothing is left to wait for at the end."""


def group_of(nodeid: str) -> str:
    """What stays in one process: a file; all stories told in the one running Airflow; each demo by itself; the cluster."""
    path, _, test = nodeid.partition("::")
    if not path.startswith("tests/e2e/"):
        return path
    if PurePosixPath(path).name == "test_demo.py":
        return f"{path}::{test.partition('[')[0]}"
    if PurePosixPath(path).name == "test_cluster.py":
        return path
    return "tests/e2e/airflow"


def rank(nodeid: str) -> int:
    """The place of a test's group in the order of their beginning; what is quick comes last, as it was found."""
    group = group_of(nodeid)
    return LONG.index(group) if group in LONG else len(LONG)


class Grouping(LoadScopeScheduling):  # type: ignore[misc]
    """Gives each process a whole group at a time, in the order of the collection."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)
