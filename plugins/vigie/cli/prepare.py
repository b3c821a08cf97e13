"""Airflow's database and pools, through Airflow's own commands but in one process: `python -m vigie.cli.prepare POOLS`.

Each `airflow` command imports Airflow first, which takes some seconds.
"""

from __future__ import annotations

import sys

from airflow.__main__ import main as airflow


def main(pool_file: str) -> None:
    """Migrate the database, then create or update the pools of a JSON file as `airflow pools import` reads it."""
    for arguments in (["db", "migrate"], ["pools", "import", pool_file]):
        sys.argv = ["airflow", *arguments]
        airflow()


if __name__ == "__main__":
    main(sys.argv[1])
