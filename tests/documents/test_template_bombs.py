"""Templates that were written to cost much: they end in time and in bounded memory, with a sentence."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from tests.documents.bomb_costs import render
from tests.documents.template_bombs import BOMBS

CHECKOUT = Path(__file__).resolve().parents[2]

SECONDS = 2
MEGABYTES = 200

HARMLESS = {"Markdown of a long fact", "a list without end"}
"""These make less than they look like."""


@pytest.fixture(scope="module")
def costs() -> dict[str, dict[str, Any]]:
    """What each costs, each in a process of its own."""
    command = [sys.executable, "-m", "tests.documents.bomb_costs"]
    environment = os.environ | {"PYTHONPATH": f"{CHECKOUT / 'plugins'}{os.pathsep}{CHECKOUT}"}
    told = subprocess.run(command, cwd=CHECKOUT, env=environment, check=True, capture_output=True, text=True).stdout
    return {row["name"]: row for row in map(json.loads, told.splitlines())}


@pytest.mark.parametrize("name", BOMBS)
def test_a_template_bomb_costs_little_and_is_told(costs: dict[str, dict[str, Any]], name: str):
    cost = costs[name]
    assert "died" not in cost
    assert cost["seconds"] < SECONDS
    assert cost["megabytes"] < MEGABYTES
    assert bool(cost["told"]) != (name in HARMLESS)


def test_the_clock_is_that_of_a_rendering_in_whatever_thread():
    """Loops that do nothing forbidden, but for ever; in a thread no signal could end them."""
    told: list[str] = []
    bomb = "{% for i in range(9999) %}{% if 'a' in range(100000) %}{% endif %}{% endfor %}"
    threads = [threading.Thread(target=lambda: told.append(render(bomb)["told"])) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert told == ["bomb.md.j2:1: more than 1.5 seconds."] * 2
    assert render("{{ title }}")["told"] == ""
