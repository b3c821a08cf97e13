from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from vigie.core.errors import InvalidDocument
from vigie.core.site import Site
from vigie.documents.library import Library

Write = Callable[[str, str | bytes], Path]


def told(call: Callable[..., object], *args: str) -> str:
    with pytest.raises(InvalidDocument) as refused:
        call(*args)
    return str(refused.value)


def test_what_a_site_holds(site: Library):
    assert site.client_ids() == ["nordwind"]
    assert site.client("nordwind").contacts["operations"].email == "operations@nordwind.example"
    assert list(site.clients()) == ["nordwind"]
    assert site.tables("nordwind") == ["plants"]
    assert site.sites("nordwind", "plants")[0].attribute("hub") == "north"
    assert site.rota().platform_channel == "platform"
    assert site.procedure("nordwind", "other").title == "Another one"
    assert [path.name for path in site.procedure_paths()] == ["wake.md", "other.md"]
    assert site.template_exists("inform_client", "nordwind")
    assert site.template_exists("ask_depot", "nordwind")
    assert not site.template_exists("ask_depot", "acme")
    assert not site.template_exists("_incident", "nordwind")
    assert site.render("inform_client", "nordwind", "fr", {"client": "N", "title": "T"}).subject == "N: T"


def test_what_it_does_not_hold_is_told(site: Library):
    assert told(site.client, "nordwint") == "include/clients: no client is called 'nordwint'. Did you mean 'nordwind'?"
    assert told(site.sites, "nordwind", "plant") == (
        "include/clients/nordwind: no table of sites is called 'plant'. Did you mean 'plants'?"
    )
    assert told(site.sites, "nordwind", "client").startswith(
        "include/clients/nordwind: no table of sites is called 'client'."
    )
    assert told(site.procedure, "nordwind", "othr") == (
        "include/procedures/nordwind: no procedure is called 'othr'. Did you mean 'other'?"
    )


@pytest.mark.parametrize("name", ["..", "../nordwind", "a/b", "/etc", "", "a\x00", "A"])
def test_a_name_from_outside_never_leaves_the_folders(site: Library, name: str):
    told(site.client, name)
    if name:
        told(site.sites, "nordwind", name)
    told(site.sites, name, "plants")
    told(site.procedure, "nordwind", name)
    told(site.procedure, name, "nothing")
    assert site.template(name) is None


def test_without_a_table_the_client_itself_is_the_only_site(site: Library):
    client = site.client("nordwind")
    assert site.sites("nordwind", "") == (Site(code="nordwind", name=client.name, zone=client.zone, country=""),)


def test_an_empty_site_is_not_an_error_until_it_is_asked(tmp_path: Path):
    library = Library(tmp_path)
    assert library.clients() == {}
    assert library.procedure_paths() == []
    assert [str(problem) for problem in library.problems()] == [
        "include/rota: 'platform_channel' is missing. Add a line 'platform_channel: …' to one of its files."
    ]


def test_a_procedure_that_all_share(site: Library, write: Write):
    text = (
        (site.root / "include/procedures/nordwind/other.md").read_text().replace("client: nordwind", "client: _shared")
    )
    write("include/procedures/_shared/common.md", text)
    assert site.procedure("nordwind", "common").client == "_shared"
    assert site.problems() == []


def test_a_changed_file_counts_at_once(site: Library, write: Write):
    plants = site.sites("nordwind", "plants")
    digest = site.sites_digest("nordwind", "plants")
    write("include/clients/nordwind/plants.yaml", "- {code: HAM-2, zone: Europe/Berlin, country: DE, hub: north}\n")
    assert site.sites("nordwind", "plants") != plants
    assert site.sites_digest("nordwind", "plants") != digest
    rota = (site.root / "include/rota/team.yaml").read_text()
    write("include/rota/team.yaml", rota.replace("10 min", "20 min"))
    assert site.rota().policies["client_duty"].steps[0].delay.total_seconds() == 1200
    write("include/rota/more.yaml", "people:\n  aiko: {name: Aiko, email: aiko@vigie.example}\n")
    assert "aiko" in site.rota().people


def test_a_file_replaced_by_one_of_the_same_size_and_time_counts_too(site: Library, write: Write):
    file = site.root / "include/clients/nordwind/plants.yaml"
    site.sites("nordwind", "plants")
    times = (file.stat().st_atime_ns, file.stat().st_mtime_ns)
    other = file.with_name("new")
    other.write_text(file.read_text().replace("HAM-1", "HAM-9"))
    os.utime(other, ns=times)
    other.replace(file)
    assert site.sites("nordwind", "plants")[0].code == "HAM-9"


