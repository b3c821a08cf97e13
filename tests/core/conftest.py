from __future__ import annotations

from pathlib import Path

import pytest

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus"


@pytest.fixture(scope="session")
def corpus() -> Path:
    """Real mails and arrivals that nobody here wrote; they are no part of the project."""
    if not CORPUS.is_dir():
        pytest.skip(f"the corpus of real cases is not here ({CORPUS})")
    return CORPUS
