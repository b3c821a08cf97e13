"""By what a text tells of a client: its names, ids, addresses, domains, connections, channel and sites."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate
from typing import NamedTuple

from vigie.core.client import Client
from vigie.core.heard_words import Word, tags_in, words_of
from vigie.core.site import Site

_LONGEST = 40
"""Words of a mark: a longer one would not be a name."""

_SHORT = 3
"""Letters of a name so short that it counts only as it is written: 'H&M' is not 'h, m'."""

_BETWEEN = re.compile(r"[^,;:!?()|]{1,4}")
_WITHIN = re.compile(r"[^\s,;:!?()|/.@]{1,4}")
"""What may stand between two words of a name, and inside one: a blank, signs and marks of formatting; signs alone."""

_TYPED_SITE = re.compile(r"(?=.*[^\W\d_])(?=.*\d).{4,}")
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "å": "aa", "Å": "Aa"})


class Mark(NamedTuple):
    """One of the things: whose it is, its words and what stands between them.

    ``exact``: it is spelled in one way only. ``after`` is what must stand before it (``#`` of a channel).
    """

    owner: str
    words: tuple[str, ...]
    gaps: tuple[str, ...]
    exact: bool = False
    after: str = ""


class Found(NamedTuple):
    """A mark in a text: whose it is (all that share it), and from where to where it stands."""

    owners: frozenset[str]
    start: int
    end: int


class ClientMarks:
    """The marks of all clients. ``sites`` are the rows of each client's tables, by its id."""

    def __init__(self, clients: Iterable[Client], sites: Mapping[str, Iterable[Site]] | None = None) -> None:
        self._index: dict[str, list[Mark]] = {}
        self._longest: dict[str, int] = {}
        for client in clients:
            for mark in _marks(client, (sites or {}).get(client.id, ())):
                if mark.words and len(mark.words) <= _LONGEST:
                    self._add(mark)

    def _add(self, mark: Mark) -> None:
        key = "".join(mark.words)
        known = self._index.setdefault(key, [])
        if mark not in known:
            known.append(mark)
        for start in {key[0], key[:2]}:
            self._longest[start] = max(self._longest.get(start, 0), len(key))

    def others_in(self, said: str, client: str, *, markup: bool = False) -> list[Found]:
        """Where a text of ``client`` tells of another one, in its order. What is the client's own too tells of nobody.

        The longest mark counts: 'Acme Japan' does not tell of 'Acme'.
        """
        found, words, at = [], words_of(said, markup=markup), 0
        while at < len(words):
            size, owners = self._here(words, at)
            if size and client not in owners:
                found.append(Found(owners, words[at].start, words[at + size - 1].end))
            at += max(size, 1)
        return found

    def _here(self, words: Sequence[Word], at: int) -> tuple[int, frozenset[str]]:
        best: tuple[int, frozenset[str]] = (0, frozenset())
        heard, edges, longest = "", [], self._longest.get(words[at].text[:2], 0)
        for size in range(1, min(_LONGEST, len(words) - at) + 1):
            if size > 1:
                edges.append((len(heard), words[at + size - 1].gap))
            heard += words[at + size - 1].text
            if len(heard) > longest:
                break
            owners = frozenset(mark.owner for mark in self._index.get(heard, ()) if _fits(mark, edges, words[at].gap))
            if owners:
                best = (size, owners)
        return best

    def without_others(self, said: str, client: str, instead: str, *, markup: bool = False) -> tuple[str, list[str]]:
        """The text with ``instead`` for whatever tells of another client, and whom it told of. Tags stay."""
        told: list[str] = []
        for heard_with_markup in (True, False) if markup else (False,):
            for each in reversed(self.others_in(said, client, markup=heard_with_markup)):
                kept = tags_in(said[each.start : each.end]) if heard_with_markup else ""
                said = f"{said[: each.start]}{instead}{kept}{said[each.end :]}"
                told += sorted(each.owners)
        return said, list(dict.fromkeys(told))


def _fits(mark: Mark, edges: Sequence[tuple[int, str]], before: str) -> bool:
    """``edges`` are the gaps inside what is heard, each with the letters before it; ``before`` is the gap before it."""
    if mark.after and not before.endswith(mark.after):
        return False
    own = dict(zip(accumulate(map(len, mark.words)), mark.gaps, strict=False))
    if mark.exact:
        return dict(edges) == own
    if sum(map(len, mark.words)) <= _SHORT:
        return dict(edges).keys() == own.keys() and all(gap.replace(" ", "") == own[at].strip() for at, gap in edges)
    return all(gap == own.get(at) or (_BETWEEN if at in own else _WITHIN).fullmatch(gap) for at, gap in edges)


def _marks(client: Client, sites: Iterable[Site]) -> Iterator[Mark]:
    for name in (client.name, client.id, *client.aliases):
        yield _loose(client.id, name)
        if (spelled := name.translate(_UMLAUTS)) != name:
            yield _loose(client.id, spelled)
    for exact in (*client.domains, *client.connections, *(contact.email for contact in client.contacts.values())):
        yield _exact(client.id, exact)
    yield _exact(client.id, client.slack_channel.strip().lstrip("#"))._replace(after="#")
    if client.slack_channel.strip()[:1] in {"C", "G"}:
        yield _exact(client.id, client.slack_channel.strip())
    for site in sites:
        if _TYPED_SITE.fullmatch(site.code):
            yield _exact(client.id, site.code)
        if len(site.name.split()) > 1:
            yield _loose(client.id, site.name)


def _loose(owner: str, said: str) -> Mark:
    words = words_of(said)
    return Mark(owner, tuple(word.text for word in words), tuple(word.gap for word in words[1:]))


def _exact(owner: str, said: str) -> Mark:
    return _loose(owner, said)._replace(exact=True)
