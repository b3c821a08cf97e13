"""What each template bomb costs, each in a process of its own: `python -m tests.documents.bomb_costs [NAME ...]`.

One line of JSON for each: its name, its bytes, the seconds of the processor, the most megabytes that the whole process
had, and what was told of it.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from tests.documents.template_bombs import BOMBS
from tests.measured import cost

from vigie.core.errors import InvalidDocument
from vigie.documents.template_file import TemplateFile
from vigie.documents.templates import Templates

FACTS: dict[str, Any] = {
    "title": "x" * 90, "count": 3, "facts": {"job": "EOD"},
    "missing": [{"site": f"S{n:04}", "name": "x" * 100, "path": "x" * 100, "due": "06:00"} for n in range(50)],
}  # fmt: skip


class _Files:
    def __init__(self, text: str) -> None:
        self._source = "{% block subject %}{{ title }}{% endblock %}{% block text %}" + text + "{% endblock %}"

    def template(self, file: str) -> TemplateFile | None:
        return TemplateFile(file, "a bomb", {}, self._source) if file == "bomb.md.j2" else None

    def template_stamp(self, file: str) -> object:
        return 1 if file == "bomb.md.j2" else None


def render(text: str) -> dict[str, Any]:
    """Render a template of this text; what was made of it, or told."""
    templates = Templates(_Files(text))
    try:
        message = templates.render("bomb.md.j2", FACTS)
    except InvalidDocument as failed:
        return {"bytes": len(text), "told": str(failed)[:200]}
    return {"bytes": len(text), "told": "", "length": len(message.text) + len(message.html) + len(message.slack)}


def main() -> None:
    """Tell the cost of each bomb that is named, or of all."""
    for name in sys.argv[1:] or BOMBS:
        print(json.dumps({"name": name, **cost(lambda name=name: BOMBS[name], render)}), flush=True)


if __name__ == "__main__":
    main()
