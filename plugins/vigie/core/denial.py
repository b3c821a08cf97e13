"""What stands beside a word that all is well, and says that it is not so: *not OK*, *OK?*, *waiting for OK*."""

from __future__ import annotations

import re
from typing import Literal

from vigie.core.failure_word import ARROW, GOOD, counted_as_zero

Sense = Literal["denied", "none of it", "in part", "asked", "awaited"]
"""``none of it`` is *0 not OK*: it says nothing of the rest."""

_IS_GOOD = re.compile(GOOD, re.IGNORECASE)

_A = r"(?:(?:the|an?|any|une?|le|la|du|de|den|ein|das|el|il|o)\s|[ld]['’]\s?)?"
_SOFT = (
    r"(?:yet|all|quite|really|fully|completely|entirely|everything|everywhere|totally|exactly|at all|be|been|being|is|are|was"
    r"|so|very|looking|still|encore|toujours|tou[ts]|toutes|vraiment|compl[èe]tement|totalement|enti[èe]rement|tout [àa] fait"
    r"|du tout|[ée]t[ée]|[êe]tre|est|tr[èe]s|noch|ganz|alles|mehr|gar|immer|v[öo]llig|wirklich|todav[íi]a|a[úu]n|todo|est[áa]|es"
    r"|del todo|ancora|tutto|[èe]|ainda|tudo|helemaal|nog|steeds|helt|[äa]nnu|enn[åa]|w pe[łl]ni)"
)
"""What may stand between a denial and its word."""

_DENIED_BEFORE = re.compile(
    r"(?:^|[\W_])(?:not|never|no|non|none|nothing|rien n['’]est|nichts|far from|loin d['’][êe]tre|anything but|tout sauf|neither|nor|cannot|no longer|pas|jamais|aucune?|sans|ni|nicht|kein|keine[nmrs]?|nie|ohne"
    r"|nunca|sin|ning[úu]n|senza|n[ãa]o|sem|niet|geen|nooit|inte|ej|ingen|inget|ikke|aldri|aldrig|utan|uten|uden|ei|eiv[äa]t"
    r"|bez|nen[íi]|nem|nu este|n['’]est plus|ne sont plus|не|нет|без|without)"
    rf"(?:\s+|[_-])(?:{_SOFT}(?:\s+|[_-])){{0,3}}{_A}['\"«“‘]?\s?$"
    rf"|n['’]t\s(?:{_SOFT}\s){{0,3}}{_A}$|(?:未|尚未|還未|还未|[没沒]有?|不|無|无|非|미\s?|안\s?)$|(?:^|\s)!$|(?:≠|!=|<>|¬)\s?$",
    re.IGNORECASE,
)
_NONE_BEFORE = re.compile(r"(?:^|[^\w.,])(?:0|zero|z[ée]ro)\s(?:\w+\s)?\S+\s?$", re.IGNORECASE)
_NONE_AFTER = re.compile(r"\s?[:=]\s?0(?![\w.,]*\d)|\s?[(\[]\s?0\s?[)\]]")

