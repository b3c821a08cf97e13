from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.examples import examples

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


def test_the_line_above_an_attribution_is_the_authors():
    quote = "On Mon, Nov 23, 2026 WMS wrote:\n> [KO] EOD\n"
    assert divide(f"I am looking\n{quote}", answers=True) == ("I am looking\n", quote, "")


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


@examples(200)
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


# Four languages, as their mail programs write

OWN = {"fr": "Je regarde.", "en": "I am looking.", "ja": "確認します。", "de": "Ich schaue."}

QUOTES = {
    "fr": {
        "Outlook": "De : WMS <wms@x.example>\nEnvoyé : lundi 23 novembre 2026 05:41\nÀ : Ops <ops@v.example>\nCc : Chef\nObjet : [KO] EOD\n\nEn échec.\n",
        "Outlook, with a date": "De: WMS <wms@x.example>\nDate: lundi, 23 novembre 2026 à 05:41\nÀ: Ops\nObjet: [KO] EOD\nEn échec.\n",
        "Outlook, ruled": "________________________________\nDe : WMS <wms@x.example>\nEnvoyé : lundi 23 novembre 2026\nÀ : Ops\nObjet : [KO] EOD\n\nEn échec.\n",
        "Gmail": "Le lun. 23 nov. 2026 à 05:41, WMS <wms@x.example> a écrit :\n\n> En échec.\n",
        "Gmail, two lines": "Le lun. 23 nov. 2026 à 05:41, Chaîne de nuit du magasin <wms@x.example> a\nécrit :\n\n> En échec.\n",
        "Apple Mail, iPhone": "> Le 23 nov. 2026 à 05:41, WMS <wms@x.example> a écrit :\n> \n> En échec.\n",
        "Apple Mail": "Le 23 nov. 2026 à 05:41, WMS <wms@x.example> a écrit :\n\nEn échec.\n",
        "Thunderbird": "Le 23/11/2026 à 05:41, WMS a écrit :\n> En échec.\n",
        "Thunderbird, original": "-------- Message original --------\nSujet : [KO] EOD\nDate : lundi\nDe : WMS\nPour : Ops\n\nEn échec.\n",
        "Samsung": "-------- Message d'origine --------\nDe : WMS <wms@x.example>\nDate : 23/11/2026 05:41 (GMT+01:00)\nÀ : Ops\nObjet : [KO] EOD\n\nEn échec.\n",
        "Yahoo": "Le lundi 23 novembre 2026 à 05:41:00 UTC+1, WMS <wms@x.example> a écrit :\n\nEn échec.\n",
    },
    "en": {
        "Outlook": "From: WMS <wms@x.example>\nSent: Monday, November 23, 2026 5:41 AM\nTo: Ops <ops@v.example>\nSubject: [KO] EOD\n\nIt failed.\n",
        "Outlook, ruled": "________________________________\nFrom: WMS <wms@x.example>\nSent: Monday, November 23, 2026 5:41:00 AM\nTo: Ops\nSubject: [KO] EOD\n\nIt failed.\n",
        "Outlook, starred": "*From:* WMS <wms@x.example>\n*Sent:* Monday, November 23, 2026 5:41 AM\n*To:* Ops\n*Subject:* [KO] EOD\n\nIt failed.\n",
        "Outlook, original": "-----Original Message-----\nFrom: WMS\nSent: Monday\nTo: Ops\nSubject: [KO] EOD\n\nIt failed.\n",
        "Outlook, Mac": "From: WMS <wms@x.example>\nDate: Monday, 23 November 2026 at 05:41\nTo: Ops\nSubject: [KO] EOD\nIt failed.\n",
        "Gmail": "On Mon, Nov 23, 2026 at 5:41 AM WMS <wms@x.example> wrote:\n\n> It failed.\n",
        "Gmail, British": "On Mon, 23 Nov 2026, 05:41 WMS, <wms@x.example> wrote:\n\n> It failed.\n",
        "Apple Mail, iPhone": "> On 23 Nov 2026, at 05:41, WMS <wms@x.example> wrote:\n> \n> It failed.\n",
        "Thunderbird": "On 23/11/2026 05:41, WMS wrote:\n> It failed.\n",
        "Samsung": "-------- Original message --------\nFrom: WMS <wms@x.example>\nDate: 23/11/2026 05:41 (GMT+00:00)\nTo: Ops\nSubject: [KO] EOD\n\nIt failed.\n",
    },
    "ja": {
        "Outlook": "差出人: WMS <wms@x.example>\n送信日時: 2026年11月23日月曜日 5:41\n宛先: Ops <ops@v.example>\n件名: [KO] EOD\n\n失敗\n",
        "Outlook, new": "差出人: WMS <wms@x.example>\n日付: 月曜日, 2026年11月23日 5:41\n宛先: Ops\n件名: [KO] EOD\n失敗\n",
        "Outlook, English heads": "From: WMS <wms@x.example> \nSent: Monday, November 23, 2026 5:41 AM\nTo: Ops\nSubject: [KO] EOD\n\n失敗\n",
        "Outlook, original": "-----元のメッセージ-----\n差出人: WMS\n送信日時: 2026年\n宛先: Ops\n\n失敗\n",
        "Gmail": "2026年11月23日(月) 5:41 WMS <wms@x.example>:\n\n> 失敗\n",
        "Gmail, two lines": "2026年11月23日(月) 5:41 在庫連携システム管理者 <\nwms@x.example>:\n\n> 失敗\n",
        "Apple Mail, iPhone": "> 2026/11/23 5:41、WMS <wms@x.example>のメール:\n> \n> 失敗\n",
        "Apple Mail": "2026/11/23 5:41、WMS <wms@x.example>のメール：\n\n失敗\n",
        "Thunderbird": "On 2026/11/23 5:41, WMS wrote:\n> 失敗\n",
        "Thunderbird, Japanese": "(2026/11/23 5:41), WMS wrote:\n> 失敗\n",
        "Samsung": "-------- 元のメッセージ --------\n差出人: WMS\n日付: 2026/11/23\n宛先: Ops\n件名: [KO]\n\n失敗\n",
    },
    "de": {
        "Outlook": "Von: WMS <wms@x.example>\nGesendet: Montag, 23. November 2026 05:41\nAn: Ops <ops@v.example>\nCc: Chef\nBetreff: [KO] EOD\n\nFehler.\n",
        "Outlook, ruled": "________________________________\nVon: WMS <wms@x.example>\nGesendet: Montag, 23. November 2026 05:41:00\nAn: Ops\nBetreff: [KO] EOD\n\nFehler.\n",
        "Outlook, original": "-----Ursprüngliche Nachricht-----\nVon: WMS\nGesendet: Montag\nAn: Ops\nBetreff: [KO] EOD\n\nFehler.\n",
        "Gmail": "Am Mo., 23. Nov. 2026 um 05:41 Uhr schrieb WMS <wms@x.example>:\n\n> Fehler.\n",
        "Gmail, two lines": "Am Mo., 23. Nov. 2026 um 05:41 Uhr schrieb Nachtkette der Filiale <\nwms@x.example>:\n\n> Fehler.\n",
        "Apple Mail, iPhone": "> Am 23.11.2026 um 05:41 schrieb WMS <wms@x.example>:\n> \n> Fehler.\n",
        "Thunderbird, old": "WMS schrieb:\n> Fehler.\n",
        "Thunderbird": "Am 23.11.26 um 05:41 schrieb WMS:\n> Fehler.\n",
        "Samsung": "-------- Ursprüngliche Nachricht --------\nVon: WMS\nDatum: 23.11.26 05:41 (GMT+01:00)\nAn: Ops\nBetreff: [KO] EOD\n\nFehler.\n",
        "GMX": "Gesendet: Montag, 23. November 2026 um 05:41 Uhr\nVon: WMS <wms@x.example>\nAn: ops@v.example\nBetreff: [KO] EOD\nFehler.\n",
    },
}  # fmt: skip
SIGNATURES = {
    "fr": [
        "Envoyé de mon iPhone",
        "Envoyé depuis mon iPhone",
        "Envoyé de mon iPad",
        "Envoyé depuis mon appareil Galaxy",
        "Envoyé depuis mon mobile Orange",
        "Envoyé à partir d’Outlook pour iOS",
        "Envoyé à partir de Outlook pour Android<https://aka.ms/x>",
        "Télécharger Outlook pour iOS<https://aka.ms/x>",
        "Obtenez Outlook pour iOS<https://aka.ms/x>",
        "Envoyé avec Proton Mail",
        "-- \nAnne Martin\nExploitation\nTél. +33 1 23 45 67 89\n",
    ],
    "en": [
        "Sent from my iPhone",
        "Sent from my Galaxy",
        "Sent from Outlook for iOS<https://aka.ms/x>",
        "Sent from Mail for Windows",
        "Get Outlook for Android<https://aka.ms/x>",
        "Sent from Yahoo Mail on Android",
        "Sent via BlackBerry",
        "-- \nAnn Lee, night desk\nTel +44 20 7946 0000\n",
    ],
    "ja": [
        "iPhoneから送信",
        "私のiPhoneから送信",
        "Galaxyから送信",
        "iOS 用 Outlook<https://aka.ms/x> を取得",
        "Outlook for iOS<https://aka.ms/x>を入手する",
        "iPadから送信されました",
        "Yahoo!メールアプリから送信",
        "-- \n山田 太郎\n電話 03-1234-5678\n",
        "━━━━━━━━━━━━\n山田 太郎\nTEL: 03-1234-5678\n━━━━━━━━━━━━\n",
        "****************\n山田 太郎\nyamada@k.example\n****************\n",
        "――――――――――\n山田 太郎\n電話 03-1234-5678\n――――――――――\n",
        "◆◇◆◇◆◇◆◇\n山田\nyamada@k.example\n◆◇◆◇◆◇◆◇\n",
        "_/_/_/_/_/_/_/_/\n山田\nyamada@k.example\n_/_/_/_/_/_/_/_/\n",
        "=-=-=-=-=-=-=\n山田\nyamada@k.example\n=-=-=-=-=-=-=\n",
    ],
    "de": [
        "Von meinem iPhone gesendet",
        "Von meinem Galaxy gesendet",
        "Gesendet von Outlook für iOS<https://aka.ms/x>",
        "Gesendet von Mail für Windows",
        "Holen Sie sich Outlook für iOS<https://aka.ms/x>",
        "Outlook für iOS beziehen<https://aka.ms/x>",
        "Diese Nachricht wurde von meinem Android-Gerät mit GMX Mail gesendet.",
        "Von meinem Mobiltelefon gesendet",
        "Gesendet von meinem iPad",
        "-- \nHans Weber\nBetrieb\nTel.: +49 89 1234\n",
    ],
}


