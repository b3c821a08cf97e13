"""The executor whose workers know our modules from birth."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import vigie
from vigie.tasks.warm_executor import NEEDED

SCRIPT = """
import sys
from vigie.tasks import warm_executor
warm_executor.NEEDED = (*warm_executor.NEEDED, "vigie.not_there")
executor = warm_executor.WarmLocalExecutor(parallelism=1)
executor.start()
workers = list(executor.workers.values())
executor.end()
print(len(workers), all(name in sys.modules for name in warm_executor.NEEDED[:-1]))
"""


def test_every_module_it_imports_is_there() -> None:
    assert [name for name in NEEDED if find_spec(name) is None] == []


def test_it_imports_what_it_can_and_starts_its_workers(tmp_path: Path) -> None:
    plugins = str(Path(vigie.__path__[0]).parent)
    environment = {**os.environ, "AIRFLOW_HOME": str(tmp_path), "PYTHONPATH": plugins}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], env=environment, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "1 True"
    assert "vigie.not_there cannot be imported beforehand" in done.stdout + done.stderr