_NOT = r"(?:not|non|pas|nicht|never|jamais|niet|inte|ikke|nie|no)(?:\s(?:yet|encore|noch|nog|[äa]nnu|enn[åa]|ancora))?"
_BAD = (
    r"kos?|nok|not ok|fail(?:ed|ure|s)?|errors?|erreur|[ée]chec|down|critical|crit|warn(?:ing)?|alert|alerte|alarm|unknown|red"
    r"|rouge|rot|stopped|arr[êe]t[ée]e?|degraded|d[ée]grad[ée]e?|offline|problem|probl[èe]me|fehler|gest[öo]rt|障害|異常|エラー"
)
_DENIED_AFTER = re.compile(
    rf"{ARROW}(?:{_BAD})\b|\s(?:is|was|has|est|ist|war|wurde)\s{_NOT}\b|\s(?:n['’]est|n['’]a)\s(?:pas|plus|jamais)\b|\s\w+n['’]t\b"
    rf"|\s{_NOT}\s(?:received?|found|sent|given|there|obtained|confirmed|re[çc]ue?|arriv\w+|envoy\w+|obtenu|donn[ée]|trouv[ée]"
    r"|confirm[ée]|erhalten|eingetroffen|gekommen|vorhanden|da|ontvangen|binnen|recibido|llegado|ricevuto|arrivato|mottatt|mottagen)\b"
    r"|\s?[:=]\s?(?:0|no?|non|nein|false|faux|falsch|nie|nee|nej)\s*(?:$|[\n,;|)\]/.])"
    r"|\s?[:=]?\s?[(\[]?\s?0+\s?(?:/|of|sur|von|out of)\s?[1-9]\d*(?!\s?\w*\s?(?:fail|ko|err|rej|fehl|[ée]ch))"
    r"|\s(?:missing|manquant|absent|refus[ée]d?|denied|fehlt|ontbreekt|mancante|ausgeblieben|de[ğg]il)\b"
    r"|\s?(?:では?|じゃ)\s?(?:ない|ありません|なく|なかった)|(?:になら|になって(?:い)?)(?:ない|ません|ず)|\s?(?:なし|無し|以外)"
    r"|(?:して(?:い)?|されて(?:い)?|でき(?:て(?:い)?)?)(?:ない|ません|ず)|せず|できず|ならず|未|[にがは]?失敗|不可|不能"
    r"|\s?[이가]?\s?(?:아님|아니|안\s?됨|되지\s?않|불가|실패)",
    re.IGNORECASE,
)
_PART_BEFORE = re.compile(
    r"\b(?:almost|nearly|hardly|barely|partially|partly|half|semi|presque|quasi(?:ment)?|partiellement|en partie|teilweise"
    r"|beinahe|casi|parcialmente|parzialmente|gedeeltelijk|delvis)[\s-]$|一部\s?$",
    re.IGNORECASE,
)
_PART_AFTER = re.compile(
    r"\s?,?\s?(?:except|apart from|sauf|hormis|except[ée]|[àa] l['’]exception|au(?:ß|ss)er|bis auf|salvo|excepto|tranne|behalve|utom"
    r"|unntatt)\b|\s(?:with|avec|mit|con|com|met)\s(?:some\s|des\s|[1-9]\d*\s|einigen\s)?(?:errors?|erreurs?|r[ée]serves?|warnings?"
    r"|rejets?|rejects?|avertissements?|fehlern?|warnungen|vorbehalt|errores|errori|advertencias|fouten|failures?|anomalies?)\b",
    re.IGNORECASE,
)
_ASKED_BEFORE = re.compile(
    r"^\W*(?:is|are)\s(?:it|that|this|all|everything)\s$|\b(?:click|press|hit|push|choose|select)\s(?:on\s|the\s)*['\"«“]?\s?$"
    r"|\b(?:cliqu|appuy)\w+\s(?:sur\s)?(?:le\s)?['\"«“]?\s?$|\b(?:your|votre|ton|ihre?n?|dein|vuestro|vostro|uw)\s$"
    rf"|\b(?:ko|nok)\s?[/|]\s?$|\b(?:ko|nok)\s(?:or|ou|oder|of)\s{_A}$",
    re.IGNORECASE,
)
_ASKED_AFTER = re.compile(
    r"[\s!]?[?？؟]|\s(?:or|ou|oder|of|eller)\s(?:not|ko|pas|non|nicht|no|niet|nok)\b|\s?[/|]\s?(?:ko|nok|not ok)\b"
    r"|\s?(?:か|ですか|でしょうか|ますか)[\s。]*$|\s(?:button|bouton|taste|knop)\b",
    re.IGNORECASE,
)
_AWAITED_BEFORE = re.compile(
    r"(?:^|[\W_])(?:wait(?:ing|s)? (?:for|on)|await(?:ing|s|ed)?|pending|expect(?:ed|ing|s)?|need(?:ed|ing|s)?"
    r"|requir(?:ed|ing|es)|missing|request(?:ed|ing|s)?(?: for)?|until|till|unless|if|when|once|before|instead of|rather than"
    r"|attente(?: d['’eu])?|absence d['’e]|attend\w*|besoin d['’e]|demande d['’e]|manqu\w+|jusqu['’][àa]u?|sauf si|si|quand|d[èe]s(?: que)?"
    r"|lorsque|avant|au lieu d['’eu]|wart\w* auf|erwart\w+|bis|wenn|falls|sobald|bevor|statt|fehl\w+|esper\w+|cuando|hasta"
    r"|in attesa di|attes[ao]|wachten op|verwacht|should be|shall be|may be|might be|could be|would be|must be|to be"
    r"|hope\w*(?: it is| it['’]s)?|seems?|looks?|appears?|devrait [êe]tre|pourrait [êe]tre|doit [êe]tre|semble(?: [êe]tre)?"
    rf"|para[îi]t|sollte|k[öo]nnte|scheint|parece|sembra|lijkt)[\s'’]{{0,2}}(?:que\s)?{_A}(?:ist\s|est\s|is\s|be\s)?['\"«“]?\s?$",
    re.IGNORECASE,
)
_AWAITED_AFTER = re.compile(
    r"\s(?:awaited|pending|expected|required|needed|requested|attendue?|requise?|demand[ée]e?|en attente|erforderlich"
    r"|erwartet|ausstehend|pendiente|esperado|in attesa|nodig|verwacht)\b"
    r"|\s?の?(?:(?:作業|対応)(?!.{0,4}(?:完了|終了|済))|予定|見込|見通し|待ち|依頼|目途|目処|めど|要請|中(?![止断])|가능|예정|대기|중(?![단지]))",
    re.IGNORECASE,
)


def sense_of(word: str, before: str, after: str) -> Sense | None:
    """What the texts beside a word make of it; None where nothing speaks against it.

    Of a word that names no state (*report*, *backup*) only a denial is known: *your report* and *the requested backup*
    are what they are.
    """
    if _DENIED_BEFORE.search(before):
        return "none of it" if _NONE_BEFORE.search(before) or _NONE_AFTER.match(after) else "denied"
    if _DENIED_AFTER.match(after):
        return "denied"
    if not _IS_GOOD.fullmatch(word.rsplit(maxsplit=1)[-1]):
        return None
    if counted_as_zero(before, after):
        return "denied"
    if _PART_BEFORE.search(before) or _PART_AFTER.match(after):
        return "in part"
    if _ASKED_BEFORE.search(before) or _ASKED_AFTER.match(after):
        return "asked"
    if _AWAITED_BEFORE.search(before) or _AWAITED_AFTER.match(after):
        return "awaited"
    return None
