from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.core.reply_text import divide

SAID = "I am looking at it."


@pytest.mark.parametrize(
    "quote",
    [
        "On Mon, Nov 23, 2026 at 5:41 AM WMS <wms@x.example> wrote:\n> [KO] EOD\n>\n> x\n",
        "On Mon, Nov 23, 2026 at 5:41 AM WMS <wms@x.example>\nwrote:\n> [KO] EOD\n",
        "Le lun. 23 nov. 2026 à 05:41, WMS <wms@x.example> a écrit :\n> [KO] EOD\n",
        "Am 23.11.2026 um 05:41 schrieb WMS <wms@x.example>:\n> [KO] EOD\n",
        "WMS <wms@x.example> schrieb am Mo., 23. Nov. 2026, 05:41:\n\n> [KO] EOD\n",
        "El lun, 23 nov 2026 a las 5:41, WMS escribió:\n> [KO] EOD\n",
        "Il giorno lun 23 nov 2026 alle ore 05:41 WMS ha scritto:\n> [KO] EOD\n",
        "2026年11月23日(月) 5:41 WMS <wms@x.example>:\n\n> [KO] EOD\n",
        "WMSさんは書きました:\n> [KO] EOD\n",
        "From: WMS <wms@x.example>\nSent: Monday, November 23, 2026 5:41 AM\nTo: Ops\nSubject: [KO] EOD\n\nIt failed.\n",
        "De : WMS <wms@x.example>\nEnvoyé : lundi 23 novembre 2026\nÀ : Ops\nObjet : [KO] EOD\n\nEn échec.\n",
        "Von: WMS <wms@x.example>\nGesendet: Montag, 23. November 2026\nAn: Ops\nBetreff: [KO] EOD\n\nFehler.\n",
        "差出人: WMS <wms@x.example>\n送信日時: 2026年11月23日\n宛先: Ops\n件名: [KO] EOD\n\n失敗\n",
        "-----Original Message-----\nFrom: WMS\nSent: Monday\nTo: Ops\n\nIt failed.\n",
        "-----Message d'origine-----\nDe : WMS\nEnvoyé : lundi\nÀ : Ops\n\nEn échec.\n",
        "-----Ursprüngliche Nachricht-----\nVon: WMS\nGesendet: Montag\nAn: Ops\n\nFehler.\n",
        "> [KO] EOD\n> x\n",
    ],
)
def test_a_quote_is_told_apart(quote: str):
    assert divide(f"{SAID}\n\n{quote}", subject="Re: [KO] EOD") == (f"{SAID}\n\n", quote, "")


def test_answers_between_the_lines_are_the_authors():
    own, quoted, signature = divide("> is it down?\nyes\n> since when?\n02:00\n", answers=True)
    assert (own, quoted, signature) == ("yes\n02:00\n", "> is it down?\n> since when?\n", "")


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("[KO] EOD", "report\n> ORA-00054\n> ORA-00055\n"),  # a batch that writes so
        ("[KO] EOD", "report\n--\nstatus: KO\n"),
        ("[KO] EOD", "-----Original Message-----\nKO"),
        ("[KO] EOD", "From: store 12\nSubject: stock\nTo: depot\nKO"),
        ("Fwd: [KO] EOD", "fyi\n\n---------- Forwarded message ---------\nFrom: a\nDate: b\nSubject: c\nTo: d\n\nKO\n"),
        ("TR : [KO] EOD", "De : WMS\nEnvoyé : lundi\nÀ : Ops\nObjet : x\n\nKO"),
        ("Re: [KO] EOD", "> nothing but a quote\n"),
        ("Re: x", ""),
        ("", "==========\nKO\n==========\n"),
    ],
)
def test_what_may_be_meant_is_kept(subject: str, text: str):
    assert divide(text, subject=subject) == (text, "", "")


@pytest.mark.parametrize(
    "signature",
    [
        "-- \nAnn, night desk\n+33 1 23 45 67 89\n",
        "--\nAnn\nann@client.example\n",
        "Sent from my iPhone",
        "Envoyé de mon iPhone",
        "Von meinem iPhone gesendet",
        "iPhoneから送信",
        "Get Outlook for iOS<https://aka.ms/x>",
        "──────────────\n山田 太郎\n電話 03-1234-5678\n──────────────\n",
    ],
)
def test_a_signature_is_told_apart(signature: str):
    assert divide(f"{SAID}\n\n{signature}") == (f"{SAID}\n\n", "", signature)


@pytest.mark.parametrize(
    "text", ["> a\n" * 50_000, "From: a\n" * 50_000, "-" * 100_000, "on " + "wrote " * 20_000, "x\n" * 50_000]
)
def test_no_text_takes_long(text: str):
    before = time.process_time()
    divide(text, subject="Re: a")
    assert time.process_time() - before < 1


@settings(max_examples=200, deadline=None, derandomize=True, database=None)
@given(
    st.lists(
        st.sampled_from(["> ", "On x wrote:", "From: a", "Sent: b", "-- ", "\n", "\r\n", "\r", "=" * 9, "a@b.c", "é"]),
        max_size=30,
    ).map("".join),
    st.booleans(),
)
def test_no_line_is_lost(text: str, answers: bool):
    pieces = divide(text, answers=answers)
    assert sorted("".join(pieces)) == sorted(text)
