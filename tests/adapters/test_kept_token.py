"""A token is kept while it counts."""

from __future__ import annotations

import pytest

from vigie.adapters.kept_token import KeptToken
from vigie.core.errors import Refused, TransportError
from vigie.core.ports import AccessToken


class Source:
    """Gives numbered tokens that live so many seconds, or fails."""

    def __init__(self, seconds: float | None) -> None:
        self.seconds, self.given = seconds, 0
        self.fails: TransportError | None = None

    def fetch(self) -> AccessToken:
        if self.fails:
            raise self.fails
        self.given += 1
        return AccessToken(text=f"tok_{self.given}", seconds=self.seconds)


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(("lives", "kept"), [(3600.0, 3300.0), (100.0, 80.0), (None, 48.0)])
def test_a_token_is_given_until_it_is_nearly_over(lives: float | None, kept: float) -> None:
    source, clock = Source(lives), Clock()
    token = KeptToken(source, clock)
    assert token.fetch().text == "tok_1"
    clock.now += kept - 0.5
    assert token.fetch().text == "tok_1"
    clock.now += 1
    assert token.fetch().text == "tok_2"
    assert token.fetch().text == "tok_2"


def test_while_the_token_server_is_away_the_old_one_is_given_to_its_end() -> None:
    source, clock = Source(1000.0), Clock()
    token = KeptToken(source, clock)
    token.fetch()
    source.fails = TransportError("away")
    clock.now += 900
    assert token.fetch().text == "tok_1"
    source.fails = None
    assert token.fetch().text == "tok_1"  # the server is not asked again at once
    clock.now += 61
    source.fails = TransportError("away")
    assert token.fetch().text == "tok_1"
    clock.now += 40
    with pytest.raises(TransportError, match="away"):
        token.fetch()


def test_a_refusal_is_told_at_once() -> None:
    source, clock = Source(1000.0), Clock()
    token = KeptToken(source, clock)
    token.fetch()
    source.fails = Refused("the secret has ended")
    clock.now += 900
    with pytest.raises(Refused, match="the secret has ended"):
        token.fetch()


def test_what_is_forgotten_is_not_given_again_and_nothing_else_is_lost() -> None:
    source = Source(1000.0)
    token = KeptToken(source, Clock())
    first = token.fetch()
    token.forget(first)
    second = token.fetch()
    assert second.text == "tok_2"
    token.forget(first)
    assert token.fetch() == second
