from __future__ import annotations

import pytest

from vigie.core.mime import read_mime
from vigie.core.mime_text import html_text, words


def lines(text: str) -> list[str]:
    return [" ".join(line.split()) for line in text.splitlines() if line.strip()]


@pytest.mark.parametrize(
    ("marked", "read"),
    [
        ("<p>one</p><p>two<br>three</p>", ["one", "two", "three"]),
        ("<table><tr><td>job</td><td>EOD</td></tr><tr><td>state</td><td>KO</td></tr></table>", ["job EOD", "state KO"]),
        ("<style>p {color: red}</style><script>KO</script><p>fine</p>", ["fine"]),
        ("a &lt;b&gt; &amp; &eacute; &#233;", ["a <b> & é é"]),
        ("<?xml version='1.0' encoding='utf-16'?><html><body>é</body></html>", ["é"]),
        ("", []),
    ],
)
def test_html_is_read_as_people_see_it(marked: str, read: list[str]):
    assert lines(html_text(marked)) == read


@pytest.mark.parametrize("tag", ["div", "b", "table><tr><td", "span"])
def test_no_nesting_hides_a_word(tag: str):
    assert "KO" in html_text(f"<{tag}>" * 5_000 + "KO")


def mail(*parts: tuple[str, str]) -> bytes:
    body = "".join(f"--b\nContent-Type: {kind}\n\n{text}\n" for kind, text in parts)
    return f"Content-Type: multipart/alternative; boundary=b\n\n{body}--b--\n".encode()


@pytest.mark.parametrize(
    ("parts", "read"),
    [
        ([("text/plain", "one"), ("text/html", "<p>two</p>")], "one"),
        ([("text/plain", "This mail is HTML."), ("text/html", "<p>" + "KO " * 200)], "KO"),  # a stub
        ([("text/plain; name=log.txt", "one"), ("text/html", "<p>two</p>")], "two"),
        ([("text/calendar", "SUMMARY:one"), ("text/html", "<p>two</p>")], "two"),
        ([("text/calendar", "SUMMARY:one")], "SUMMARY:one"),
    ],
)
def test_the_text_that_was_written_to_be_read(parts: list[tuple[str, str]], read: str):
    assert words(read_mime(mail(*parts))).text.strip().startswith(read)
