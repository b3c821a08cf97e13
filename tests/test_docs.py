"""What the pages say is there is there, and what is there is in the pages."""

from __future__ import annotations

import importlib
import inspect
import re
import shutil
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml
from markdown_it import MarkdownIt

from vigie import authoring
from vigie.cli.check import problems, problems_and_notes
from vigie.cli.commands import COMMANDS
from vigie.core.duration import format_duration
from vigie.core.file_watch import FileWatch
from vigie.core.missing_mail import MissingMailWatch
from vigie.core.watch import MailWatch
from vigie.tasks.mailbox_connection import MailboxExtra
from vigie.tasks.smtp_connection import SmtpExtra

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted(DOCS.rglob("*.md"))]
FILE = re.compile(r"^`((?:include|dags)/[^`\n]+)`\n\n(`{3,})\w+\n(.*?)^\2$", re.MULTILINE | re.DOTALL)
MARKDOWN = MarkdownIt().enable("table")
RULES = {"KoMail": MailWatch, "MissingFile": FileWatch, "MissingMail": MissingMailWatch}
NOT_FOR_PEOPLE = {"VIGIE_ENV_LOCK", "VIGIE_NOT_RUN", "VIGIE_SUPERVISED"}
"""Variables by which our own processes speak to one another."""


def page(name: str) -> str:
    return (DOCS / name).read_text("utf-8")


