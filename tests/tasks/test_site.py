from __future__ import annotations

import pytest

from vigie.core.errors import VigieError
from vigie.tasks.site import production


@pytest.mark.parametrize(
    ("mode", "approved_only"), [(None, True), ("", True), ("development", False), ("production", True)]
)
def test_drafts_run_only_where_somebody_asks_for_it(
    mode: str | None, approved_only: bool, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delenv("VIGIE_MODE", raising=False)
    if mode is not None:
        monkeypatch.setenv("VIGIE_MODE", mode)
    assert production() == approved_only


@pytest.mark.parametrize("mode", ["prod", "dev", "Development", "PRODUCTION "])
def test_a_mode_that_is_none_does_not_quietly_mean_the_other(mode: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("VIGIE_MODE", mode)
    with pytest.raises(VigieError, match=rf"^VIGIE_MODE is '{mode}'\. Write 'production' or 'development'\.$"):
        production()
