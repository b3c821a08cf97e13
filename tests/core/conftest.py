from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def corpus() -> Path:
    """Real mails and arrivals that nobody here wrote; they are no part of the project."""
    return Path(os.environ.get("VIGIE_CORPUS") or Path(__file__).resolve().parents[3] / "shared" / "corpus")
