"""The key of a call's message, read back."""

from __future__ import annotations

import pytest

from vigie.core.call_key import CallKey, call_key


@pytest.mark.parametrize("way", ["slack", "mail/camille"])
def test_a_call_about_an_incident_has_its_number(way: str) -> None:
    assert call_key(f"INC-7/page/12/{way}") == CallKey("INC-7/page/12/", 12, incident="INC-7")


@pytest.mark.parametrize("way", ["slack", "mail/camille"])
def test_a_call_about_a_step_has_its_number_too(way: str) -> None:
    found = call_key(f"STEP-3/asked/2/page/1/{way}")
    assert found == CallKey("STEP-3/asked/2/page/1/", 1, step="STEP-3", asked=2)


@pytest.mark.parametrize("key", ["INC-7/resolved/mail/camille", "INC-7/tell/3", "STEP-3/asked/2", "review|a/b", ""])
def test_no_other_message_is_a_call(key: str) -> None:
    assert call_key(key) is None
