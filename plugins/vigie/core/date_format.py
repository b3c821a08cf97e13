"""How a business date is written in a path: the directives of strftime that mean what their author thinks.

strftime(3) writes what it does not know as it stands (``%Q``, ``YYYYMMDD``), the hour of a date as 00, and some
directives differently on each machine. Such a name is never found, or is always: all of that is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import lru_cache

import re2

_DIGITS = {"Y": 4, "G": 4, "y": 2, "m": 2, "d": 2, "U": 2, "W": 2, "V": 2, "j": 3, "u": 1, "w": 1}
_NAMES = {"a": "[A-Za-z]{3}", "b": "[A-Za-z]{3}", "h": "[A-Za-z]{3}", "A": "[A-Za-z]+", "B": "[A-Za-z]+"}
_OTHERS = {"F": "[0-9]{4}-[0-9]{2}-[0-9]{2}", "e": "[ 1-3][0-9]", "%": "%"}

_HOURS = frozenset("HIklMSfLNpPrRTXs")
_ZONES = frozenset("zZ")
_BY_MACHINE = {"c": "%Y%m%d", "x": "%Y%m%d", "D": "%m%d%y", "v": "%d%b%Y", "+": "%Y%m%d", "C": "%Y"}

_DIRECTIVE = re.compile(r"%([-^]?)(.?)", re.DOTALL)
_UNIT = "YYYY|yyyy|AAAA|aaaa|JJJJ|jjjj|YY|yy|AA|aa|MM|mm|DD|dd|JJ|jj|TT|tt|HH|hh|mi|SS|ss"
_YEAR = "YYYY|yyyy|AAAA|aaaa|JJJJ|jjjj"
_LOOKALIKE = re.compile(
    rf"(?<![A-Za-z%])(?:(?:{_YEAR})(?:[-_./]?(?:{_UNIT}))*|(?:(?:{_UNIT})[-_./]?)+(?:{_YEAR})|(?:{_UNIT}){{2,}})(?![A-Za-z])"
)
_SPELT = {
    **dict.fromkeys(("YYYY", "yyyy", "AAAA", "aaaa", "JJJJ", "jjjj"), "%Y"),
    **dict.fromkeys(("YY", "yy", "AA", "aa"), "%y"),
    **dict.fromkeys(("MM", "mm"), "%m"),
    **dict.fromkeys(("DD", "dd", "JJ", "jj", "TT", "tt"), "%d"),
}
_AROUND = timedelta(days=400)


def check_format(written: str) -> None:
    """Raise ValueError, with a clause that says what to write, where the author cannot mean what this writes."""
    found = [f"%{flag}{letter}" for flag, letter in _DIRECTIVE.findall(written)]
    for directive in found:
        _check_directive(directive)
    if all(directive == "%%" for directive in found):
        raise ValueError(f"'{written}' writes no date; write {_meant(written)}")
    if literal := lookalike(_DIRECTIVE.sub("\0", written)):
        raise ValueError(f"'{literal}' stands in the name as it is; write {_meant(literal)}")
    bare = {directive.replace("-", "").replace("^", "") for directive in found}
    if "%V" in bare and bare & {"%Y", "%y", "%F"}:
        raise ValueError(
            "'%V' is a week of the ISO year, '%G': with '%Y' the file of 31 December 2024 would be that of the first week of "
            "2024; write %G-W%V"
        )
    if "%G" in bare and "%V" not in bare:
        raise ValueError("'%G' is the year of the ISO week '%V', and differs from '%Y' around New Year; write %Y")
    if "%G" in bare and bare & {"%m", "%d", "%e", "%j", "%b", "%B", "%h", "%U", "%W"}:
        raise ValueError("'%G' is the year of the ISO week, no year of months and days; write %Y")


def _check_directive(directive: str) -> None:
    flag, letter = directive[1:-1], directive[-1]
    if letter in _HOURS and len(directive) > 1:
        raise ValueError(f"'{directive}' is a time, and a business date has none; write '*' for it, or {{slot}}")
    if letter in _ZONES and len(directive) > 1:
        raise ValueError(f"'{directive}' is a time zone, and a business date has none")
    if letter in _BY_MACHINE:
        raise ValueError(f"'{directive}' is not written the same everywhere; write {_BY_MACHINE[letter]}")
    known = letter in _DIGITS or letter in _NAMES or letter in _OTHERS
    fits = {"": known, "-": letter in _DIGITS, "^": letter in _NAMES}
    if directive == "%" or not fits[flag]:
        raise ValueError(f"'{directive}' is no directive of a date; write %Y%m%d, and a % itself as %%")


def lookalike(text: str) -> str:
    """A date as other programs write it, such as YYYYMMDD, in a text that is taken as it stands; empty where none is."""
    found = _LOOKALIKE.search(text)
    return found[0] if found else ""


def spelt(written: str) -> str:
    """What is meant by YYYY-MM-DD, as strftime writes it; empty where it holds a time of day."""
    meant = re.sub(_UNIT, lambda unit: _SPELT.get(unit[0], "\0"), written)
    return "" if "\0" in meant or not re.search("%Y|%y", meant) else meant


def _meant(written: str) -> str:
    return spelt(written) or "%Y%m%d"


def pattern_of(written: str) -> str:
    """What this writes, as a pattern of RE2 without groups."""
    found, place = [], 0
    for directive in _DIRECTIVE.finditer(written):
        found.append(re2.escape(written[place : directive.start()]))
        flag, letter = directive.groups()
        if letter in _DIGITS:
            fewest = 1 if flag == "-" else _DIGITS[letter]
            found.append(f"[0-9]{{{fewest},{_DIGITS[letter]}}}")
        else:
            found.append(_NAMES.get(letter) or _OTHERS.get(letter) or "[^/]+?")
        place = directive.end()
    found.append(re2.escape(written[place:]))
    return "".join(found)


@lru_cache(maxsize=4096)
def date_read(written: str, text: str, about: date) -> date:
    """The date that a text says; of several, the nearest to ``about``. ValueError where it is none."""
    with_year = {"%Y", "%F"} & {f"%{letter}" for _, letter in _DIRECTIVE.findall(written)}
    if with_year and not _weekly(written):
        return _parsed(written, text)
    for day in _nearest(about):
        if day.strftime(written) == text:
            return day
    raise ValueError(f"'{text}' is no date written as {written}")


def tells_days_apart(written: str) -> bool:
    """Whether every date is written differently, as far as that can be seen at once: year, month and day in full."""
    letters = {letter for flag, letter in _DIRECTIVE.findall(written) if flag != "-"}
    day = letters & {"m", "b", "B", "h"} and letters & {"d", "e"}
    week = "G" in letters and "V" in letters and letters & {"a", "A", "u", "w"}
    return "F" in letters or bool(letters & {"Y", "y"} and (day or "j" in letters)) or bool(week)


def _weekly(written: str) -> bool:
    """Whether the day is told by something that strptime does not read."""
    letters = {letter for _, letter in _DIRECTIVE.findall(written)}
    return not letters & {"F", "j"} and not (letters & {"m", "b", "B", "h"} and letters & {"d", "e"})


def _parsed(written: str, text: str) -> date:
    form = _DIRECTIVE.sub(lambda found: {"F": "%Y-%m-%d", "h": "%b", "e": "%d"}.get(found[2], f"%{found[2]}"), written)
    return datetime.strptime(text, form).date()  # noqa: DTZ007  # a date on paper, of no zone


def _nearest(about: date) -> Iterator[date]:
    yield about
    for days in range(1, _AROUND.days + 1):
        yield about - timedelta(days=days)
        yield about + timedelta(days=days)
