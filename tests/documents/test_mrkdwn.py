from __future__ import annotations

import pytest

from vigie.documents.mrkdwn import literal, to_mrkdwn
from vigie.documents.sealed_fact import seal

Z = "\u200b"


@pytest.mark.parametrize(
    ("markdown", "mrkdwn"),
    [
        ("**bold** and *italic*", "*bold* and _italic_"),
        ("~~gone~~", "~gone~"),
        ("pre**bold**post", f"pre{Z}*bold*{Z}post"),  # Slack wants something that is no word beside a mark
        ("**a***b*", f"*a*{Z}_b_"),
        ("***both***", "_*both*_"),
        ("# Title **bold**", "*Title bold*"),
        ("[words](https://a.example/?a=1&b=2)", "<https://a.example/?a=1&amp;b=2|words>"),
        ("[**words**](https://a.example/a|b)", "<https://a.example/a%7Cb|words>"),
        ("<https://a.example>", "<https://a.example|https://a.example>"),
        ("[x](javascript:alert(1))", "[x](javascript:alert(1))"),
        ("[x](relative.md)", "[x](relative.md)"),
        ("![x](https://a.example/p.png)", "!<https://a.example/p.png|x>"),
        ("<b>raw</b> & <!channel>", "&lt;b&gt;raw&lt;/b&gt; &amp; &lt;!channel&gt;"),
        ("`code < *x*`", "`code &lt; *x*`"),
        ("``a`b``", f"a`{Z}b"),
        ("```\na **b**\n```", "```\na **b**\n```"),
        ("    indented", "```\nindented\n```"),
        ("- a\n- b\n  - c\n", "• a\n• b\n    • c"),
        ("3. a\n4. b\n", "3. a\n4. b"),
        ("- a\n\n- b\n", "• a\n\n• b"),
        ("> a\n> b\n>\n> c", "> a\n> b\n>\n> c"),
        ("a\nb", "a\nb"),
        ("---", "———"),
        ("2 \\* 3 \\_x\\_", f"2 *{Z} 3 _{Z}x_{Z}"),
        ("EOD_POS_2026", "EOD_POS_2026"),
    ],
)
def test_markdown_becomes_slacks_own(markdown: str, mrkdwn: str):
    assert to_mrkdwn(markdown) == mrkdwn


def test_bold_that_slack_could_not_show_is_plain():
    assert to_mrkdwn(f"**{seal('')}**") == ""
    assert to_mrkdwn(f"**{seal(' a')}**") == " a"
    assert to_mrkdwn(f"**{seal('a')}**") == "*a*"


def test_a_fact_is_literal():
    assert literal("*a* _b_ ~c~ `d` <@U1> & EOD_POS") == (
        f"*{Z}a*{Z} _{Z}b_{Z} ~{Z}c~{Z} `{Z}d`{Z} &lt;@U1&gt; &amp; EOD_POS"
    )
    assert literal("> quote\n> more") == f"{Z}&gt; quote\n{Z}&gt; more"


def test_each_line_of_a_fact_in_a_quote_is_quoted():
    assert to_mrkdwn(f"> {seal('a' + chr(10) + 'b')}") == "> a\n> b"
