from __future__ import annotations

import pytest

from vigie.core.html_layout import lay_out


@pytest.mark.parametrize(
    ("marked", "text"),
    [
        ("<p>one</p><p>two<br>three</p>", "one\n\ntwo\nthree"),
        ("<div>one</div>two<div>three</div>", "one\ntwo\nthree"),
        ("a <b> b</b>  c\n d", "a b c d"),
        ("a<b>b</b>c", "abc"),
        ("<pre>  at A\n    at B\n\n\nat C</pre>x", "at A\nat B\n\nat C\nx"),
        ("<div style='white-space: pre-wrap'>a\nb</div>", "a\nb"),
        ("<ul><li>a<li>b<ul><li>c</ul></ul>", "* a\n* b\n+ c"),
        ("<ol start=3><li>a<li value=9>b<li>c</ol>", "3. a\n9. b\n10. c"),
        ("say <q>yes</q>", 'say "yes"'),
        ("<h1>Title</h1>text", "Title\n\ntext"),
        ("<dl><dt>job<dd>EOD</dl>", "job\nEOD"),
        ("<select><option>a<option>b</select>", "a\nb"),
        ("a&nbsp;b&#32;&#x4B;O &eacute;", "a b KO é"),
        ("<b>unclosed<p>next", "unclosed\n\nnext"),
        ("</p></td>x</table>", "x"),
        ("<o:p>word</o:p>", "word"),
        ("障<ruby>害<rp>(</rp><rt>がい</rt><rp>)</rp></ruby>", "障害"),
        ("", ""),
        ("no mark at all", "no mark at all"),
    ],
)
def test_a_page_is_read_as_people_see_it(marked: str, text: str):
    assert lay_out(marked) == text


@pytest.mark.parametrize(
    ("marked", "text"),
    [
        ("<tr><td>job<td>KO", "job KO"),
        ("<tr><td>a<td>b<tr><td>c<td>d", "a b\nc d"),
        ("<tr><td>a<br>b<br>c<td>x", "a x\nb\nc"),
        ("<tr><td>x<td>a<br>b<br>c<td>y<br>z", "x a y\nb z\nc"),
        ("<tr><td>a<td><td>b", "a b"),
        ("<caption>Night</caption><tr><th>job<th>state", "Night\njob state"),
        ("<tbody><tr><td>a</tbody><tfoot><tr><td>b", "a\nb"),
        ("<tr><td>a<table><tr><td>b<td>c</table><td>d", "a d\nb c"),
        ("<tr><td><p>one</p><p>two</p><td>x", "one x\n\ntwo"),
        ("stray<tr><td>a", "stray\na"),
    ],
)
def test_the_cells_of_a_row_stand_side_by_side(marked: str, text: str):
    assert lay_out(f"<table>{marked}</table>") == text


@pytest.mark.parametrize(
    ("marked", "text"),
    [
        ('EOD <img src="cid:red" alt="KO">', "EOD KO"),
        ('<img alt="" title="KO">', "KO"),
        ('<img alt="pixel" width="1" height="1">x', "x"),
        ('<img alt="KO" style="display:none">x', "x"),
        ('<td style="font-size:0"><img alt="KO"></td>', "KO"),  # a picture has a size of its own
        ('<input type="submit" value="Restart"><input type="hidden" value="KO">', "Restart"),
        ('<input type=image alt="Go"><area alt="KO">', "GoKO"),
    ],
)
def test_what_stands_in_the_place_of_a_picture_is_read(marked: str, text: str):
    assert lay_out(marked) == text


@pytest.mark.parametrize(
    "hidden",
    [
        "<span hidden>KO</span>", "<p hidden='hidden'>KO</p>", "<div style='display:none'>KO<b>KO</b></div>",
        "<div style='DISPLAY : NONE !important'>KO</div>", "<span style='font-size:0'>KO</span>",
        "<span style='font-size: 0px; color: red'>KO</span>", "<span style='font-size:1px'>KO</span>",
        "<span style='font:0/0 a'>KO</span>", "<div style='font-size:0'>KO<b>KO</b><i style='font-size:2em'>KO</i></div>",
        "<span style='visibility:hidden'>KO</span>", "<p style='mso-hide:all'>KO</p>", "<p style='opacity:0'>KO</p>",
        "<div style='max-height:0;overflow:hidden'>KO</div>", "<div style='overflow:hidden; height:0px'>KO</div>",
        "<div style='position:absolute; left:-9999px'>KO</div>", "<p style='text-indent:-9999px'>KO</p>",
        "<div style='position:absolute;clip:rect(0,0,0,0)'>KO</div>", "<div style='display:none'><img alt=KO></div>",
        "<script>KO</script>", "<style>KO</style>", "<title>KO</title>", "<template>KO</template>", "<!-- KO -->",
        "<!--[if mso]>KO<![endif]-->", "<div style='display:none'><table><tr><td>KO</table></div>", "<noembed>KO</noembed>",
    ],
)  # fmt: skip
def test_hidden_text_is_not_read(hidden: str):
    assert lay_out(f"<p>all well</p>{hidden}<p>the end</p>") == "all well\n\nthe end"


@pytest.mark.parametrize(
    "seen",
    [
        "<div style='font-size:0'><span style='font-size:14px'>KO</span></div>",  # as many mail builders write it
        "<div style='font-size:0px'><p style='font:12px Arial'>KO</p></div>", "<div style='font-size:0'><font size=2>KO</font></div>",
        "<div style='visibility:hidden'><b style='visibility:visible'>KO</b></div>", "<p style='display:block'>KO</p>",
        "<p style='color:#ffffff;background:red'>KO</p>", "<p style='max-height:0'>KO</p>", "<p style='font-size:smaller'>KO</p>",
        "<p style='overflow:hidden;height:20px'>KO</p>", "<p style='opacity:0.6'>KO</p>", "<p style='left:-9999px'>KO</p>",
        "<p style='font-size:10'>KO</p>", "<p style='font-size:0.8em'>KO</p>", "<p style='line-height:0'>KO</p>",
        "<p style='display'>KO</p>", "<p data-hidden>KO</p>", "<p class=hidden>KO</p>", "<p style='x-display:none'>KO</p>",
        "<![if !mso]><p>KO</p><![endif]>", "<noscript>KO</noscript>", "<div style='font-size:x-small'>KO</div>",
        "<div style='display:none'>x</div>KO", "<p style='text-indent:-20px'>KO</p>",
    ],
)  # fmt: skip
def test_in_doubt_it_is_read(seen: str):
    assert lay_out(seen) == "KO"


@pytest.mark.parametrize("tag", ["div", "b", "table><tr><td", "span", "ul><li", "font"])
def test_no_nesting_hides_a_word(tag: str):
    assert "KO" in str(lay_out(f"<{tag}>" * 5_000 + "KO"))


def test_what_is_nested_too_deeply_for_its_ends_is_not_laid_out():
    assert lay_out("<b>" * 40_000 + "</i>" * 40_000) is None
