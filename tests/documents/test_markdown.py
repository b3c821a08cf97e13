from __future__ import annotations

import pytest

from vigie.documents.markdown import page_html, reveal_html, to_html
from vigie.documents.sealed_fact import reveal, seal

HOSTILE = "[x](javascript:alert(1)) <b>*y*</b> \"'&\nz"


def html(markdown: str) -> str:
    return reveal_html(to_html(markdown)).strip()


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("<script>x</script>", "<p>&lt;script&gt;x&lt;/script&gt;</p>"),
        ("[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>"),
        ("[x](JaVaScRiPt:alert(1))", "<p>[x](JaVaScRiPt:alert(1))</p>"),
        ("[x](data:text/html;base64,xx)", "<p>[x](data:text/html;base64,xx)</p>"),
        ("[x](#close)", "<p>[x](#close)</p>"),
        ("[x](https://a.example/)", '<p><a href="https://a.example/">x</a></p>'),
        ("[x](mailto:a@b.example)", '<p><a href="mailto:a@b.example">x</a></p>'),
        ("![x](https://a.example/p.png)", '<p>!<a href="https://a.example/p.png">x</a></p>'),
        ("a\nb", "<p>a<br />\nb</p>"),
    ],
)
def test_a_message(markdown: str, expected: str):
    assert html(markdown) == expected


def test_a_page_may_link_to_itself_and_to_other_pages():
    assert page_html("[x](#close) [y](other.md)").strip() == '<p><a href="#close">x</a> <a href="other.md">y</a></p>'
    assert "<script" not in page_html("<script>x</script>")
    assert "href" not in page_html("[x](javascript:alert(1)) [y](//evil.example/x) [z](vbscript:a.md)")


def test_a_sealed_fact_is_text_wherever_it_stands():
    shown = "[x](javascript:alert(1)) &lt;b&gt;*y*&lt;/b&gt; &quot;&#x27;&amp;<br>\nz"
    fact = seal(HOSTILE)
    assert html(f"**{fact}**") == f"<p><strong>{shown}</strong></p>"
    assert html(f"> {fact}") == f"<blockquote>\n<p>{shown}</p>\n</blockquote>"
    assert html(f"`{fact}`") == f"<p><code>{shown}</code></p>"
    assert html(f"# {fact}") == f"<h1>{shown}</h1>"
    assert html(f"{fact}\n===") == f"<h1>{shown}</h1>"


@pytest.mark.parametrize("address", ["javascript:alert(1)", " javascript:x", "//evil.example", "data:text/html,x", ""])
def test_a_fact_is_a_links_target_only_where_it_is_safe(address: str):
    assert "<a" not in html(f"[x]({seal(address)})")
    assert 'href="#"' in reveal_html(f'<a href="{seal(address)}">x</a>')


def test_a_fact_may_be_a_links_target():
    assert (
        html(f"[x]({seal('https://a.example/?a=1&b=(2)')})")
        == '<p><a href="https://a.example/?a=1&amp;b=(2)">x</a></p>'
    )


def test_sealing_is_undone():
    for text in ("", "a", HOSTILE, "é\U0001f600", "x" * 5000):
        assert reveal(f"a{seal(text)}b") == f"a{text}b"