def test_an_unchanged_file_is_read_once(site: Library):
    assert site.client("nordwind") is site.client("nordwind")
    assert site.sites("nordwind", "plants") is site.sites("nordwind", "plants")
    assert site.procedure("nordwind", "other") is site.procedure("nordwind", "other")
    assert site.rota() is site.rota()


def test_a_procedure_notices_what_happens_around_it(site: Library, write: Write):
    text = (site.root / "include/procedures/nordwind/other.md").read_text()
    write(
        "include/procedures/nordwind/other.md",
        text.replace("Look again.", "```send\ntemplate: inform_client\nto: operations\n```"),
    )
    assert site.procedure("nordwind", "other").steps[0].action is not None
    (site.root / "include/templates/inform_client.md.j2").unlink()
    assert "no template 'inform_client'" in told(site.procedure, "nordwind", "other")


def test_a_broken_file_takes_no_other_away(site: Library, write: Write):
    write("include/clients/acme/client.yaml", "name: [")
    write("include/clients/acme/plants.yaml", "- {code: A}")
    write("include/procedures/nordwind/bad.md", b"\xff")
    assert list(site.clients()) == ["nordwind"]
    assert site.procedure("nordwind", "other").title == "Another one"
    assert {problem.path for problem in site.problems()} == {
        "include/clients/acme/client.yaml",
        "include/clients/acme/plants.yaml",
        "include/procedures/nordwind/bad.md",
    }


def test_a_broken_client_takes_none_of_its_procedures_away(site: Library, write: Write):
    other = (site.root / "include/procedures/nordwind/other.md").read_text("utf-8")
    step = "```send\ntemplate: inform_client\nto: operations\n```\n\n### Look\n"
    write("include/procedures/nordwind/other.md", other.replace("### Look\n", f"### Tell\n\n{step}"))
    assert site.procedure("nordwind", "other").steps[0].action is not None
    write("include/clients/nordwind/client.yaml", "name: [\n")
    assert site.procedure("nordwind", "other").steps[0].action is not None
    assert {problem.path for problem in site.problems()} == {"include/clients/nordwind/client.yaml"}


def test_a_client_that_left(site: Library):
    site.client("nordwind")
    shutil.rmtree(site.root / "include/clients/nordwind")
    assert told(site.client, "nordwind").startswith("include/clients: no client is called 'nordwind'.")


def test_files_that_nothing_reads_are_told(site: Library, write: Write):
    write("include/clients/nordwind/stores.yml", "")
    write("include/procedures/nordwind/notes.txt", "")
    write("include/procedures/Nobody/x.md", "")
    write("include/templates/mail_ko.j2", "")
    write("include/templates/nobody/Mail.md.j2", "")
    write("include/rota/old/team.yaml", "")
    write("include/clients/Two_Words/client.yaml", "")
    (site.root / "include/clients/empty").mkdir()
    assert [
        str(problem) for problem in site.problems() if problem.line is None and "section" not in problem.message
    ] == [
        "include/clients/Two_Words: 'Two_Words' cannot be the name of a client. Use small letters, digits and '-': 'two-words'.",
        "include/clients/empty: the client has no client.yaml. Write include/clients/empty/client.yaml.",
        "include/clients/nordwind/stores.yml: nothing reads this file. Call it stores.yaml.",
        "include/procedures/Nobody/x.md: no client is called 'Nobody'. Known: nordwind.",
        "include/procedures/nordwind/notes.txt: nothing reads this file. Call it notes.md.",
        "include/rota/old/team.yaml: nothing reads this file. Name it *.yaml in include/rota.",
        "include/templates/mail_ko.j2: nothing reads this file. Call it mail_ko.md.j2.",
        "include/templates/nobody/Mail.md.j2: a template is called '<name>.md.j2' or '<name>.<language>.md.j2', in small letters.",
        "include/templates/nobody/Mail.md.j2: no client is called 'nobody'. Known: nordwind.",
    ]


def test_what_a_broken_table_seems_to_lack_is_not_told(site: Library, write: Write):
    write(
        "include/clients/nordwind/calendar.yaml",
        "plants:\n  works: every day\n  closed:\n    - {on: 2026-12-24, reason: x, sites: [HAM-9]}\n",
    )
    assert [problem.message for problem in site.problems()] == ["plants: no table of this client has a site 'HAM-9'."]
    write("include/clients/nordwind/plants.yaml", "- {code: HAM-9, zone: Europe/Berln, country: DE}\n")
    assert [problem.message for problem in site.problems()] == ["zone: 'Europe/Berln' is not a time zone."]


def test_templates_and_procedures_of_a_client_without_its_file_are_not_told_too(site: Library):
    (site.root / "include/clients/nordwind/client.yaml").unlink()
    assert [str(problem) for problem in site.problems()] == [
        "include/clients/nordwind: the client has no client.yaml. Write include/clients/nordwind/client.yaml."
    ]
