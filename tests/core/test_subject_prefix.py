from __future__ import annotations

import pytest

from vigie.core.subject_prefix import Kind, answered, is_forward, is_reply, untagged, without_prefixes


@pytest.mark.parametrize(
    ("subject", "written", "kind", "sure"),
    [
        ("RE: x", "RE:", "answer", True),
        ("Re : x", "Re :", "answer", True),
        ("Re[12]: x", "Re[12]:", "answer", True),
        ("ＲＥ： x", "RE:", "answer", True),
        ("[EXTERNAL] RE: x", "RE:", "answer", True),
        ("[list] [EXT] (12) *** SPAM *** TR: x", "TR:", "forward", True),
        ("[Fwd: x]", "[Fwd:", "forward", True),
        ("R: x", "R:", "answer", False),
        ("I: x", "I:", "forward", False),
        ("Accepté : x", "Accepté :", "meeting", False),
        ("Rappel : x", "Rappel :", "recall", False),
    ],
)
def test_a_subject_that_repeats_another(subject: str, written: str, kind: Kind, sure: bool):
    assert answered(subject) == (written, kind, sure)


@pytest.mark.parametrize(
    "subject",
    ["", "x", "KO: EOD", "[KO] EOD", "RE-RUN: EOD", "Auto re-run: EOD", "Retour: EOD", "NOTRE: x", "Job R: x", "Ref 12: x", "Trans: x",
     "Transfert : x", "Reprise : x", "Fwd x", "REPL: x", "EOD RE: x", "Accepted 12: x", "TRX: x", "WGS: x"],
)  # fmt: skip
def test_a_subject_that_does_not(subject: str):
    assert answered(subject) is None


def test_answers_and_forwards_are_told_apart():
    assert (is_reply("AW: x"), is_forward("AW: x")) == (True, False)
    assert (is_reply("WG: x"), is_forward("WG: x")) == (False, True)
    assert (is_reply("Accepted: x"), is_forward("Accepted: x")) == (False, False)


@pytest.mark.parametrize(
    ("subject", "bare"),
    [("[EXTERNAL] [ops] x", "x"), ("EXT: x", "x"), ("x [y]", "x [y]"), ("", ""), ("[a][b][c][d][e][f] x", "[f] x")],
)
def test_what_gateways_put_before_it(subject: str, bare: str):
    assert untagged(subject) == bare


def test_a_hostile_subject_is_read_in_bounded_time():
    assert answered("[" * 10_000 + "RE:") is None
    assert without_prefixes("Re: " * 50).count("Re:") == 30
