"""Scheduler and DAG processor import our modules before they fork; a task does not."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import vigie
from vigie.tasks.warm_start import NEEDED

PLUGINS = Path(vigie.__path__[0]).parent

TELL = """
import sys
from airflow.listeners.listener import get_listener_manager
from vigie.tasks import warm_start

class TaskRunnerMarker: pass
class Job: pass

warm_start.NEEDED = (*warm_start.NEEDED, "vigie.not_there")
ours = {name for name in warm_start.NEEDED if name.startswith("vigie.")}
begin = get_listener_manager().hook.on_starting
begin(component=TaskRunnerMarker())
print("task", sorted(set(warm_start.NEEDED) & set(sys.modules) & ours))
begin(component=Job())
print("job", sorted(set(warm_start.NEEDED) - set(sys.modules)))
"""


def test_every_module_it_imports_is_there() -> None:
    assert [name for name in NEEDED if find_spec(name) is None] == []


def test_the_plugin_hands_it_to_airflow_which_calls_it_when_a_component_begins(tmp_path: Path) -> None:
    environment = os.environ | {
        "AIRFLOW_HOME": str(tmp_path),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(PLUGINS),
        "PYTHONPATH": str(PLUGINS),
    }
    done = subprocess.run(
        [sys.executable, "-c", TELL], env=environment, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    told = [line for line in done.stdout.splitlines() if line.startswith(("task ", "job "))]
    assert told == ["task []", "job ['vigie.not_there']"]
    assert "vigie.not_there cannot be imported beforehand" in done.stdout + done.stderr
