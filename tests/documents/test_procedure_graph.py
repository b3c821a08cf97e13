from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from vigie.core.way import ways
from vigie.documents.library import Library
from vigie.documents.procedure_graph import graph_svg

Write = Callable[[str, str | bytes], Path]

CHECKOUT = Library(Path(__file__).parents[2])
SVG = "{http://www.w3.org/2000/svg}"


def drawn(svg: str) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314  # our own drawing


@pytest.mark.parametrize("path", CHECKOUT.procedure_paths(), ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_step_and_every_way_is_drawn(path: Path):
    procedure = CHECKOUT.procedure_at(path)
    assert procedure is not None
    svg = drawn(graph_svg(procedure))
    titles = [title.text for title in svg.iter(f"{SVG}title")]
    assert all(step.title in titles for step in procedure.steps)
    branches = [way for way in ways(procedure) if way.kind != "next"]
    assert len(list(svg.iter(f"{SVG}circle"))) == len(branches)
    assert all(way.label in titles for way in branches if way.label)
    boxes = list(svg.iter(f"{SVG}rect"))
    spans = sorted((int(each.attrib["y"]), int(each.attrib["y"]) + int(each.attrib["height"])) for each in boxes)
    assert all(before[1] < after[0] for before, after in pairwise(spans))
    assert spans[-1][1] <= int(svg.attrib["height"])


def test_words_of_an_author_are_text_in_the_drawing(site: Library, write: Write):
    path = "include/procedures/nordwind/other.md"
    text = (site.root / path).read_text("utf-8").replace("### Look\n", '### Look <script>alert(1)</script> "&\n')
    write(path, text)
    svg = graph_svg(site.procedure("nordwind", "other"))
    assert "<script" not in svg
    assert 'Look <script>alert(1)</script> "&' in [title.text for title in drawn(svg).iter(f"{SVG}title")]
