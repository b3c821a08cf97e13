"""Words of failure: where they count none, and where they name a state that is over."""

from __future__ import annotations

import re
import unicodedata

_WORDS = """
    ko kos nok fail fails failed failing failure failures error errors down critical problem problems alert alerts
    alarm alarms warning warnings anomaly anomalies incident incidents exception exceptions reject rejects rejected
    timeout timeouts erreur erreurs échec échecs echec echecs échoué échouée échoués échouées echoue anomalie alerte
    alertes alarme alarmes problème problèmes probleme problemes avertissement avertissements rejet rejets rejeté
    rejetés rejetée rejetées fehler fehlgeschlagen störung störungen stoerung ausfall ausfälle warnung warnungen
    abbruch abbrüche fallo fallos errores falla fallas fallido fallidos erro erros falha falhas errore errori
    fallito falliti guasto guasti fout fouten mislukt storing fel feil fejl virhe virheitä błąd błędy błędów chyba
    chyby hata ошибка ошибки ошибок сбой エラー 障害 異常 失敗 错误 失败 故障 异常 오류 실패 장애
"""

FAILURES = frozenset(unicodedata.normalize("NFC", word) for word in _WORDS.split())
"""Case folded. A rule may look for any word; of these it is known that *0* or *no* beside them is good news."""

GOOD = (
    r"oks?|up|recover(?:ed|y)|resolved|restored|normal|nominal|green|success(?:ful)?|succeeded|passed|fine|running|online"
    r"|healthy|done|completed?|finished|closed|cleared?|r[ée]tablie?|r[ée]solue?|r[ée]ussie?s?|termin[ée]e?s?|succ[èe]s|vert"
    r"|behoben|erfolgreich|erfolg|gr[üu]n|correcto|resuelto|[ée]xito|completado|terminado|risolto|ripristinato|completato"
    r"|hersteld|opgelost|gelukt|успешно|正常|復旧|回復|完了|成功|恢复|完成|정상|복구|성공|완료"
)
"""The states that end a failure, and the words that stand beside a count of failures."""

_SHUT, _OPEN = r"[\s\])}'\"»”’」】]{0,4}", r"[\s\[({'\"«“‘「【]{0,4}"
ARROW = rf"{_SHUT}(?:[-=~]{{1,3}}>{{1,2}}|[→➜➔➝⇒⟶⟹►▶»›]|>{{1,3}}){_OPEN}"
"""From one state to the next, with brackets or quotes around either."""

_THEN = (
    r"then|puis|ensuite|dann|luego|poi|(?:but |mais |is |est |ist )?(?:now|d[ée]sormais|maintenant|[àa] nouveau|de nouveau|jetzt|wieder"
    r"|ahora|again)|becomes?|became|devient|to|vers|à|auf"
)
_ENDED = (
    r"resolved|recovered|cleared|fixed|r[ée]solu|lev[ée]|corrig[ée]|r[ée]tabli|behoben|resuelto|risolto|opgelost"
    r"|(?:は|が|から|の)?(?:復旧|回復|解消)(?=し(?:た|ました)|済|完了|のお知らせ|通知|[】」)\s:：。、]|$)|已?(?:恢复|解除|排除)(?!中|失败)"
)
_TO_GOOD = re.compile(
    rf"{ARROW}(?:{GOOD})\b|{_SHUT},?\s?(?:{_THEN})\s{_OPEN}(?:{GOOD})\b|\s?(?:{_ENDED})(?:e?s?\b|(?<=[^\x00-\xff]))",
    re.IGNORECASE,
)
_RECOVERED = re.compile(
    r"\b(?:recover(?:ed|y)|resolved|r[ée]tabli\w*|retour [àa] la normale) (?:from|after|apr[èe]s|suite (?:[àa]|au))\s(?:le\s|the\s|un\s|du\s)?$",
    re.IGNORECASE,
)
_FROM = re.compile(rf"\b(?:from|de|du|von|vom|da|dal|van|fr[åa]n)\s{_OPEN}$", re.IGNORECASE)
_INTO_GOOD = re.compile(rf"{_SHUT}(?:to|into|à|a|au|auf|nach|zu|naar|till|al)\s{_OPEN}(?:{GOOD})\b", re.IGNORECASE)

_EDGE = (
    r"(?:^|[,;(|\[{!?·•*–—]\s*|[:=/.-]\s+|\b(?:and|et|und|y|e|en|och|with|avec|mit|con|com|met)\s"
    rf"|\b(?:{GOOD})[\s,;/|&+-]+)"
)
"""Where a count may begin. In ``node 0 KO`` and ``v2.0 KO`` the number is a name's."""

_NOUN = r"(?:[^\W\d_]{2,20}(?:\(s\))?\s(?:en\s|in\s)?)?"
_ZERO_BEFORE = re.compile(
    rf"{_EDGE}(?:0|zero|z[ée]ro)\s?(?:%\s?)?{_NOUN}$|(?<![\w.,:/-])0\s(?:of|sur|von|out of|de)\s\d+\s{_NOUN}$",
    re.IGNORECASE,
)
_ZERO_BEFORE_MANY = re.compile(rf"(?<![\w.,:/-])(?:0|zero|z[ée]ro)\s{_NOUN}$", re.IGNORECASE)
"""Before a plural that is all: ``disk 0 errors`` counts, ``disk 0 error`` does not."""

