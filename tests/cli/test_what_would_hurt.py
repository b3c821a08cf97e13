"""Files that load and mean what nobody wants: each is told with its line, and what to write instead."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from vigie.cli import flux_file
from vigie.cli.check import problems_and_notes
from vigie.cli.settings import CHECKOUT
from vigie.core.errors import Problem

EOD, REPL = "dags/nordwind/end_of_day.py", "dags/maison-lumiere/store_replenishment.py"
STORES, NORDWIND = "include/clients/maison-lumiere/stores.yaml", "include/clients/nordwind/client.yaml"
TEAM, EOD_KO = "include/rota/team.yaml", "include/procedures/nordwind/eod-pos-ko.md"
QUEUE, MAIL_KO, INFORM = (
    "include/procedures/nordwind/queue-stuck.md",
    "include/templates/mail_ko.md.j2",
    "include/templates/inform_client.md.j2",
)
DRAFT = "a draft: it has changed since"
MINUTES = "It takes about twelve minutes."

SEEDED = {
    "two stores, one path": (REPL, "REPL_{site.code}_{", "REPL_{",
        (f"{REPL}:12: MissingFile 'store_files': TKY-GINZA and TKY-OMOTESANDO wait for one file, 'outbound/REPL_20260303.csv', so that "
        "one would stand for both. Name {site.code}, or another column that tells them apart, in the path; or leave sites= out.")),
    "jeopardy": (REPL, 'jeopardy="30 min"', 'jeopardy="9 h"',
        f"{REPL}:12: MissingFile 'store_files': jeopardy='9 h' is as long as the window ('6 h'); write less, or open the window earlier."),
    "stable": (REPL, 'stable_for="30 s"', 'stable_for="8 h"',
        f"{REPL}:12: MissingFile 'store_files': stable_for='8 h' is as long as the window ('6 h'); write less, or open the window earlier."),
    "no address": (EOD, 'sender="batch@nordwind.example"', 'sender="batch at nordwind"',
        (f"{EOD}:12: KoMail 'batch_ko': sender: 'batch at nordwind' is no mail address; write 'batch@acme.example', or '@acme.example' for "
        "everybody there.")),
    "a display name": (EOD, 'sender="batch@nordwind.example"', 'sender="Batch <batch@nordwind.example>"',
        f"{EOD}:12: KoMail 'batch_ko': sender: 'Batch <batch@nordwind.example>' is no mail address; write 'batch@nordwind.example'."),
    "a table nearly": (REPL, 'sites="stores"', 'sites="store"',
        f"{REPL}:12: there is no table of sites 'store' for maison-lumiere. Did you mean 'stores'? Or write include/clients/maison-lumiere/store.yaml."),
    "a template nearly": (EOD, 'template="mail_ko"', 'template="mail_k0"',
        f"{EOD}:12: there is no template 'mail_k0' for nordwind. Did you mean 'mail_ko'? Or write include/templates/nordwind/mail_k0.md.j2."),
    "a word missing": (REPL, "where=", "wherex=",
        f"{REPL}:12: 'where' is missing. Write it in the call that begins here, or mend its spelling."),
    "a zone elsewhere": (STORES, "zone: Asia/Tokyo, country: JP", "zone: Europe/Paris, country: JP",
        (f"{STORES}:5: zone: the clocks of Europe/Paris are not those of JP, so its hours would be wrong. Write a zone of JP (Asia/Tokyo), "
        "or the country of Europe/Paris.")),
    "a client's zone": (NORDWIND, "zone: Europe/Berlin", "country: JP\nzone: Europe/Berlin",
        (f"{NORDWIND}:5: zone: the clocks of Europe/Berlin are not those of JP, so its hours would be wrong. Write a zone of JP (Asia/Tokyo), "
        "or the country of Europe/Berlin.")),
    "a tab": (NORDWIND, "zone: Europe", "\tzone: Europe",
        f"{NORDWIND}:4: not valid YAML: a tab stands where a field begins. Indent with spaces."),
    "one address": (TEAM, "email: bruno@vigie.example", "email: Camille@vigie.example",
        f"{TEAM}:10: bruno: 'Camille@vigie.example' is the address of camille too. Give each person one of their own."),
    "one Slack user": (TEAM, "slack: U_BRUNO", "slack: U_CAMILLE",
        f"{TEAM}:11: bruno: 'U_CAMILLE' is the Slack user of camille too. Write each person's own member ID."),
    "no delay": (TEAM, "{page: [camille], delay: 10 min}", "{page: [camille], delay: 0 s}",
        f"{TEAM}:27: delay: write at least '10 s' (found '0 s'): nobody could answer before the next is called."),
    "twice in a step": (TEAM, "page: [bruno]", "page: [bruno, bruno]",
        f"{TEAM}:28: page: 'bruno' stands twice; a step calls everybody in it once."),
    "opens itself": (QUEUE, "## Escalate", "### Again\n\n```open\nprocedure: queue-stuck\n```\n\n## Escalate",
        (f"{QUEUE}:LINE: the procedures open each other for ever: queue-stuck -> queue-stuck. Take one 'open' out, or let a question lead to "
        "it ('[…](name.md)').")),
    "reviewed ahead": (EOD_KO, "reviewed: 2026-10-19", "reviewed: 2062-10-19",
        f"{EOD_KO}:6: reviewed: 2062-10-19 has not come yet, so nobody would be asked to review it. Write the day of the last review."),
    "no patience": (EOD_KO, "escalate_after: 10 min", "escalate_after: 0 min",
        f"{EOD_KO}:8: escalate_after: write at least '10 s' (found '0 s'): nobody could answer before the next is called."),
    "to do": (EOD_KO, MINUTES, "TODO: how long?",
        f"{EOD_KO}:LINE: 'TODO' is left in a text that people follow or read. Write what is missing, or take it out."),
    "a merge": (INFORM, "Hello,", "<<<<<<< HEAD\nHello,\n=======\nHi,\n>>>>>>> x",
        f"{INFORM}:LINE: a merge is half done: '<<<<<<< HEAD'. Keep one of the two texts, and take the marks out."),
    "a script": (EOD_KO, MINUTES, "See [it](JavaScript:alert(1)).",
        f"{EOD_KO}:LINE: a link leads to 'javascript:', and would be shown as plain text. Link to 'https://…', 'mailto:…', or a step ('#heading')."),
    "a fact of a procedure": (EOD_KO, "{{ mail.subject }}", "{{ facts.jobs }}",
        f"{EOD_KO}:LINE: facts.jobs: no pattern of nordwind.end_of_day.batch_ko has a (?P<jobs>…), so it is always empty. Did you mean 'job'?"),
    "a fact of a template": ("include/templates/maison-lumiere/mail_ko.fr.md.j2", "{{ facts.job or flux }} est KO", "{{ facts.jub or flux }} est KO",
        ("include/templates/maison-lumiere/mail_ko.fr.md.j2:LINE: facts.jub: no pattern of maison-lumiere.price_update.prices_ko, "
        "maison-lumiere.store_replenishment.wms_ko has a (?P<jub>…), so it is always empty. Did you mean 'job'?")),
}  # fmt: skip

NOTED = {
    "overdue": (EOD_KO, "reviewed: 2026-10-19", "reviewed: 2023-10-19", f"{EOD_KO}:6: reviewed: the review is overdue by ",
        " Let bruno read it, and write the day of the review."),
    "another language": (NORDWIND, "languages: [en]", "languages: [de, en]",
        f"{NORDWIND}:5: languages: no 'de' of mail_ko, mail_missing: the channel would read another language.",
        " Write include/templates/mail_ko.de.md.j2."),
}  # fmt: skip


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for folder in ("dags", "include"):
        shutil.copytree(CHECKOUT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setenv("VIGIE_SITE", str(tmp_path))
    return tmp_path


def noted() -> tuple[list[Problem], list[Problem]]:
    """The problems and the notes, but for how long a file has to lie: that is told of each rule."""
    problems, notes = problems_and_notes()
    return problems, [note for note in notes if "has to lie" not in note.message]


def seed(site: Path, file: str, old: str, new: str) -> int:
    """Write the fault; the first line that it changes."""
    path = site / file
    if not path.exists():
        path.parent.mkdir(exist_ok=True)
        path.write_text((path.parents[1] / path.name).read_text("utf-8"), "utf-8")
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    return text[: text.index(old)].count("\n") + 1


@pytest.mark.parametrize("name", SEEDED)
def test_a_fault_of_meaning_is_told(site: Path, name: str) -> None:
    file, old, new, told = SEEDED[name]
    line = seed(site, file, old, new)
    found = [str(each) for each in problems_and_notes()[0]]
    assert told.replace("LINE", str(line)) in found


@pytest.mark.parametrize("name", NOTED)
def test_what_may_be_meant_is_a_note(site: Path, name: str) -> None:
    file, old, new, begins, ends = NOTED[name]
    seed(site, file, old, new)
    problems, notes = problems_and_notes()
    assert problems == []
    assert any(str(each).startswith(begins) and str(each).endswith(ends) for each in notes), notes


def test_two_rules_that_wait_for_the_same_files(site: Path) -> None:
    text = (site / REPL).read_text("utf-8")
    rule = text[text.index("    MissingFile(") : text.index("    KoMail(")]
    seed(site, REPL, "    KoMail(", rule.replace("store_files", "again") + "    KoMail(")
    problems, notes = noted()
    assert problems == []
    assert [str(each) for each in notes] == [
        f"{REPL}:28: MissingFile 'again' waits for the files of 'store_files': a file ends both. Nothing to do where that is meant."
    ]


def test_an_owner_who_approves_his_own_text(site: Path) -> None:
    seed(site, EOD_KO, "owner: bruno", "owner: camille")
    from vigie.tasks.site import library

    digest = library().procedure_files.written(site / EOD_KO).digest
    with (site / "include/procedures/approvals.yaml").open("a", encoding="utf-8") as file:
        file.write(
            f'- {{procedure: nordwind/eod-pos-ko, digest: {digest}, by: camille, at: "2026-11-27T10:00:00Z", change: editorial}}\n'
        )
    shutil.copy(site / EOD_KO, site / "include/procedures/.approved/nordwind/eod-pos-ko.md")
    problems, notes = noted()
    assert [str(each) for each in (*problems, *notes)] == [
        (
            f"{EOD_KO}: camille owns it and has approved it: nobody else has read this text. Let somebody else run "
            "'./vigie approve nordwind/eod-pos-ko --as NAME'."
        )
    ]


def test_a_file_that_is_never_loaded(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flux_file, "SECONDS", 1)
    seed(
        site,
        EOD,
        "from __future__ import annotations\n",
        "from __future__ import annotations\n\nwhile True:\n    pass\n",
    )
    (problem,) = (each for each in problems_and_notes()[0] if each.path == EOD)
    assert str(problem).startswith(f"{EOD}:")
    assert "the file is not loaded after 1 s" in str(problem)


def test_files_beside_the_authored_ones_are_no_fault(site: Path) -> None:
    for path in ("dags/README.md", "dags/nordwind/README.md", "include/README.md", "include/procedures/README.md",
                 "include/templates/README.md", "include/clients/README.md", "include/rota/README.md"):  # fmt: skip
        (site / path).write_text("# About this folder\n\nTODO: say more.\n", "utf-8")
    (site / "dags/nordwind/senders.py").write_text('BATCH = "batch@nordwind.example"\n', "utf-8")
    seed(site, EOD, "from vigie.authoring", "from nordwind.senders import BATCH  # noqa: F401\nfrom vigie.authoring")
    assert [str(each) for found in noted() for each in found] == []


def test_remarks_are_their_authors_own(site: Path) -> None:
    seed(site, MAIL_KO, "{% block text %}", "{# TODO: a nicer sentence #}\n{% block text %}")
    assert noted() == ([], [])
