from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from tests.web.night import NIGHT

from vigie.core.entry import Entry
from vigie.documents.library import Library
from vigie.web.lexicon import Lexicon
from vigie.web.story import story


def entry(kind: str, text: str, actor: str = "desk", after: int = 0, **data: str) -> Entry:
    return Entry(at=NIGHT + timedelta(seconds=after), client="acme", kind=kind, actor=actor, text=text, data={**data})


@pytest.mark.parametrize(
    ("happened", "told"),
    [
        (entry("page.sent", "page to maison-lumiere by slack"), "Page in #maison-lumiere"),
        (entry("page.sent", "page to C_LUMIERE by slack: it had arrived"), "Page in C_LUMIERE: it had arrived"),
        (entry("page.sent", "page to camille@vigie.example by mail"), "Page to Camille Moreau by mail"),
        (entry("message.sent", "message to a@b.example by mail"), "Message to a@b.example by mail"),
        (entry("resolved.sent", "resolved to noah@vigie.example by mail"), "All clear to Noah Petit by mail"),
        (entry("desk.decided", "page 2: noah, camille"), "Page 2: Noah Petit, Camille Moreau"),
        (entry("desk.decided", "changed while waiting for an answer"), "Changed while waiting for an answer"),
        (entry("incident.acknowledged", "taken by camille", "camille", via="slack"), "Taken (Slack)"),
        (entry("procedure.step_opened", "Read the log", "procedure"), "Asked: Read the log"),
    ],
)
def test_an_entry_as_people_read_it(site: Path, happened: Entry, told: str) -> None:
    assert [line.text for line in story([happened], Lexicon(Library(site)))] == [told]


def test_neighbours_that_say_the_same_are_one_line_and_the_newest_is_first(site: Path) -> None:
    update = "update to maison-lumiere by slack"
    entries = [
        entry("page.sent", "page to maison-lumiere by slack"),
        *(entry("update.sent", update, after=number) for number in (1, 2, 3)),
        entry("incident.acknowledged", "taken", "camille", after=4),
        entry("desk.decided", "acknowledged by camille", after=5),
        entry("update.sent", update, after=6),
    ]
    lines = story(entries, Lexicon(Library(site)))
    assert [(line.text, line.actor, line.times) for line in lines] == [
        ("Update in #maison-lumiere", "Vigie", 1),
        ("Taken", "Camille Moreau", 1),
        ("Update in #maison-lumiere", "Vigie", 3),
        ("Page in #maison-lumiere", "Vigie", 1),
    ]
    assert lines[2].at == NIGHT + timedelta(seconds=3)
