"""Each file of tests/broken is named after its mistake; beside it stands what the author is told, word for word."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from vigie.documents.library import Library

Write = Callable[[str, str | bytes], Path]

BROKEN = Path(__file__).parents[1] / "broken"
PLACES = {
    "procedure": "include/procedures/nordwind/broken.md",
    "template": "include/templates/broken.md.j2",
    "client": "include/clients/nordwind/client.yaml",
    "sites": "include/clients/nordwind/plants.yaml",
    "calendar": "include/clients/nordwind/calendar.yaml",
    "rota": "include/rota/team.yaml",
    "mail_desk": "include/mail_desk.yaml",
}
FILES = sorted(path for path in BROKEN.iterdir() if path.suffix != ".txt" and path.name.split(".")[0] in PLACES)


def test_a_site_without_a_mistake_has_no_problem(site: Library):
    assert site.problems() == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_the_author_is_told(file: Path, site: Library, write: Write):
    write(PLACES[file.name.split(".")[0]], file.read_bytes())
    told = "".join(f"{problem}\n" for problem in site.problems())
    expected = file.with_name(file.name + ".txt")
    assert told == expected.read_text("utf-8")
    assert told


@pytest.mark.parametrize(
    "file", [file for file in FILES if file.name.startswith("procedure.")], ids=lambda file: file.name
)
def test_a_wrong_procedure_takes_no_other_away(file: Path, site: Library, write: Write):
    write(PLACES["procedure"], file.read_bytes())
    assert site.procedure("nordwind", "other").title == "Another one"
