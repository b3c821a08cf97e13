"""A file of ``dags/``, loaded as Airflow loads it."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from vigie.tasks.sessions import AnyWatch


def load(path: Path) -> ModuleType:
    """Run the file. Raises InvalidDocument for what its flux refuses, and whatever else the file raises."""
    name = "vigie_loaded_" + "_".join(path.with_suffix("").parts[-2:]).replace("-", "_")
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} cannot be loaded")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


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
