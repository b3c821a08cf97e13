"""Where a fact may stand in a command of ``ssh``: as one whole word of a simple command, and nowhere else.

A list of what is allowed, since whoever lists what is dangerous forgets something. A fact is quoted for the server's
shell (``shlex.quote``); that holds only where this shell alone reads it, once, and as a word.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_FACT = r"\{\{(?:(?!\}\}).)*\}\}"
_PLAIN = r"[\w./:=@%+,^-]+"
_QUOTED = r"""'[^']*'|"[^"\\$`]*\""""
_WORD = re.compile(rf"(?:{_PLAIN}|{_QUOTED})+(?=[ \t]|\Z)|{_FACT}(?=[ \t]|\Z)", re.ASCII | re.DOTALL)
_JOINED = re.compile(rf"[^\s|;&<>()]{_FACT}|{_FACT}[^\s|;&<>()]", re.DOTALL)

READERS = frozenset(
    [
        "eval",
        "source",
        "ssh",
        "su",
        "xargs",
        "awk",
        "gawk",
        "mawk",
        "nawk",
        "sed",
        "parallel",
        "busybox",
        "expect",
        "tclsh",
        "sqlite3",
    ]
)
"""Programs that read their words as a program, or hand them to a shell: no fact may be one of their words."""

RUNNERS = re.compile(r"(?:[a-z]{0,3}sh|fish|python[\d.]*|perl|ruby|node|php|lua|env|find|psql|mysql|mariadb|watch)")
"""Programs that do so after an option, as ``-c``: with an option before it no fact may be one of their words."""


class Unfit(NamedTuple):
    """What is wrong with a command, and what to write instead."""

    message: str
    remedy: str


def unfit(command: str) -> Unfit | None:
    """Why facts may not stand so in this command, as it is written; None where they may, or none stands there."""
    if "{{" not in command:
        return None
    if _in_quotes(command):
        return Unfit("a fact stands in quotes.", "Facts are quoted by Vigie: delete the quotes around it.")
    words = _words(command.strip())
    if words is None:
        if _JOINED.search(command):
            return Unfit("a fact is part of a word.", "Put a space on each side of it, as '--job {{ facts.job }}'.")
        return Unfit(
            "a fact stands in more than one simple command.",
            "Give it to one program, as 'rerun {{ facts.job }}'; what needs '|', ';', '&', '<', '$' or a second line "
            "belongs into a script on the server.",
        )
    last = max(at for at, word in enumerate(words) if word.startswith("{{"))
    if words[0].startswith("{{"):
        return Unfit("a fact is the program.", "Write the program out.")
    programs = [re.sub("['\"]", "", word).rpartition("/")[2] for word in words[:last] if not word.startswith("{{")]
    options = any(len(word) > 1 and word[0] == "-" and word != "--" for word in programs)
    if any(word in READERS or (options and RUNNERS.fullmatch(word)) for word in programs):
        return Unfit(
            "a program would read the fact as a command.",
            "Give it to a program that takes it as a value: not to a shell, ssh, awk, sed or an option as '-c'.",
        )
    return None


def _words(command: str) -> list[str] | None:
    """The words of a simple command; None where it is more than that."""
    words, at = [], 0
    while at < len(command):
        found = _WORD.match(command, at)
        if found is None:
            return None
        words.append(found[0])
        at = found.end()
        while at < len(command) and command[at] in " \t":
            at += 1
    return words


def _in_quotes(command: str) -> bool:
    """Whether a fact stands in quotes, as a shell reads them."""
    quote = ""
    rest = iter(re.findall(rf"{_FACT}|.", command, flags=re.DOTALL))
    for piece in rest:
        if piece.startswith("{{") and quote:
            return True
        if piece == "\\" and quote != "'":
            next(rest, None)
        elif piece in {"'", '"'} and quote in {"", piece}:
            quote = "" if quote else piece
    return False
