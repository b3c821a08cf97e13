from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

PLUGINS = Path(__file__).parents[2] / "plugins"

TELL = """
import json, sys
from airflow.plugins_manager import get_fastapi_plugins, get_import_errors, get_plugin_info, get_timetables_plugins
(mounted,), _ = get_fastapi_plugins()
views = get_plugin_info(["external_views"])[0]["external_views"]
print("TOLD" + json.dumps({
    "prefix": mounted["url_prefix"],
    "views": {view["name"]: [view["href"], view["url_route"]] for view in views},
    "timetables": list(get_timetables_plugins()),
    "errors": get_import_errors(),
    "pages": "vigie.web.app" in sys.modules,
    "fastapi": "fastapi" in sys.modules,
}))
"""


def test_airflow_loads_the_plugin_and_only_the_api_server_the_pages(tmp_path: Path) -> None:
    environment = os.environ | {
        "AIRFLOW_HOME": str(tmp_path),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(PLUGINS),
        "AIRFLOW__API__BASE_URL": "https://control.example/airflow/",
        "PYTHONPATH": str(PLUGINS),
    }
    told = subprocess.run(
        [sys.executable, "-c", TELL], env=environment, capture_output=True, text=True, check=True, timeout=120
    ).stdout
    assert json.loads(told[told.index("TOLD") + 4 :]) == {
        "prefix": "/vigie",
        "views": {
            "Incidents": ["/airflow/vigie/incidents", "vigie-incidents"],
            "Expected": ["/airflow/vigie/expected", "vigie-expected"],
            "Board": ["/airflow/vigie/board", "vigie-board"],
            "Mail": ["/airflow/vigie/mail", "vigie-mail"],
        },
        "timetables": ["vigie.tasks.timetable.ChecksTimetable"],
        "errors": {},
        "pages": False,
        "fastapi": False,
    }
