"""A refused credential is left alone, longer and longer."""

from __future__ import annotations

import pytest

from vigie.core.errors import Refused
from vigie.tasks.lock_out import LONGEST, REST, LockOut


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_each_refusal_doubles_the_rest_up_to_five_minutes() -> None:
    clock = Clock()
    lock_out = LockOut(clock)
    lock_out.check()
    rests = []
    for _ in range(7):
        lock_out.login_ended(Refused("the login was refused"))
        began = clock.now
        while True:
            try:
                lock_out.check()
            except Refused:
                clock.now += 5
            else:
                break
        rests.append(clock.now - began)
    assert rests == [REST, 30, 60, 120, 240, LONGEST, LONGEST]


def test_it_says_what_was_refused_and_how_long_it_rests() -> None:
    lock_out = LockOut(Clock())
    lock_out.login_ended(Refused("imap.example: refused (user ops)"))
    with pytest.raises(Refused) as failure:
        lock_out.check()
    assert str(failure.value) == "imap.example: refused (user ops); the same is not tried again for 15 s"


def test_a_login_that_went_well_ends_it() -> None:
    lock_out = LockOut(Clock())
    lock_out.login_ended(Refused("no"))
    lock_out.login_ended(None)
    lock_out.check()
