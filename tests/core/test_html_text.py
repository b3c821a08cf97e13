from __future__ import annotations

import pytest

from vigie.core.html_text import html_text


def test_a_class_that_a_sheet_hides_is_not_read_wherever_the_sheet_stands():
    page = "<span class=pre>KO</span><p>OK</p><style>.pre{display:none}</style>"
    assert html_text(page).text == "OK"


@pytest.mark.parametrize(
    "unseen",
    ["<style>KO", "<script>KO", "<!-- KO", "<!-- KO --!>", "<!-->", "<STYLE type='text/css'>KO</STYLE >", "<script src=x>a<b</script>",
     "<!--[if !mso]><!-->", "<!--<![endif]-->"],
)  # fmt: skip
def test_styles_scripts_and_comments_are_no_text(unseen: str):
    assert html_text(f"<p>all well</p>{unseen}").text == "all well"


def test_much_that_nobody_sees_does_not_push_out_what_is_seen():
    styles = "<style>" + "p.MsoNormal {margin:0cm;font-size:11.0pt}\n" * 20_000 + "</style>"
    page = html_text(f"<html><head>{styles}</head><body><p>RESULTAT : KO</p></body></html>")
    assert (page.text, page.curtailed) == ("RESULTAT : KO", ())


def test_of_a_page_that_is_too_long_the_head_and_the_end_are_read():
    page = html_text("<p>begins</p>" + "<p>x</p>" * 100_000 + "<table><tr><td>RESULT</td><td>KO</td></tr></table>")
    assert page.text.startswith("begins\n\nx")
    assert page.text.endswith("RESULT KO")
    assert "x\n[… 400,065 characters not read …]\nx" in page.text
    assert page.curtailed == ("of 800,063 characters of its HTML the first 240,000 and the last 159,998 were read",)


def test_what_cannot_be_laid_out_loses_its_tags_alone():
    assert html_text("a&eacute;<br>b" + "<b>" * 40_000 + "</i>" * 40_000 + "KO&#99999999999;").text.split() == [
        "aé",
        "b",
        "KO\ufffd",
    ]
