"""The graph of a procedure as a drawing (SVG): its steps from top to bottom, and a line for each way out of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from itertools import pairwise
from typing import NamedTuple

from vigie.core.procedure import CLOSE, ESCALATE, Procedure, Step
from vigie.core.way import Way, ways

WIDTH, LEFT, LABELS, LANE = 300, 16, 300, 16
_HEAD, _LINE, _GAP = 46, 20, 30

STYLE = """
text { font: 13px system-ui, sans-serif; fill: #1c2733 } .small { font-size: 11px; fill: #5b6b7b }
.box { fill: #fff; stroke: #8a9aab; stroke-width: 1.2 } .action { fill: #eef4fb } .page { fill: #f6f1fb }
.close { fill: #e9f6ee; stroke: #2d7d46 } .escalate { fill: #fdecea; stroke: #b3261e }
.way { fill: none; stroke: #8a9aab; stroke-width: 1.4 } .way.close { fill: none; stroke: #2d7d46 }
.way.escalate { fill: none; stroke: #b3261e } .way.page { fill: none; stroke: #7a5ba6 } .failure { stroke-dasharray: 5 4 }
.dot { fill: #8a9aab } .dot.close { fill: #2d7d46 } .dot.escalate { fill: #b3261e } .dot.page { fill: #7a5ba6 }
"""

WORDS: Mapping[str, tuple[str, str]] = {
    "read": ("to do", "à faire"),
    "question": ("question", "question"),
    "inputs": ("to fill in", "à remplir"),
    "boxes": ("to tick", "à cocher"),
    "four eyes": ("four eyes", "quatre yeux"),
    "fails": ("it fails", "en cas d'échec"),
    "done": ("Done", "Fait"),
    ESCALATE: ("Escalate", "Escalade"),
    CLOSE: ("Close", "Clôture"),
    "opens": ("opens another procedure", "ouvre une autre procédure"),
}
"""The words of the drawing, in English and in French."""


class _Row(NamedTuple):
    """A box: ``kind`` is its class, ``out`` the ways that are drawn to its right."""

    anchor: str
    title: str
    below: str
    kind: str
    out: Sequence[Way]
    top: int
    height: int

    @property
    def bottom(self) -> int:
        return self.top + self.height


def is_french(procedure: Procedure) -> bool:
    """Whether the page's own headings are French."""
    return "\n## Signification" in procedure.source


def graph_svg(procedure: Procedure) -> str:
    """The drawing, complete in itself: no script, no font and no picture from elsewhere."""
    language = 1 if is_french(procedure) else 0
    rows = _rows(procedure, language)
    lanes = _lanes(rows)
    width = LEFT + WIDTH + LABELS + LANE * (max(lanes.values(), default=0) + 2)
    height = max(row.bottom for row in rows.values()) + 16
    drawn = [*_lines(rows, lanes, language), *(part for row in rows.values() for part in _box(row))]
    marker = (
        '<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        '<path d="M0 0L8 4L0 8z" fill="context-stroke"/></marker></defs>'
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" aria-label="{escape(procedure.title)}"><style>{STYLE}</style>{marker}{"".join(drawn)}</svg>'
    )


def _rows(procedure: Procedure, language: int) -> dict[str, _Row]:
    every = list(ways(procedure))
    rows: dict[str, _Row] = {}
    top = 12
    for step in procedure.steps:
        out = [way for way in every if way.step == step.anchor and way.kind != "next"]
        height = _HEAD + _LINE * max(len(out) - 1, 0)
        kind = "action" if step.action else "step"
        rows[step.anchor] = _Row(step.anchor, step.title, _about(step, language), kind, out, top, height)
        top += height + _GAP
    targets = dict.fromkeys(way.target for way in every)
    for end in (CLOSE, ESCALATE, *(target for target in targets if target.endswith(".md"))):
        if end in targets:
            page = end.endswith(".md")
            below = WORDS["opens"][language] if page else ""
            title = end.removesuffix(".md") if page else WORDS[end][language]
            rows[end] = _Row(end, title, below, "page" if page else end, [], top, _HEAD - (0 if page else 12))
            top = rows[end].bottom + 14
    return rows


def _about(step: Step, language: int) -> str:
    parts = []
    if step.action:
        parts.append(step.action.name)
    elif step.choices:
        parts.append(WORDS["question"][language])
    if step.inputs:
        parts.append(f"{len(step.inputs)} {WORDS['inputs'][language]}")
    if step.checklist:
        parts.append(f"{len(step.checklist)} {WORDS['boxes'][language]}")
    if step.four_eyes:
        parts.append(WORDS["four eyes"][language])
    return " · ".join(parts) or WORDS["read"][language]


def _lanes(rows: Mapping[str, _Row]) -> dict[str, int]:
    """One lane for each box that lines lead to; two boxes share one where their lines do not meet."""
    spans: dict[str, tuple[int, int]] = {}
    for row in rows.values():
        for way in row.out:
            begin, _ = spans.get(way.target, (row.top, 0))
            spans[way.target] = (min(begin, row.top), rows[way.target].bottom)
    lanes: dict[str, int] = {}
    taken: list[int] = []
    for target, (begin, end) in sorted(spans.items(), key=lambda each: each[1]):
        lane = next((number for number, busy in enumerate(taken) if busy < begin), len(taken))
        taken[lane : lane + 1] = [end]
        lanes[target] = lane
    return lanes


def _lines(rows: Mapping[str, _Row], lanes: Mapping[str, int], language: int) -> Iterable[str]:
    ordered = list(rows.values())
    for row, after in pairwise(ordered):
        asks = any(way.kind == "answer" for way in row.out)
        if row.kind in {"step", "action"} and not asks:
            middle = LEFT + 40
            yield f'<path class="way" marker-end="url(#arrow)" d="M{middle} {row.bottom}V{after.top - 1}"/>'
    right = LEFT + WIDTH
    for row in ordered:
        for number, way in enumerate(row.out):
            target = rows[way.target]
            y = row.top + 34 + _LINE * number
            x = right + LABELS + LANE * lanes[way.target]
            kind = target.kind if target.kind in {CLOSE, ESCALATE, "page"} else "step"
            dashed = " failure" if way.kind == "failure" else ""
            label = WORDS["fails"][language] if way.kind == "failure" else way.label
            shown = label if len(label) <= 42 else f"{label[:41]}…"
            yield (
                f'<text x="{right + 10}" y="{y - 4}"><title>{escape(label)}</title>{escape(shown)}</text>'
                f'<path class="way {kind}{dashed}" d="M{right} {y}H{x}V{target.top + 8}"/>'
                f'<circle class="dot {kind}" cx="{x}" cy="{y}" r="3"/>'
            )
    for anchor, lane in lanes.items():
        target = rows[anchor]
        kind = target.kind if target.kind in {CLOSE, ESCALATE, "page"} else "step"
        start = right + LABELS + LANE * lane
        yield f'<path class="way {kind}" marker-end="url(#arrow)" d="M{start} {target.top + 8}H{right + 2}"/>'


def _box(row: _Row) -> Iterable[str]:
    title = row.title if len(row.title) <= 40 else f"{row.title[:39]}…"
    middle = row.top + (19 if row.below else 22)
    yield (
        f'<g><title>{escape(row.title)}</title><rect class="box {row.kind}" x="{LEFT}" y="{row.top}" '
        f'width="{WIDTH}" height="{row.height}" rx="6"/><text x="{LEFT + 12}" y="{middle}">{escape(title)}</text>'
    )
    yield f'<text class="small" x="{LEFT + 12}" y="{middle + 17}">{escape(row.below)}</text></g>'