@pytest.mark.parametrize("signature", ["", "-- \nAnn\n"], ids=["unsigned", "signed"])
@pytest.mark.parametrize(
    ("language", "quote"),
    [
        pytest.param(of, quote, id=f"{of} {program}")
        for of, quotes in QUOTES.items()
        for program, quote in quotes.items()
    ],
)
def test_the_quote_of_each_mail_program_is_told_apart(language: str, quote: str, signature: str):
    said = f"{OWN[language]}\n\n"
    assert divide(f"{said}{signature}{quote}", subject="Re: [KO] EOD") == (said, quote, signature)


@pytest.mark.parametrize("subject", ["[KO] EOD", "Re: [KO] EOD"])
@pytest.mark.parametrize(
    ("language", "signature"), [(of, each) for of, signatures in SIGNATURES.items() for each in signatures]
)
def test_the_signature_of_each_device_is_told_apart(language: str, signature: str, subject: str):
    said = f"{OWN[language]}\n\n"
    assert divide(f"{said}{signature}", subject=subject) == (said, "", signature)


@pytest.mark.parametrize(
    "text",
    [
        "KO\nSent from store 12\n",
        "KO\nEnvoyé depuis le magasin 12\n",
        "KO\nGesendet von Filiale 12\n",
        "KO\n店舗12から送信\n",
        "Le système a écrit :\nORA-00054\n",
        "Das System schrieb:\nORA-00054\n",
        "________________\nDate: lundi\nKO\n",
    ],
)
@pytest.mark.parametrize("subject", ["[KO] EOD", "Re: [KO] EOD"])
def test_what_a_batch_says_is_kept_in_every_language(text: str, subject: str):
    assert divide(text, subject=subject) == (text, "", "")
