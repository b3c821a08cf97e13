from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from vigie.documents.library import Library
from vigie.web.lexicon import Lexicon, relative, watch_name

NOW = datetime(2026, 11, 23, 23, 30, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("span", "told"),
    [
        (timedelta(0), "00:30:05 Europe/Paris · 23:30:05 UTC"),
        (timedelta(hours=-1), "Mon 23 Nov 23:30:05 Europe/Paris · 22:30:05 UTC"),
        (timedelta(hours=1), "01:30:05 Europe/Paris · Tue 24 Nov 00:30:05 UTC"),
        (timedelta(days=-1), "Mon 23 Nov 00:30:05 Europe/Paris · Sun 22 Nov 23:30:05 UTC"),
    ],
)
def test_an_exact_instant_has_its_day_where_it_is_not_today(site: Path, span: timedelta, told: str) -> None:
    assert Lexicon(Library(site)).exact(NOW + span, "maison-lumiere", NOW) == told


def test_without_a_client_the_time_is_utc(site: Path) -> None:
    words = Lexicon(Library(site))
    assert words.exact(NOW, "platform", NOW) == "23:30:05 UTC"
    assert words.clock_time(NOW, "nobody") == "23:30 UTC"


@pytest.mark.parametrize(
    ("span", "told"),
    [
        (timedelta(0), "just now"),
        (timedelta(seconds=4), "now"),
        (timedelta(seconds=59), "in 59 s"),
        (timedelta(seconds=-60), "1 min ago"),
        (timedelta(minutes=-59, seconds=-59), "59 min ago"),
        (timedelta(hours=2, minutes=5), "in 2 h 05 min"),
        (timedelta(hours=-47, minutes=-59), "47 h 59 min ago"),
        (timedelta(days=-2), "2 days ago"),
    ],
)
def test_how_long_ago(span: timedelta, told: str) -> None:
    assert relative(NOW + span, NOW) == told


@pytest.mark.parametrize(
    ("actor", "told"),
    [
        ("camille", "Camille Moreau"),
        ("slack:U999", "Slack user U999"),
        ("watch:maison-lumiere.store_replenishment.wms_ko", "watch wms_ko"),
        ("desk", "Vigie"),
        ("somebody", "somebody"),
        ("", "nobody"),
        (None, "nobody"),
    ],
)
def test_who_did_it(site: Path, actor: str | None, told: str) -> None:
    assert Lexicon(Library(site)).actor(actor) == told


def test_a_watch_by_its_own_name() -> None:
    assert watch_name("maison-lumiere.store_replenishment.wms_ko") == "wms_ko"
    assert watch_name("maison_lumiere_ops/INBOX") == "maison_lumiere_ops/INBOX"
