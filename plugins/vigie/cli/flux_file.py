"""A file of ``dags/``, loaded as Airflow loads it."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from vigie.tasks.sessions import AnyWatch


SECONDS = 30
"""How long a file may take to load: as long as Airflow waits for it (``dagbag_import_timeout``)."""


@contextmanager
def in_time(seconds: float, otherwise: str) -> Iterator[None]:
    """Raise TimeoutError in what takes longer. Only the main thread can be interrupted."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def over(*_: object) -> None:
        raise TimeoutError(otherwise)

    before = signal.signal(signal.SIGALRM, over)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@contextmanager
def _beside(path: Path) -> Iterator[None]:
    """A file may import its helpers by their place below ``dags/``, as in Airflow; they are read anew each time."""
    root = next((str(parent) for parent in path.parents if parent.name == "dags"), None)
    before = set(sys.modules)
    if root:
        sys.path.append(root)
    try:
        yield
    finally:
        if root:
            sys.path.remove(root)
            for name in set(sys.modules) - before:
                if str(
                    getattr(sys.modules[name], "__file__", None)
                    or next(iter(getattr(sys.modules[name], "__path__", ())), "")
                ).startswith(root):
                    del sys.modules[name]


def load(path: Path) -> ModuleType:
    """Run the file. Raises InvalidDocument for what its flux refuses, and whatever else the file raises.

    A DAG that the file gives no name (``with DAG(...):``), or whose name it gives to another one, is among the module's
    variables all the same: Airflow would find it too. The text is compiled each time: Python's own cache of compiled
    files does not notice a change within one second that leaves the size as it was, ``06:00`` to ``18:00``.
    """
    from airflow.sdk.definitions._internal.contextmanager import DagContext

    name = "vigie_loaded_" + "_".join(path.with_suffix("").parts[-2:]).replace("-", "_")
    module = ModuleType(name)
    module.__file__ = str(path)
    sys.modules[name] = module
    DagContext.autoregistered_dags.clear()
    DagContext.current_autoregister_module_name = name
    try:
        with _beside(path), in_time(SECONDS, f"the file is not loaded after {SECONDS} s"):
            exec(compile(path.read_bytes(), str(path), "exec"), module.__dict__)  # noqa: S102 (the author's file, as Airflow runs it)
    finally:
        DagContext.current_autoregister_module_name = None
    named = list(vars(module).values())
    unnamed = [dag for dag, _ in DagContext.autoregistered_dags if not any(dag is each for each in named)]
    for number, dag in enumerate(sorted(unnamed, key=lambda each: each.dag_id)):
        setattr(module, f"{dag.dag_id} #{number}", dag)
    return module


class MadeDag(NamedTuple):
    """A DAG that a file makes, and the line at which it does (the first where that cannot be read)."""

    dag_id: str
    file: Path
    line: int


def made_dags(module: ModuleType, path: Path) -> list[MadeDag]:
    """The DAGs of a loaded file."""
    from airflow.sdk import DAG

    from vigie.tasks.dag_names import line_of

    found = {id(value): value for value in vars(module).values() if isinstance(value, DAG)}
    return [MadeDag(dag.dag_id, path, line_of(path, dag.dag_id)) for dag in found.values()]


def watches_of(module: ModuleType) -> list[AnyWatch]:
    """The watches of every flux that a loaded file makes."""
    return [written.watch for written in written_watches(module)]


class Written(NamedTuple):
    """A watch, and where its author wrote it: the file as people name it, and the line."""

    watch: AnyWatch
    path: str
    line: int | None


def written_watches(module: ModuleType) -> list[Written]:
    """The watches of every flux that a loaded file makes, each with its place."""
    from airflow.sdk import DAG

    from vigie.tasks.sessions import WATCH

    tasks = [task for value in vars(module).values() if isinstance(value, DAG) for task in value.tasks]
    found = [(getattr(task, "watch", None), getattr(task, "written_at", ("", None))) for task in tasks]
    return [Written(WATCH.validate_python(rule), *place) for rule, place in found if rule]
