"""The stage of the demo: a copy of the authors' files in which the night's waiting times are short.

Nothing in the demo fakes the clock. The copy says when the deadlines are and how long a page waits, and the timeline
says so too. The user's own files are never touched.
"""

from __future__ import annotations

import re
import shutil
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from vigie.cli.remedy import RemedyError
from vigie.core.zone import ZoneInfo
from vigie.demo.slack_world import made_id
from vigie.demo.wave import Wave, plan, raise_wave, stores_of

BERLIN = ZoneInfo("Europe/Berlin")
REPLENISHMENT = "dags/maison-lumiere/store_replenishment.py"
PRICES = "dags/maison-lumiere/price_update.py"
BACKUPS = "dags/nordwind/backups.py"


class Stage(NamedTuple):
    """The site of one night: its folder, the deadlines of the stores' files, and how long a page waits."""

    site: Path
    wave: Wave
    page_waits: timedelta


def set_stage(checkout: Path, site: Path, *, now: datetime, ready_in: timedelta, page_waits: timedelta) -> Stage:
    """Copy ``dags/`` and ``include/`` to ``site``, with the wave of deadlines beginning after ``ready_in``.

    The backups are due half a day from now, whenever that is: theirs is another night.
    Raises RemedyError where a file of the demo no longer reads as the demo knows it.
    """
    for folder in ("dags", "include"):
        shutil.copytree(checkout / folder, site / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for written in ('"store_files"', 'sites="stores"', 'due="06:00"', 'opens="00:00"', 'jeopardy="30 min"'):
        _replace(site / REPLENISHMENT, written, written)
    countries = {store.country for store in stores_of(site, "stores")}
    wave = plan((now + ready_in + timedelta(seconds=4)).replace(microsecond=0), "en", countries)
    raise_wave(site, REPLENISHMENT, wave)
    another = (now + timedelta(hours=12)).astimezone(BERLIN)
    _replace(site / BACKUPS, 'due="06:00"', f'due="{another:%H:%M}"')
    _replace(site / BACKUPS, 'opens="22:00"', f'opens="{another - timedelta(hours=8):%H:%M}"')
    _replace(site / REPLENISHMENT, 'grace="10 min"', 'grace="0 s"')
    _replace(site / REPLENISHMENT, 'stable_for="30 s"', 'stable_for="4 s"')
    for table in sorted((site / "include" / "rota").glob("*.yaml")):
        text = table.read_text("utf-8")
        text = re.sub(r'delay: "?10 min"?', f"delay: {int(page_waits.total_seconds())} s", text)
        # The people of the rota are the users of the stand-in, under the ids that it gives them.
        text = re.sub(r"\bU_([A-Z]+)\b", lambda found: made_id("U", found[1].lower()), text)
        table.write_text(text, "utf-8")
    return Stage(site, wave, page_waits)


def break_file(path: Path) -> str:
    """Save a file as an author in a hurry would: with a bracket that is never closed. Returns what it was."""
    text = path.read_text("utf-8")
    path.write_text(text.replace("KoMail(", "KoMail((", 1), "utf-8")
    return text


def _replace(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    if old not in text:
        raise RemedyError(
            f"{path.name} does not say '{old}' any more, so the demo cannot shorten its waiting.",
            "Take the file back from the repository: git checkout -- dags include.",
        )
    path.write_text(text.replace(old, new), "utf-8")
