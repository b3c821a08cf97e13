"""Text from outside where somebody else renders Markdown: as a code span, in which nothing is a link or a picture."""

from __future__ import annotations

import re


def code_span(text: str, at_most: int) -> str:
    """The text on one line as a code span (CommonMark 0.31, 6.1), cut to ``at_most`` characters; empty for no text.

    An escape would not do: Airflow 3.3.2 renders with remark-gfm, which looks for bare addresses after it has read the
    escapes, in every text but code.
    """
    plain = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    if len(plain) > at_most:
        plain = plain[: at_most - 1] + "…"
    if not plain:
        return ""
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", plain)), default=0))
    space = " " if plain.startswith("`") or plain.endswith("`") else ""
    return f"{fence}{space}{plain}{space}{fence}"
