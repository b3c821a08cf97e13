"""The watches of the site's fluxes, as their files say."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from vigie.cli.remedy import RemedyError
from vigie.cli.site_folder import require_folder
from vigie.core.watch import Watch
from vigie.documents.findings import did_you_mean


class SiteWatches(NamedTuple):
    """The watches in the order of their names, and of each file that cannot be read a sentence that says so."""

    watches: tuple[Watch, ...]
    broken: tuple[str, ...]


@contextmanager
def quiet_airflow(site: Path | None) -> Iterator[None]:
    """For commands that import Airflow to read fluxes and start none: it must not write into the user's home."""
    from vigie.tasks.site import site_root

    if site:
        os.environ["VIGIE_SITE"] = str(site.resolve())
    require_folder(site_root())
    with tempfile.TemporaryDirectory(prefix="vigie-") as home:
        os.environ["AIRFLOW_HOME"] = home
        os.environ.setdefault("AIRFLOW__LOGGING__LOGGING_LEVEL", "ERROR")
        yield


def asked_for(client: str, flux: str | None = None) -> None:
    """Raise RemedyError where the site has no such client, or the client no such flux."""
    from vigie.tasks.site import library, site_root

    clients = library().client_ids()
    if client not in clients:
        raise RemedyError(f"There is no client '{client}'.", did_you_mean(client, clients))
    fluxes = [path.stem for path in (site_root() / "dags" / client).glob("*.py")]
    if flux is not None and flux not in fluxes:
        raise RemedyError(f"There is no flux '{flux}' of {client}.", did_you_mean(flux, fluxes))


def site_watches(client: str | None = None, flux: str | None = None) -> SiteWatches:
    """The watches of all fluxes, or of a client's, or of one."""
    from vigie.cli.flux_file import load, watches_of
    from vigie.tasks.site import site_root

    watches: list[Watch] = []
    broken = []
    for path in sorted((site_root() / "dags").glob(f"{client or '*'}/{flux or '*'}.py")):
        try:
            module = load(path)
        except Exception as wrong:  # noqa: BLE001 (an author's file may raise anything; ./vigie check tells its line)
            broken.append(f"{path.relative_to(site_root())} is left out: {wrong}. ./vigie check says more.")
            continue
        watches += watches_of(module)
    return SiteWatches(tuple(sorted(watches, key=lambda watch: watch.id)), tuple(broken))
