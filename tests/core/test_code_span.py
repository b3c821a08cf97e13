"""Whatever a mail's subject holds, it is one code span and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from vigie.core.code_span import code_span

MARKDOWN = MarkdownIt("commonmark", {"html": True})


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("[KO] EOD_POS", "`[KO] EOD_POS`"),
        ("![x](http://evil.example/p.png)", "`![x](http://evil.example/p.png)`"),
        ("a `b` c", "``a `b` c``"),
        ("`b`", "`` `b` ``"),
        ("two\n\n# lines\x00\u202e", "`two # lines`"),
        (" \n ", ""),
        ("x" * 30, "`" + "x" * 9 + "…`"),
    ],
)
def test_it_is_one_line_of_code(text: str, written: str) -> None:
    assert code_span(text, 10 if len(text) == 30 else 1000) == written


@given(st.text(alphabet=st.sampled_from("`a ![](http://x)<b>*_~\\&#\n"), max_size=60))
def test_nothing_in_it_is_read(text: str) -> None:
    plain = " ".join(text.split())
    tokens = MARKDOWN.parse(code_span(text, 1000))
    if not plain:
        assert tokens == []
        return
    (_, inline, _) = tokens
    assert [child.type for child in inline.children or []] == ["code_inline"]
    assert (inline.children or [])[0].content == plain
