"""Parses DAG files and serialises their DAGs in this process, and prints what that took as JSON. Airflow only.

`python benchmarks/parse_dags.py FOLDER [MODULE…]`: every `*.py` below the folder, as Airflow's processor runs them,
once the modules are imported.
"""

from __future__ import annotations

import importlib.util
import json
import resource
import sys
import time
from pathlib import Path

# What every worker of the processor has loaded already is not part of the measure.
from airflow.sdk import DAG
from airflow.serialization.serialized_objects import DagSerialization


def main() -> int:
    files = sorted(Path(sys.argv[1]).rglob("*.py"))
    # What the files import is loaded once by a processor that lives on; what they read and make is not kept.
    for name in sys.argv[2:]:
        importlib.import_module(name)
    begun = time.process_time()
    if "vigie.tasks.authored_bundle" in sys.modules:  # the processor reads procedures before it forks
        sys.modules["vigie.tasks.authored_bundle"].read_procedures()
    read = time.process_time() - begun
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begun = time.process_time()
    dags = _parse(files)
    parsed = time.process_time()
    size = sum(len(json.dumps(DagSerialization.to_dict(dag))) for dag in dags.values())
    done = time.process_time()
    found = {
        "files": len(files),
        "dags": len(dags),
        "tasks": sum(len(dag.tasks) for dag in dags.values()),
        "read_before": read,
        "parse": parsed - begun,
        "serialise": done - parsed,
        "kb_a_dag": size / 1000 / max(1, len(dags)),
        "rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "grown_mb": (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024,
    }
    sys.stdout.write(json.dumps(found) + "\n")
    return 0


def _parse(files: list[Path]) -> dict[str, DAG]:
    dags: dict[str, DAG] = {}
    for number, file in enumerate(files):
        spec = importlib.util.spec_from_file_location(f"dags_{number}", file)
        assert spec
        assert spec.loader
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        dags |= {value.dag_id: value for value in vars(module).values() if isinstance(value, DAG)}
    return dags


if __name__ == "__main__":
    sys.exit(main())
