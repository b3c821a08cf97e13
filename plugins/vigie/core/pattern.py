"""Authors' regular expressions, run by RE2: time grows with the text, never with the pattern.

Syntax: https://github.com/google/re2/wiki/Syntax (no look-around, no back-references).
"""

from __future__ import annotations

from functools import lru_cache

import re2


@lru_cache(maxsize=4096)
def _compiled(pattern: str, ignore_case: bool) -> re2._Regexp:
    options = re2.Options()
    options.log_errors = False
    options.case_sensitive = not ignore_case
    options.max_mem = 1 << 20
    return re2.compile(pattern, options)


def check_pattern(pattern: str) -> str:
    """Return the pattern, or raise ValueError with a sentence that says what RE2 refuses in it."""
    try:
        _compiled(pattern, False)
        _compiled(pattern, True)
    except re2.error as refused:
        reason = refused.args[0].decode() if isinstance(refused.args[0], bytes) else str(refused)
        raise ValueError(f"the pattern '{pattern}' is not a regular expression of RE2: {reason}") from None
    return pattern


def group_names(pattern: str) -> frozenset[str]:
    """The named groups of a pattern."""
    return frozenset(_compiled(pattern, False).groupindex)


def search(pattern: str, text: str, *, ignore_case: bool = True) -> dict[str, str] | None:
    """Search the text; the named groups that took part, or None where nothing matches."""
    found = _compiled(pattern, ignore_case).search(text)
    if found is None:
        return None
    return {name: value for name, value in found.groupdict().items() if value is not None}