def section(text: str, heading: str) -> str:
    found = re.search(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    assert found, f"no section '{heading}'"
    return found[1]


def rows(text: str) -> list[list[str]]:
    """The rows of the tables of a text, without their headings."""
    found: list[list[str]] = []
    in_body = False
    for token, after in pairwise(MARKDOWN.parse(text)):
        in_body = token.type == "tbody_open" or (in_body and token.type != "tbody_close")
        if in_body and token.type == "tr_open":
            found.append([])
        if in_body and token.type == "td_open":
            found[-1].append(after.content)
    return found


def bare(cell: str) -> str:
    return cell.strip().strip("`")


# Authors


@pytest.mark.parametrize("word", authoring.__all__)
def test_every_word_of_a_flux_is_explained_with_every_parameter_and_its_default(word: str) -> None:
    parameters = inspect.signature(getattr(authoring, word)).parameters.values()
    named = {each.name: each for each in parameters if each.kind is not inspect.Parameter.VAR_KEYWORD}
    told = {bare(row[0]): row[-1] for row in rows(section(page("authors/fluxes.md"), word)) if row[0].startswith("`")}
    assert set(told) == set(named)
    for name, default in told.items():
        assert (default == "required") == (named[name].default is inspect.Parameter.empty), name
        if word in RULES and default.startswith("`"):
            assert default == f"`{_written(RULES[word].model_fields[name].default)}`", name


def _written(value: Any) -> str:
    if isinstance(value, timedelta):
        return f'"{format_duration(value)}"'
    return f'"{value}"' if isinstance(value, str) else str(value)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The checkout's own files, and over them all that docs/authors shows as files."""
    for folder in ("dags", "include"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    for each in sorted((DOCS / "authors").glob("*.md")):
        for path, _, content in FILE.findall(each.read_text("utf-8")):
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text(content, "utf-8")
    monkeypatch.setenv("VIGIE_SITE", str(tmp_path))
    return tmp_path


def test_all_files_that_the_authors_pages_show_pass_the_check_together(site: Path) -> None:
    problems, notes = problems_and_notes()
    assert problems == []
    # The notes are those that the guide speaks of: how long a file has to lie, a template in one language, drafts.
    about = [(note.path, note.message.partition(",")[0]) for note in notes if "has to lie" not in note.message]
    assert about == [
        (
            "include/clients/acme/client.yaml",
            "languages: no 'fr' of batch_ko: the channel would read another language.",
        ),
        ("include/procedures/acme/ask-depot.md", "a draft"),
        ("include/procedures/acme/relaunch-batch.md", "a draft"),
    ]
    assert len(about) < len(notes)
    assert (site / "dags/maison-lumiere/cash_report.py").exists()
    assert (site / "dags/acme/depot_replenishment.py").exists()


HEAD = "from __future__ import annotations\n\nfrom vigie.authoring import KoMail, MissingFile, MissingMail, Respond, flux\n\n\n"
USUAL = {
    "KoMail": {"task_id": '"batch_ko"', "mailbox": '"acme_ops"', "subject": r'r"\[KO\] (?P<job>\w+)"'},
    "MissingFile": {
        "task_id": '"files"',
        "where": '"acme_depot"',
        "path": '"{site.code}_{business_date}.csv"',
        "sites": '"stores"',
        "opens": '"00:00"',
        "due": '"06:00"',
    },
    "MissingMail": {
        "task_id": '"backups_ok"',
        "mailbox": '"acme_ops"',
        "subject": r'r"\[OK\] backup (?P<vm>\w+)"',
        "opens": '"22:00"',
        "due": '"06:00"',
        "distinct_by": '"vm"',
    },
    "Respond": {"severity": '"high"', "template": '"batch_ko"'},
}
TOLD = [
    tuple(bare(cell) for cell in row[:3])
    for row in rows(section((DOCS / "authors/fluxes.md").read_text("utf-8"), "What the check says"))
]


_SLIPS: dict[str, Callable[[str], str]] = {
    "a comma forgotten": lambda body: body.replace(", ", " ", 1),
    "a time without quotes": lambda body: body.replace('mailbox="acme_ops"', "mailbox=06:00"),
    "KoMial": lambda body: body.replace("KoMail", "KoMial"),
    "a watch twice": lambda body: f"{body}\n    {body}",
}


def _flux(word: str, wrote: str) -> str:
    """A file with this mistake and no other."""
    if wrote == "no flux at all":
        return HEAD
    given = dict(re.findall(r"(\w+)=(\[.*?\]|\{.*?\}|r?\".*?\"|\w+)(?:, |$)", wrote))
    client, name = given.pop("client", '"acme"') if word == "flux" else '"acme"', "probe"
    respond = USUAL["Respond"] | (given if word == "Respond" else {})
    watch = "MissingFile" if "group_by" in respond else word if word in RULES else "KoMail"
    arguments = USUAL[watch] | {"respond": f"Respond({_call(respond)})"} | (given if word == watch else {})
    body = f"{watch}({_call(arguments)})"
    if wrote == "another function's name":
        name = "other"
    if wrote == "a body without a watch":
        body = "pass"
    if wrote == "a bracket never closed":
        body = body.removesuffix(")")
    decorator = "@flux" if wrote == "no brackets after the decorator" else f'@flux(client={client}, stream="x")'
    body = _SLIPS.get(wrote, lambda written: written)(body)
    return f"{HEAD}{decorator}\ndef {name}():\n    {body}\n"


def _call(arguments: dict[str, str]) -> str:
    return ", ".join(f"{name}={value}" for name, value in arguments.items())


def test_the_mistakes_that_are_told_are_enough_to_be_worth_a_table() -> None:
    assert len(TOLD) > 20


@pytest.mark.parametrize(("word", "wrote", "says"), TOLD, ids=[f"{word}-{wrote}" for word, wrote, _ in TOLD])
def test_the_check_says_of_a_mistake_what_the_page_says(site: Path, word: str, wrote: str, says: str) -> None:
    folder = "acmee" if wrote == 'client="acmee"' else "acme"
    file = site / "dags" / folder / "probe.py"
    file.parent.mkdir(exist_ok=True)
    file.write_text(_flux(word, wrote), "utf-8")
    told = [f"{each.message} {each.remedy}".strip() for each in problems()]
    assert [" ".join(sentence.split()) for sentence in told] == [says]


def test_the_rehearsal_of_the_page_runs(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(ROOT)
    shown = section(page("authors/index.md"), "A KO mail, rehearsed")
    code = re.search(r"```python\n(.*?)```", shown, re.DOTALL)
    assert code
    exec(compile(code[1], "rehearse.py", "exec"), {})  # noqa: S102 (the page's own example)
    said = capsys.readouterr().out
    assert "[CRITICAL] Nordwind Logistik: EOD_POS is KO" in said
    assert "['[page 2] " in said
    assert said.endswith("INC-1 resolved\n")


def test_the_flux_of_the_readme_is_the_one_of_the_demo() -> None:
    assert (ROOT / "dags/nordwind/end_of_day.py").read_text("utf-8") in (ROOT / "README.md").read_text("utf-8")


# Operators


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_option_is_explained(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with suppress(SystemExit):
        importlib.import_module(COMMANDS[name][0]).main(["--help"])
    text = page("operators/index.md")
    assert f"`./vigie {name}" in text
    options = set(re.findall(r"--[a-z][a-z-]*", capsys.readouterr().out))
    assert [each for each in sorted(options) if f"{each}`" not in text and f"{each} " not in text] == []


def test_every_command_that_is_named_exists() -> None:
    named = {name for each in PAGES for name in re.findall(r"\./vigie ([a-z]+)", each.read_text("utf-8"))}
    compose = (ROOT / "docker-compose.yaml").read_text("utf-8")
    named |= set(re.findall(r"python -m vigie ([a-z]+)", compose))
    assert named == set(COMMANDS)


def _sources() -> str:
    return "\n".join(each.read_text("utf-8") for each in sorted((ROOT / "plugins").rglob("*.py")))


def test_every_variable_is_explained() -> None:
    read = set(re.findall(r"\bVIGIE_[A-Z_]+\b", _sources() + (ROOT / "docker-compose.yaml").read_text("utf-8")))
    told = "".join(each.read_text("utf-8") for each in PAGES)
    assert [each for each in sorted(read - NOT_FOR_PEOPLE) if f"`{each}`" not in told] == []


def test_every_field_of_a_connections_extra_is_explained() -> None:
    source = (ROOT / "plugins/vigie/tasks/connections.py").read_text("utf-8")
    keys = set(re.findall(r"extra(?:_dejson)?\.get\(\"(\w+)\"", source))
    assert {"host_key", "signing_secret"} <= keys
    assert [each for each in sorted(keys) if f"`{each}`" not in page("operators/vault.md")] == []
    mailbox = set(MailboxExtra.model_fields)
    assert [each for each in mailbox if f"`{each}`" not in page("operators/vault.md")] == []
    told = rows(section(page("operators/mailbox.md"), "What may stand in `extra`"))
    assert {bare(row[0]) for row in told} == mailbox
    sending = set(SmtpExtra.model_fields)
    told = rows(section(page("operators/smtp.md"), "What may stand in `extra`"))
    assert {name for row in told for name in re.findall(r"`(\w+)`", row[0])} == sending


def test_every_secret_and_service_of_the_cluster_is_explained() -> None:
    compose = yaml.safe_load((ROOT / "docker-compose.yaml").read_text("utf-8"))
    text = page("operators/cluster.md")
    assert [each for each in (*compose["secrets"], *compose["services"]) if f"`{each}`" not in text] == []


def test_every_reason_of_blindness_is_one_that_vigie_gives() -> None:
    sources = _sources()
    reasons = [row[0] for row in rows(section(page("operators/blind.md"), "Each message and its remedy"))]
    channels = section(page("operators/smtp.md"), "When the sign-in is refused").partition("| Reason |")[2]
    reasons += [row[0] for row in rows("| Reason |" + channels) if "5.7" not in row[0] and "535" not in row[0]]
    assert len(reasons) > 15
    pieces = [piece.strip(" :'") for each in reasons for piece in re.split(r"<[^>]*>|…|`|with", each)]
    assert [piece for piece in pieces if len(piece) > 8 and piece not in sources] == []


def test_every_mail_of_the_rounds_is_explained() -> None:
    folder = ROOT / "plugins/vigie"
    sources = [*folder.glob("tasks/*rounds*.py"), folder / "tasks/desk_pulse.py", folder / "core/desk_error.py"]
    written = {each for path in sources for each in re.findall(r"\"(Vigie: [^\"]*)\"", path.read_text("utf-8"))}
    told = {row[0].strip("*") for row in rows(section(page("operators/blind.md"), "Mails of the rounds themselves"))}
    shown = {re.sub(r"\{.*", "<what>" + each.rpartition("}")[2], each) for each in written}
    assert {*told, "Vigie: the desk works again"} == shown


# Developers


def test_every_need_of_the_tests_is_explained() -> None:
    needs = re.findall(r"^    \"(\w+)\": Need\(", (ROOT / "tests/conftest.py").read_text("utf-8"), re.MULTILINE)
    assert "dovecot" in needs
    assert [bare(row[0]) for row in rows(section(page("developers/testing.md"), "What a machine may lack"))] == needs


def test_every_decision_has_its_four_parts_and_its_line_in_the_list() -> None:
    for each in sorted((DOCS / "decisions").glob("000[1-9]*.md")):
        text = each.read_text("utf-8")
        for part in ("Context", "Options", "Outcome", "Consequences"):
            assert f"**{part}" in text, f"{each.name}: {part}"
        assert f"({each.name})" in page("decisions/0000-how-we-write-decisions.md")


# All


def test_the_glossary_has_the_twelve_words_in_both_languages() -> None:
    told = {row[0]: row[1] for row in rows(page("glossary.md"))}
    words = "client flux watch occurrence incident procedure step template rota logbook handover blind"
    assert list(told) == words.split()
    assert all(told.values())


def _links(text: str) -> list[str]:
    """Every link and picture, as a reader of Markdown sees them: not those in a block of code."""
    children = [child for token in MARKDOWN.parse(text) for child in token.children or ()]
    return [
        str(child.attrs.get("href") or child.attrs["src"]) for child in children if child.type in {"link_open", "image"}
    ]


def _anchors(text: str) -> set[str]:
    tokens = MARKDOWN.parse(text)
    headings = [after.content for token, after in pairwise(tokens) if token.type == "heading_open"]
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(path: Path) -> None:
    for link in _links(path.read_text("utf-8")):
        if link.startswith(("https://", "http://", "mailto:")):
            continue
        target, _, anchor = link.partition("#")
        file = (path.parent / target).resolve() if target else path
        assert file.exists(), link
        assert not anchor or anchor in _anchors(file.read_text("utf-8")), link


def test_every_page_and_picture_is_reached_from_the_readme() -> None:
    reached: set[Path] = set()
    waiting = [ROOT / "README.md"]
    while waiting:
        path = waiting.pop()
        if path in reached:
            continue
        reached.add(path)
        if path.suffix == ".md":
            links = [link.partition("#")[0] for link in _links(path.read_text("utf-8")) if "://" not in link]
            waiting += [(path.parent / link).resolve() for link in links if link]
    assert {*PAGES, *(DOCS / "images").iterdir()} - reached == set()


def test_pictures_are_small() -> None:
    sizes = {each.name: each.stat().st_size for each in (DOCS / "images").iterdir()}
    assert sizes
    assert {name for name, size in sizes.items() if size > 250_000} == set()


NAMED_TEST = re.compile(r"`(tests/[\w/]+\.py)?::(test_\w+)`")


def test_the_tests_that_the_page_of_security_names_are_there():
    found, file = 0, ""
    for named, test in NAMED_TEST.findall(page("operators/security.md")):
        file = named or file
        assert f"def {test}(" in (ROOT / file).read_text("utf-8"), f"{file} has no {test}"
        found += 1
    assert found > 30
