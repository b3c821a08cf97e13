"""A file of ``dags/``, loaded as Airflow loads it."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

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
    from airflow.sdk import DAG

    from vigie.tasks.sessions import WATCH

    dags = [value for value in vars(module).values() if isinstance(value, DAG)]
    written = [getattr(task, "watch", None) for dag in dags for task in dag.tasks]
    return [WATCH.validate_python(rule) for rule in written if rule]