_NO_BEFORE = re.compile(
    r"(?:^|[^\w-])(?:no|without|aucune?|sans|kein|keine[nr]?|ohne|nessun[oa]?|senza|ning[úu]n|ninguna|sin|nenhum|nenhuma"
    r"|sem|geen|zonder|ing[ae]n|inga|utan|uten|uden|brak|bez|нет|без|not|nicht|never|jamais|pas|pas d['’e]|plus aucune?"
    r"|no longer|n['’]est plus|ne sont plus|n['’]y a plus d['’e]|niet|non [èe]|no est[áa]|n[ãa]o)"
    r"(?:\s(?:new|more|further|other|such|critical|major|fatal|blocking|nouvelles?|autres?|neuen?|weiteren?|nuov[aoei]"
    r"|nuevos?|en|in|yet))?[\s'’]*$"
    r"|\b(?:aucune?|kein|keine|ning[úu]n|ninguna|nessun[oa]?|pas d['’e])\s?[^\W\d_]{2,20}\s(?:en\s|in\s)?$|\bno\s[^\W\d_]{2,20}s\s(?:in\s)?$"
    r"|n['’]t\s(?:yet\s)?$|(?:[无無]|[没沒]有?|未)(?:发现|發現)?\s?$|(?<!\d)[0０]\s?[件个個건]\s?の?\s?$",
    re.IGNORECASE,
)

_COUNT = rf"(?:{GOOD}|kos?|noks?|warn(?:ing)?s?|errors?|erreurs?|failed|failures?|fails?|skipped|total|rejets?|fehler)"
_END = rf"(?=\s*(?:$|[\n,;|)\]}}/·•]|\.(?:\s|$)|[–—-]+\s+(?:\d+\s)?{_COUNT}\b)|\s{{2}}|\s{_COUNT}\s?[:=]|\s[\w-]+=|\s(?:and|et|und)\s)"
_ZERO = r"0+(?:[.,]0+)?\s?%?(?:\s?(?:/|of|sur|von|out of)\s?\d+)?"
_NONE = r"none|no|nil|n[ée]ant|aucune?|keine?|nein|non|ninguno|nessuno|nee"
_OF_WHAT = r"(?:\(s\))?(?:[_\s-](?:counts?|totals?|nb|jobs?|files?|tests?|tasks?|fichiers?|traitements?|lignes?))?"
_NONE_AFTER = re.compile(
    rf"{_OF_WHAT}\s?[:=]\s?(?:{_ZERO}|{_NONE}){_END}|{_OF_WHAT}\s?[(\[]\s?{_ZERO}\s?[)\]]"
    r"|\s?[はがも、]?\s?[:：=]?\s?(?:な[しい]|無[しい]|ありません|ゼロ|없음|[0０]\s?[件个個건])|\s(?:нет|отсутству)",
    re.IGNORECASE,
)
_FREE = re.compile(r"[\s-]free\b", re.IGNORECASE)
_NOT = re.compile(r"\b(?:not|nicht|n['’]t)\s(?:an?\s)?$", re.IGNORECASE)


_LABEL = re.compile(
    r"^[\s|*•·-]*(?:(?:nb|nombre|total|count|number)\s?(?:de\s|d['’]|of\s)?)?(?:[^\W\d_]{2,20}\s(?:en\s)?)?$",
    re.IGNORECASE,
)
_CELL = re.compile(r"(?:\(s\))?(?:\s{2,60}|\s*[.…|:=_-][\s.…|:=_-]{0,60})0\s*%?\s*\|?\s*$")


def counted_as_zero(before: str, after: str) -> bool:
    """Whether a count of zero stands right before a word (*12 KO, 0 OK*), or a line of a table has no other (*OK .... 0*)."""
    return _ZERO_BEFORE.search(before) is not None or (
        _LABEL.match(before) is not None and _CELL.match(after) is not None
    )


def counts_none(word: str, before: str, after: str) -> bool:
    """Whether a word of failure, between these texts, says that nothing failed: *no errors*, *KO: 0*, *0 KO*."""
    if _FREE.match(after):
        return _NOT.search(before) is None
    if _NONE_AFTER.match(after) or _NO_BEFORE.search(before) or counted_as_zero(before, after):
        return True
    return word[-1:].lower() in {"s", "n"} and _ZERO_BEFORE_MANY.search(before) is not None


def is_over(before: str, after: str) -> bool:
    """Whether a state of failure, between these texts, is the one that ends: *KO -> OK*, *from KO to OK*."""
    return (_TO_GOOD.match(after) or _RECOVERED.search(before)) is not None or (
        _FROM.search(before) is not None and _INTO_GOOD.match(after) is not None
    )
