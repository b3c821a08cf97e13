from __future__ import annotations

import pytest

from vigie.core.errors import TransportError
from vigie.web.installation import kept


def test_what_the_vault_says_is_kept_for_a_while_and_its_troubles_are_not() -> None:
    now = [0.0]
    answers = ["first", "second"]

    def read() -> str:
        if now[0] == 61.0:
            raise TransportError("the vault is away")
        return answers.pop(0)

    secret = kept(read, seconds=60, clock=lambda: now[0])
    assert secret() == "first"
    now[0] = 59.9
    assert secret() == "first"
    now[0] = 61.0
    with pytest.raises(TransportError):
        secret()
    now[0] = 62.0
    assert secret() == "second"
