"""Words of failure that count none, or name what is over; and those that look so and mean it."""

from __future__ import annotations

import pytest

from vigie.core.failure_word import FAILURES, counts_none, is_over

NONE = {
    "KO": [
        "KO: 0", "KO : 0", "KO\u00a0: 0", "KO=0", "KO (0)", "EOD KO: 0, OK: 12", "KO: 0 OK: 12", "KO: 0.", "KO: 0/12", "KO : 0 sur 12",
        "KO: 0 %", "KO: aucun", "KO: none", "0 KO", "12 OK, 0 KO", "12 OK 0 KO", "12 OK / 0 KO", "Bilan : 0 KO", "(0 KO)", "0 job KO",
        "12 OK et 0 KO", "no KO", "aucun KO", "sans KO", "kein KO", "pas KO", "n'est plus KO", "not KO", "nicht KO", "zéro KO",
        "Nb KO : 0", "KO ..... 0", "| KO | 0 |", "KO   0", "Jobs en KO  0", "Aucun traitement KO", "pas de job KO", "0 traitement(s) KO",
        ": 0 traitement(s) en KO", "0 sur 12 KO", "KO (0/12)", "nb_ko=0", "KO_COUNT=0", "KO count: 0", "KO: 0 - OK: 12", "KO=0;OK=12;",
    ],
    "errors": ["no errors", "0 errors", "disk 0 errors", "errors: 0", "Errors=0", "errors(s): 0", "without errors", "zero errors", "no new errors"],
    "error": ["no error", "error-free", "Error: none", "without error", "no critical error", "EOD done, 0 error"],
    "failed": ["0 failed", "12 passed, 0 failed", "10 passed 0 failed", "ok=5 failed=0 changed=3", "not failed", "none, 0 jobs failed", "no jobs failed", "Failed jobs: 0", "kein Job failed"],
    "fail": ["didn't fail", "did not fail", "didn’t fail"],
    "erreurs": ["Nombre d'erreurs : 0", "Nombre d'erreurs ...... 0", "Erreurs        0"],
    "erreur": ["aucune erreur", "sans erreur", "pas d'erreur", "pas d’erreur", "Erreur : 0", "Erreur : néant", "aucune nouvelle erreur", "0 erreur"],
    "échec": ["aucun échec", "sans échec", "12 réussis, 0 échec", "Échec : 0"],
    "Fehler": ["keine Fehler", "kein Fehler", "ohne Fehler", "Fehler: 0", "EOD fertig, 0 Fehler", "Fehler: keine"],
    "errores": ["sin errores", "0 errores", "no hay, 0 errores", "ningún errores"],
    "errori": ["senza errori", "errori: 0", "0 errori"],
    "erros": ["sem erros", "nenhum erros", "erros: 0"],
    "fouten": ["geen fouten", "zonder fouten", "fouten: 0"],
    "ошибок": ["без ошибок", "нет ошибок", "ошибок нет", "ошибок: 0"],
    "エラー": ["エラーなし", "エラー0件", "エラー：０件", "エラー無し", "エラーはありません", "0件のエラー"],
    "異常": ["異常なし", "異常はありません", "異常ゼロ"],
    "错误": ["无错误", "没有错误", "未发现错误", "错误：0个"],
    "오류": ["오류 없음", "오류 0건"],
}  # fmt: skip
MEANT = {
    "KO": [
        "KO", "EOD KO", "KO: 10", "KO: 0 files received", "KO: 0 rows: the table is empty", "KO: 0x80070005", "KO: 0.5 s", "node 0 KO", "v2.0 KO",
        "JOB-0 KO", "disk:0 KO", "10 KO", "KO: no route to host", "KO : aucun fichier reçu", "nom KO", "pas reçu, KO", "No: KO", "OK, KO", "encore KO",
        "KO 0", "Batch KO 0", "KO ..... 10", "KO   0 files", "0/12 KO",
    ],
    "error": ["disk 0 error", "Error: none of the files came", "Error: no space", "no disk error", "plus d'error", "not error-free", "node 0 error"],
    "failed": ["Disk 0 failed", "failed: 0 of 12 files came", "no backup failed", "10 failed"],
    "erreur": ["plus d'erreur que d'habitude", "Erreur : aucun fichier reçu", "disque 0 erreur"],
    "エラー": ["エラー10件", "エラー発生", "エラーあり"],
    "障害": ["障害発生", "障害のお知らせ"],
}  # fmt: skip
OVER = [
    "KO -> OK", "KO->OK", "KO => OK", "KO → OK", "KO ➜ OK", "KO > OK", "[KO] -> [OK]", "KO --> OK", "KO -> RÉTABLI", "KO → 正常", "from KO to OK",
    "de KO à OK", "passe de KO à OK", "von KO auf OK", "KO puis OK", "was KO, now OK", "KO then recovered", "KO devient OK",
    "KO to OK", "KO vers OK", "KO est de nouveau OK", "KO is now OK", "KO résolu", "KO resolved", "KO levée", "recovered from KO",
    "rétablissement après KO",
]  # fmt: skip
NOT_OVER = [
    "KO",
    "OK -> KO",
    "KO -> WARNING",
    "KO -> /var/log/ok.log",
    "KO/OK",
    "KO, OK",
    "KO to be called",
    "KO -> KO",
    "KO (see OK)",
    "UP -> KO",
]


def beside(word: str, text: str) -> tuple[str, str, str]:
    """The last place of a word in a text."""
    at = text.casefold().rindex(word.casefold())
    return text[at : at + len(word)], text[:at], text[at + len(word) :]


@pytest.mark.parametrize(("word", "text"), [(word, text) for word, texts in NONE.items() for text in texts])
def test_a_count_of_none(word: str, text: str):
    assert word.casefold() in FAILURES
    assert counts_none(*beside(word, text))


@pytest.mark.parametrize(("word", "text"), [(word, text) for word, texts in MEANT.items() for text in texts])
def test_a_failure(word: str, text: str):
    assert not counts_none(*beside(word, text))


@pytest.mark.parametrize("text", OVER)
def test_a_state_that_is_over(text: str):
    assert is_over(*beside("KO", text)[1:])


@pytest.mark.parametrize("text", NOT_OVER)
def test_a_state_that_lasts(text: str):
    assert not is_over(*beside("KO", text)[1:])


def test_what_may_be_the_failure_when_it_is_absent_is_no_word_of_failure():
    """*No heartbeat* is the alarm."""
    assert not FAILURES & {"heartbeat", "response", "data", "backup", "signal", "job", "file"}


@pytest.mark.parametrize(
    "text", ["【障害復旧】受注連携", "障害は復旧しました", "障害復旧のお知らせ", "障害解消", "障害 → 正常"]
)
def test_a_failure_that_is_over_in_japanese(text: str):
    assert is_over(*beside("障害", text)[1:])


@pytest.mark.parametrize(
    "text", ["障害復旧作業中", "障害復旧未完了", "障害復旧の見込み", "障害発生・復旧未定", "障害対応中"]
)
def test_a_failure_that_lasts_in_japanese(text: str):
    assert not is_over(*beside("障害", text)[1:])
