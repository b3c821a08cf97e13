"""Soft line breaks and files within a text."""

from __future__ import annotations

import binascii
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.examples import examples

from vigie.core.mail import Mail, parse_mail
from vigie.core.plain_text import unflowed, without_files

NOW = datetime(2026, 11, 23, 4, 42, tzinfo=UTC)


def read(*lines: str) -> Mail:
    return parse_mail("\n".join(["Subject: [KO] EOD_POS", *lines]).encode(), received_at=NOW)


def encoded(content: bytes, name: str = "log KO.txt") -> str:
    lines = [binascii.b2a_uu(content[at : at + 45]).decode() for at in range(0, len(content), 45)]
    return f"begin 644 {name}\n{''.join(lines)}`\nend\n"


@pytest.mark.parametrize(
    ("text", "delete_space", "meant"),
    [
        ("The job \nEOD_POS is KO.\n", False, "The job EOD_POS is KO.\n"),
        ("東京店の在庫連 \n携が停止\n", True, "東京店の在庫連携が停止\n"),  # DelSp: the break adds no space
        ("> quoted \n> still\n>> deeper\n", False, "> quoted still\n>> deeper\n"),
        ("said \n> quoted\n", False, "said \n> quoted\n"),  # a break never joins two depths
        (" >no quote, stuffed\n From here\n", False, ">no quote, stuffed\nFrom here\n"),
        ("bye\n-- \nJean\n", False, "bye\n-- \nJean\n"),  # a signature ends with a space and flows into nothing
        ("a\n\nb", False, "a\n\nb"),
        ("", False, ""),
    ],
)
def test_soft_breaks_are_joined(text: str, delete_space: bool, meant: str):
    assert unflowed(text, delete_space=delete_space) == meant


def test_only_a_text_that_says_so_flows():
    flowed = read("Content-Type: text/plain; format=flowed", "", "The job ", "EOD_POS is KO.")
    fixed = read("Content-Type: text/plain", "", "The job ", "EOD_POS is KO.")
    assert (flowed.text, fixed.text) == ("The job EOD_POS is KO.", "The job \nEOD_POS is KO.")


def test_a_uuencoded_file_is_an_attachment_and_no_text():
    mail = read("", "Hello", encoded(bytes(range(256)) * 2) + "Bye")
    assert (mail.text, mail.attachments) == ("Hello\nBye", ("log KO.txt",))


def test_a_file_that_is_cut_off_is_one_too():
    assert without_files("Hello\n" + encoded(b"x" * 200)[:150]).files == ("log KO.txt",)


@pytest.mark.parametrize(
    "text", ["We begin 644 things\nKO\n", "begin 644 x\nit is KO\n", "begin 644 \nKO\n", "begin\nend\n"]
)
def test_words_that_only_look_like_one_are_kept(text: str):
    assert without_files(text) == (text, ())


def test_outlooks_own_format_is_told_where_nothing_else_can_be_read():
    head = ["Content-Type: multipart/mixed; boundary=b", "", "--b"]
    tnef = ["Content-Type: application/ms-tnef; name=winmail.dat", "", "x", "--b"]
    alone = read(*head, *tnef, "--b--")
    beside = read(*head, "Content-Type: text/plain", "", "[KO]", "--b", *tnef, "--b--")
    assert (alone.attachments, alone.curtailed) == (
        ("winmail.dat",),
        ("its text is in winmail.dat, which only Outlook can read",),
    )
    assert (beside.text.strip(), beside.curtailed) == ("[KO]", ())


@pytest.mark.parametrize("text", ["begin 644 x\n" * 50_000, encoded(b"x" * 400_000), "> x \n" * 50_000, ">" * 500_000])
def test_no_text_takes_long(text: str):
    before = time.process_time()
    unflowed(without_files(text).text)
    assert time.process_time() - before < 2


@examples(200)
@given(
    st.lists(
        st.sampled_from(["begin 644 a", "#KO", "M" + "x" * 60, "`", "end", "\n", "> ", " ", "-- ", "é"]), max_size=30
    )
)
def test_what_is_kept_was_there(pieces: list[str]):
    text = "".join(pieces)
    kept, _ = without_files(text)
    remaining = iter(text.splitlines(keepends=True))
    assert all(line in remaining for line in kept.splitlines(keepends=True))  # in the same order
    assert len(unflowed(text)) <= len(text) + text.count(">")
