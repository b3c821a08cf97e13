"""One control room for every story of this folder: it takes half a minute to start, so it is started once."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright
from tests.e2e.room import Room

ORDER = ["test_ko_mail", "test_kills", "test_fluxes", "test_vault", "test_bad_input", "test_afterwards"]
"""The short story first, while each page has a mail of its own; then what needs long to be noticed; last what holds
after all of them."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = [(place, item) for place, item in enumerate(items) if item.path.parent == Path(__file__).parent]
    in_turn = sorted(here, key=lambda found: _rank(found[1].path.stem))
    for (place, _), (_, item) in zip(here, in_turn, strict=True):
        items[place] = item


def _rank(module: str) -> int:
    middle = ORDER.index("test_vault")
    return ORDER.index(module) if module in ORDER else middle


@pytest.fixture(scope="session")
def airflow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    """The control room, healthy, every watch looking."""
    room = Room(tmp_path_factory.mktemp("room"))
    try:
        room.open()
        yield room
    finally:
        room.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium. Not for longer than a module: while Playwright lives, no other test can run an event loop."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    arguments = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=chromium, args=arguments) as started,
    ):
        yield started
