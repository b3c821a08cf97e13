"""What takes an OK back, in the languages that clients write."""

from __future__ import annotations

import pytest
from tests.core.test_failure_word import beside

from vigie.core.denial import Sense, sense_of

TAKEN: dict[Sense, dict[str, list[str]]] = {
    "denied": {
        "OK": [
            "NOT OK", "not ok yet", "not yet OK", "still not OK", "isn't OK", "isn’t OK", "not all OK", "NOT_OK", "NOT-OK", "EOD_NOT_OK", "no OK",
            "never OK", "no longer OK", "pas OK", "n'est pas OK", "n'est plus OK", "n'est toujours pas OK", "pas encore OK", "pas tout à fait OK",
            "pas du tout OK", "non OK", "non-OK", "aucun OK", "sans OK", "pas d'OK", "nicht OK", "noch nicht OK", "gar nicht OK", "kein OK", "nie OK",
            "no está OK", "non è OK", "não está OK", "niet OK", "nog niet OK", "inte OK", "ikke OK", "ei OK", "není OK", "не OK", "нет OK", "不OK",
            "OKではない", "OKではありません", "OKじゃない", "OKなし", "!= OK", "≠ OK", "OK -> KO", "OK → WARNING", "OK not received", "OK non reçu",
            "OK pas encore reçu", "OK nicht erhalten", "OK is not there", "OK isn't there", "OK n'est pas arrivé", "OK manquant", "OK : non", "OK: false",
            "OK=0", "OK: 0/12", "OK 0 of 12", "0 OK", "12 KO, 0 OK", "OK değil",
            "nothing is OK", "none OK", "rien n'est OK", "far from OK", "OK ..... 0", "total OK : 0", "OK=N",
        ],
        "復旧": ["未復旧", "復旧せず", "復旧していません", "復旧できず", "復旧に失敗"],
        "恢复": ["未恢复", "尚未恢复", "没有恢复"],
        "복구": ["미복구", "복구되지 않음", "복구 실패"],
        "succès": ["sans succès", "pas de succès"],
        "Erfolg": ["ohne Erfolg", "kein Erfolg"],
        "terminé": ["non terminé", "pas terminé", "n'est pas encore terminé"],
        "resolved": ["NOT RESOLVED", "not yet resolved"],
        "UP": ["not up"],
        "backup": ["no backup", "backup not received"],
    },
    "none of it": {"OK": ["0 not OK", "not OK: 0", "12 jobs, 0 jobs not OK", "non OK (0)"]},
    "in part": {"OK": ["almost OK", "partially OK", "presque OK", "teilweise OK", "OK sauf LYON", "OK except LYON", "OK with errors", "OK avec 2 rejets", "OK mit Fehlern"]},
    "asked": {"OK": ["OK?", "OK ?", "OK ??", "OK\u00a0?", "OK？", "OK or not", "KO ou OK", "OK/KO", "KO/OK", "OKですか", "click OK", "cliquez sur OK", "votre OK", "OK button"]},
    "awaited": {
        "OK": [
            "waiting for OK", "awaiting OK", "en attente d'OK", "attente OK", "warte auf OK", "in attesa di OK", "until OK", "si OK", "if OK", "wenn OK",
            "expected OK", "OK pending", "OK attendu", "OK ausstehend", "should be OK", "devrait être OK", "instead of OK", "au lieu de OK", "OK待ち", "absence d'OK",
        ],
        "復旧": ["復旧中", "復旧作業中", "復旧予定", "復旧見込み", "復旧待ち", "復旧依頼", "復旧の目途"],
    },
}  # fmt: skip
MEANT = {
    "OK": [
        "OK", "[OK] EOD", "EOD OK", "OK, no errors", "OK pas d'erreur", "no errors, OK", "No problem: OK", "OK - 0 KO", "OK: 0 errors", "OK 0 of 3 failed",
        "OK with 0 errors", "OK (512 Ko)", "KO -> OK", "OK -> /var/log/eod.log", "OK not required", "le 23 mai OK", "nu OK", "reçu un OK", "N° 12 OK",
        "Attention! OK", "Contrôle non bloquant : OK", "OK.", "OK!", "no - OK", "Known issue OK",
    ],
    "復旧": ["復旧しました", "復旧のお知らせ", "復旧作業完了", "復旧済み", "復旧対応終了"],
    "report": ["your report", "report expected", "the requested report", "report?", "report with errors", "if report"],
}  # fmt: skip


@pytest.mark.parametrize(
    ("sense", "word", "text"),
    [(sense, word, text) for sense, words in TAKEN.items() for word, texts in words.items() for text in texts],
)
def test_what_takes_it_back(sense: Sense, word: str, text: str):
    assert sense_of(*beside(word, text)) == sense


@pytest.mark.parametrize(("word", "text"), [(word, text) for word, texts in MEANT.items() for text in texts])
def test_what_does_not(word: str, text: str):
    assert sense_of(*beside(word, text)) is None
