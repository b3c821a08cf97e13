"""A text as its reader hears it: words without case, accents, invisible characters, escapes or the markup inside them."""

from __future__ import annotations

import html
import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

_PART = re.compile(
    r"([0-9A-Za-z]+)|([\x00-\x24\x27-\x2f:-@\[-`{-\x7f]+)|(&(?:amp;)*#?\w{1,32};)|((?:%[0-9A-Fa-f]{2})+)|(.)", re.DOTALL
)
_RUN, _SIGNS, _ENTITY, _PERCENT = 1, 2, 3, 4
_TAG = re.compile(r"<[^<>]*>")

# Letters that Unicode does not take apart: it sees no accent in them, a reader does.
_PLAIN = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "ŧ": "t", "æ": "ae", "œ": "oe", "þ": "th"}
)

# Letters of other alphabets that look like Latin ones, in a word that is Latin otherwise.
_LOOKS = str.maketrans("аеорсухіјѕԁһӏԛԝгмтвнкοανρτυχικ", "aeopcyxijsdhlqwrmtbhkoavptuxik")

# Not drawn, though Unicode counts them as letters or symbols: the fillers of Hangul, the blank of Braille.
_NOT_DRAWN = frozenset("\u115f\u1160\u3164\uffa0\u2800")


_DASHES = re.compile("[\u2010-\u2015\u2043\u2212\ufe58\ufe63\uff0d]")


class Word(NamedTuple):
    """A word as it is heard, where it stands in the source, and what stands between it and the one before.

    ``gap`` has one space for any run of blanks and the plain hyphen for any dash.
    """

    text: str
    start: int
    end: int
    gap: str


def words_of(said: str, *, markup: bool = False) -> list[Word]:
    """The words of a text in their order. With ``markup`` tags are not heard, and part no word.

    Scripts that write without spaces have one word for each character.
    """
    line = _Line()
    begin = 0
    for tag in _TAG.finditer(said) if markup else ():
        line.hear(said, begin, tag.start())
        begin = tag.end()
    line.hear(said, begin, len(said))
    line.close()
    return line.words


def tags_in(said: str) -> str:
    """The tags of a piece of HTML, without the words between them."""
    return "".join(_TAG.findall(said))


class _Line:
    """What was heard so far: whole words, the letters of the one that goes on, and the gap before it."""

    def __init__(self) -> None:
        self.words: list[Word] = []
        self._letters = ""
        self._gap = ""
        self._start = self._end = 0

    def close(self) -> None:
        if self._letters:
            self.words.append(Word(_as_latin(self._letters), self._start, self._end, _gap(self._gap)))
            self._letters = self._gap = ""

    def hear(self, said: str, begin: int, end: int) -> None:
        for part in _PART.finditer(said, begin, end):
            kind = part.lastindex
            if kind == _RUN:
                if not self._letters:
                    self._start = part.start()
                self._letters += part[0].lower()
                self._end = part.end()
            elif kind == _SIGNS:
                self.close()
                self._gap += part[0]
            elif kind == _ENTITY and (text := _unescaped(part[0])) == part[0]:
                self._signs("&", part.start(), part.start() + 1)  # none that HTML knows
                self.hear(said, part.start() + 1, part.end())
            else:
                self._signs(text if kind == _ENTITY else _decoded(part[0]), part.start(), part.end())

    def _signs(self, text: str, start: int, end: int) -> None:
        for char in text:
            sound, alone = _sound(char)
            if sound is None:
                self.close()
                self._gap += char
            elif sound:
                if alone:
                    self.close()
                if not self._letters:
                    self._start = start
                self._letters += sound
                self._end = end
                if alone:
                    self.close()


def _unescaped(text: str) -> str:
    """Without its escapes, however often it was escaped."""
    while (less := html.unescape(text)) != text:
        text = less
    return text


def _decoded(text: str) -> str:
    if text[0] != "%" or len(text) == 1:
        return text
    try:
        return bytes.fromhex(text.replace("%", "")).decode()
    except UnicodeDecodeError:
        return text


def _gap(said: str) -> str:
    if said in {" ", ""}:
        return said
    return re.sub(r"\s+", " ", _DASHES.sub("-", unicodedata.normalize("NFKC", said.replace("\\", ""))))


@lru_cache(maxsize=4096)
def _sound(char: str) -> tuple[str | None, bool]:
    """What is heard of a character: None where it parts words, empty where it is not heard; and whether it is a word."""
    if char in _NOT_DRAWN or unicodedata.category(char) == "Cf":
        return "", False
    plain = "".join(each for each in unicodedata.normalize("NFKD", char) if unicodedata.category(each)[0] != "M")
    heard = plain.casefold().translate(_PLAIN)
    if not heard:  # an accent
        return "", False
    if not heard.isalnum():
        return None, False
    return heard, _written_without_spaces(char)


def _written_without_spaces(char: str) -> bool:
    return unicodedata.name(char, "").startswith(
        ("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "HALFWIDTH KATAKANA", "THAI", "LAO", "KHMER", "MYANMAR")
    )


def _as_latin(word: str) -> str:
    if word.isascii() or not any("a" <= char <= "z" for char in word):
        return word
    return word.translate(_LOOKS)
