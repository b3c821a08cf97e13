from __future__ import annotations

import pytest

from vigie.core.errors import VigieError
from vigie.tasks.site import production


@pytest.mark.parametrize(
    ("mode", "approved_only"), [(None, False), ("", False), ("development", False), ("production", True)]
)
def test_only_approved_procedures_run_in_production(
    mode: str | None, approved_only: bool, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delenv("VIGIE_MODE", raising=False)
    if mode is not None:
        monkeypatch.setenv("VIGIE_MODE", mode)
    assert production() == approved_only


def test_a_mode_that_is_none_does_not_quietly_mean_the_other(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("VIGIE_MODE", "prod")
    with pytest.raises(VigieError, match=r"^VIGIE_MODE is 'prod'\. Write 'production' or 'development'\.$"):
        production()
