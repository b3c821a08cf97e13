"""What the styles of a mail hide: text that no reader sees must not raise an alarm, or end one.

Of CSS (https://www.w3.org/TR/css-cascade-4/) only what decides that: a few properties, selectors of names, classes,
ids and attributes, the order of the cascade. What is not understood hides nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

_SHEET_LIMIT = 500_000
_RULES = 200
_SELECTOR_LIMIT = 300
_ASKED = 300_000
"""How often an element of one mail is held against a selector; beyond that its sheets hide nothing more."""

_DECLARATION = re.compile(
    r"(?<![\w-])(display|visibility|font-size|font|opacity|mso-hide|overflow|max-height|max-width|height|width|text-indent"
    r"|position|left|top|clip|clip-path|white-space)[ \t\r\n]{0,8}:([^;]{0,80})",
    re.IGNORECASE,
)
_COMPOUND = re.compile(r"([a-z][\w:-]{0,40}|\*)?((?:[.#][\w-]{1,80}|\[[^\[\]]{1,80}\])*)", re.IGNORECASE)
_PIECE = re.compile(r"([.#])([\w-]+)|\[\s*([\w-]+)\s*(?:([~^$*|]?=)\s*[\"']?([^\"'\]]*)[\"']?\s*)?\]")
_EVERYWHERE = frozenset({"@media all", "@media screen", "@media only screen", "@media screen, print", "@layer"})

Properties = Mapping[str, str]
"""Of one element: the properties that may hide it, by name, each with its value in small letters."""


class Element(NamedTuple):
    """An element as a selector sees it."""

    tag: str
    attributes: Mapping[str, str]


class _Compound(NamedTuple):
    tag: str
    ids: frozenset[str]
    classes: frozenset[str]
    attributes: tuple[tuple[str, str, str], ...]

    def fits(self, element: Element) -> bool:
        """Whether it is such an element."""
        if self.tag not in {"", "*", element.tag}:
            return False
        if self.ids and self.ids != {element.attributes.get("id", "")}:
            return False
        if self.classes and not self.classes <= set(element.attributes.get("class", "").split()):
            return False
        return all(_has(element.attributes.get(name), sign, value) for name, sign, value in self.attributes)


class _Rule(NamedTuple):
    """``above`` are the compounds before the last, the nearest first, each with whether it must be the parent."""

    weight: tuple[int, int, int, int]
    last: _Compound
    above: tuple[tuple[bool, _Compound], ...]
    properties: tuple[tuple[str, str, bool], ...]


class Styles:
    """The style sheets of one mail."""

    def __init__(self, sheets: Sequence[str] = ()) -> None:
        self._rules: dict[str, list[_Rule]] = {}
        self._left = _ASKED
        for number, (selector, declarations) in enumerate(_rules("\n".join(sheets)[:_SHEET_LIMIT])):
            if number >= _RULES:
                break
            if rule := _rule(number, selector, declarations):
                self._rules.setdefault(_key(rule.last), []).append(rule)

    @property
    def asked(self) -> int:
        """How often an element was held against a selector."""
        return _ASKED - self._left

    def of(self, element: Element, ancestors: Sequence[Element]) -> Properties:
        """What holds for an element; of ``ancestors`` the nearest is the last."""
        style = element.attributes.get("style")
        if not self._rules and not style:
            return {}
        found: dict[str, tuple[tuple[bool, bool, tuple[int, ...]], str]] = {}
        for rule in self._candidates(element):
            if rule.last.fits(element) and self._stands_below(rule, ancestors):
                for name, value, important in rule.properties:
                    _take(found, name, value, (important, False, rule.weight))
        for name, value, important in _declared(style) if style else ():
            _take(found, name, value, (important, True, ()))
        return {name: value for name, (_, value) in found.items()}

    def _candidates(self, element: Element) -> Iterator[_Rule]:
        if not self._rules:
            return
        attributes = element.attributes
        keys = [f"#{attributes['id']}"] if attributes.get("id") else []
        keys += [f".{each}" for each in set(attributes.get("class", "").split()[:50])]
        for key in (*keys, element.tag, "*"):
            rules = self._rules.get(key, ())
            self._left -= len(rules)
            if self._left < 0:
                return
            yield from rules

    def _stands_below(self, rule: _Rule, ancestors: Sequence[Element]) -> bool:
        """Whether the element has these ancestors. The nearest that fits is taken, which is right but for rare mixtures."""
        place = len(ancestors)
        for is_parent, compound in rule.above:
            while place:
                place -= 1
                self._left -= 1
                if self._left < 0:
                    return False
                if compound.fits(ancestors[place]):
                    break
                if is_parent:
                    return False
            else:
                return False
        return True


def _take(
    found: dict[str, tuple[tuple[bool, bool, tuple[int, ...]], str]],
    name: str,
    value: str,
    rank: tuple[bool, bool, tuple[int, ...]],
) -> None:
    if name not in found or found[name][0] <= rank:
        found[name] = (rank, value)


def _has(written: str | None, sign: str, value: str) -> bool:
    if written is None or not sign:
        return written is not None
    written, value = written.lower(), value.lower()
    return {
        "=": written == value,
        "~=": value in written.split(),
        "^=": bool(value) and written.startswith(value),
        "$=": bool(value) and written.endswith(value),
        "*=": bool(value) and value in written,
        "|=": written == value or written.startswith(f"{value}-"),
    }.get(sign, False)


def _rules(sheet: str) -> Iterator[tuple[str, str]]:
    """Selectors and declarations of what holds on any screen."""
    within: list[bool] = []
    elsewhere = 0
    for chunk in _without_comments(sheet).split("}"):
        *heads, declarations = chunk.split("{")
        for head in heads:
            within.append(" ".join(_behind_statements(head).lower().split()) in _EVERYWHERE)
            elsewhere += not within[-1]
        if heads and elsewhere == 1 and not within[-1] and _DECLARATION.search(declarations):
            for selector in _behind_statements(heads[-1])[: _SELECTOR_LIMIT * 10].split(","):
                yield selector.strip(), declarations
        if within:
            elsewhere -= not within.pop()


def _behind_statements(head: str) -> str:
    """A selector without the @charset and @import before it."""
    return head.rpartition(";")[2].strip()


def _without_comments(sheet: str) -> str:
    kept, place = [], 0
    sheet = sheet.replace("<!--", " ").replace("-->", " ")
    while (begins := sheet.find("/*", place)) >= 0:
        kept.append(sheet[place:begins])
        ends = sheet.find("*/", begins + 2)
        if ends < 0:
            return "".join(kept)
        place = ends + 2
    return "".join([*kept, sheet[place:]])


def _rule(number: int, selector: str, declarations: str) -> _Rule | None:
    """One rule; None where its selector is none that we understand."""
    if not selector or len(selector) > _SELECTOR_LIMIT:
        return None
    words = re.sub(r"\s*>\s*", " > ", selector).split()
    compounds: list[tuple[bool, _Compound]] = []
    is_parent = False
    for word in words:
        if word == ">":
            is_parent = True
            continue
        compound = _compound(word)
        if compound is None:
            return None
        compounds.append((is_parent, compound))
        is_parent = False
    if not compounds or is_parent or compounds[0][0]:
        return None
    ids = sum(len(each.ids) for _, each in compounds)
    classes = sum(len(each.classes) + len(each.attributes) for _, each in compounds)
    tags = sum(each.tag not in {"", "*"} for _, each in compounds)
    # Whether a compound is the parent of the next stands with the next; from below it is asked with the upper one.
    above = tuple((compounds[place + 1][0], compounds[place][1]) for place in reversed(range(len(compounds) - 1)))
    return _Rule((ids, classes, tags, number), compounds[-1][1], above, tuple(_declared(declarations)))


def _compound(word: str) -> _Compound | None:
    found = _COMPOUND.fullmatch(word)
    if not found or not word:
        return None
    pieces = list(_PIECE.finditer(found[2]))
    return _Compound(
        (found[1] or "").lower(),
        frozenset(piece[2] for piece in pieces if piece[1] == "#"),
        frozenset(piece[2] for piece in pieces if piece[1] == "."),
        tuple((piece[3].lower(), piece[4] or "", piece[5] or "") for piece in pieces if piece[3]),
    )


def _key(compound: _Compound) -> str:
    if compound.ids:
        return f"#{min(compound.ids)}"
    if compound.classes:
        return f".{min(compound.classes)}"
    return compound.tag or "*"


def _declared(declarations: str) -> Iterator[tuple[str, str, bool]]:
    for found in _DECLARATION.finditer(declarations[:10_000]):
        value, mark, _ = found[2].lower().partition("!")
        yield found[1].lower(), value.strip(), bool(mark)
