"""A procedure as a page: its headings get their anchors, its links lead to our pages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from typing import Any

from vigie.core.action import ACTIONS
from vigie.core.procedure import Procedure
from vigie.documents.findings import Findings
from vigie.documents.front_matter import read_front_matter
from vigie.documents.markdown import page_html
from vigie.documents.outline import sections
from vigie.documents.procedure_text import filled

_PAGE = re.compile(r'<a href="(?:\.\./_shared/|\./)?([a-z0-9][a-z0-9_-]*)\.md">')
_ELSEWHERE = re.compile(r'<a href="(?=https?://)', re.IGNORECASE)
_BOX = re.compile(r"(<li>(?:\n?<p>)?)\[ \] ")
_ACTION = re.compile(r'<pre><code class="language-([a-z_]+)')


def procedure_html(procedure: Procedure, folder: str, facts: Mapping[str, Any] | None = None) -> str:
    """The body of the procedure as HTML; raw HTML in it is text. ``folder`` is the path of its client's pages.

    The ``facts`` of an incident are filled in; without any, ``{{ facts.job }}`` stands as it was written.
    """
    _, body, _ = read_front_matter(procedure.source, Findings(procedure.path), example="title: …")
    lines = body.split("\n")
    parts = []
    for section in sections(body):
        if section.level:
            level = min(section.level, 6)
            parts.append(f'<h{level} id="{escape(section.anchor)}">{escape(section.title)}</h{level}>')
        if section.blocks:
            text = "\n".join(lines[section.blocks[0].start : section.blocks[-1].end])
            parts.append(page_html(text) if facts is None else filled(text, facts, "html"))
    html = "\n".join(parts)
    html = _PAGE.sub(lambda found: f'<a href="{escape(folder)}/{found[1]}">', html)
    html = _ELSEWHERE.sub('<a data-leave="new" rel="noopener noreferrer" href="', html)
    html = _BOX.sub(r"\1☐ ", html)
    return _ACTION.sub(_action, html)


def _action(found: re.Match[str]) -> str:
    known = ACTIONS.get(found[1])
    return f'<p class="does">Vigie does this: {escape(known.purpose)}</p>{found[0]}' if known else found[0]
