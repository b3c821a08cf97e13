"""Where the DAGs are that come with Vigie. Apart, so that a command can know it without loading Airflow."""

from __future__ import annotations

from pathlib import Path

OWN_BUNDLE = "vigie"
"""The name of Vigie's own bundle in ``[dag_processor] dag_bundle_config_list``."""

OWN_FOLDER = Path(__file__).resolve().parents[1] / "dags"
"""Their folder."""
