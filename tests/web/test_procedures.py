from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from tests.web.night import Browser, Detect

from vigie.cli.approve import main as approve
from vigie.documents.approvals import digest_of
from vigie.documents.library import Library
from vigie.web.app import create_app
from vigie.web.control_room import ControlRoom

URL = "/vigie/procedures/maison-lumiere/relaunch-job"


def test_a_procedure_as_a_page(browser: Browser, site: Path, ko: Detect) -> None:
    incident = ko()
    page = browser().get(f"{URL}?incident={incident}").text
    for anchor in ("meaning", "impact", "steps", "read-the-log", "relaunch", "escalate", "close"):
        assert f'id="{anchor}"' in page
    assert '<a href="#relaunch">Lock timeout</a>' in page
    assert '<a href="/vigie/procedures/maison-lumiere/ask-host">File not found</a>' in page
    assert '<a data-leave="new" rel="noopener noreferrer" href="https://wiki.example/job">the wiki</a>' in page
    assert "Relaunch the job &lt;now&gt;" in page
    assert "owner Camille Moreau" in page
    assert f'<a href="/vigie/incidents/{incident}">Back to {incident}</a>' in page
    assert "Back to" not in browser().get(f"{URL}?incident=INC-999").text


def test_the_page_says_which_version_it_is(browser: Browser, site: Path) -> None:
    file = "include/procedures/maison-lumiere/relaunch-job.md"
    digest = digest_of((site / file).read_bytes())
    assert f"version {digest[:8]}, a draft" in browser().get(URL).text
    assert approve([file, "--as", "camille", "--site", str(site)]) == 0
    told = " ".join(browser().get(URL).text.split())
    assert f"version {digest[:8]}, approved by Camille Moreau on 20" in told
    assert "Its file has changed since" not in told


def test_an_approved_version_is_shown_as_such(
    room: ControlRoom, site: Path, token_of: Callable[[str, str], str]
) -> None:
    file = site / "include/procedures/maison-lumiere/relaunch-job.md"
    approve([str(file), "--as", "camille", "--site", str(site)])
    file.write_text(file.read_text("utf-8").replace("Run it again.", "Run it twice."), "utf-8")
    production = Library(site, production=True)
    outside = FastAPI()
    outside.mount("/vigie", create_app(replace(room, library=lambda: production)))
    browser = TestClient(outside, cookies={"_token": token_of("camille", "USER")})
    page = browser.get(URL).text
    assert "Run it again." in page
    assert "Its file has changed since. This is the text that was approved, and the one that runs." in page


def test_a_draft_says_so_on_its_page_and_on_the_incidents(
    room: ControlRoom, site: Path, token_of: Callable[[str, str], str], ko: Detect
) -> None:
    incident = f"/vigie/incidents/{ko()}"

    def pages(library: Library) -> tuple[str, str]:
        outside = FastAPI()
        outside.mount("/vigie", create_app(replace(room, library=lambda: library)))
        browser = TestClient(outside, cookies={"_token": token_of("camille", "USER")})
        return tuple(" ".join(browser.get(url).text.split()) for url in (URL, incident))

    file = site / "include/procedures/maison-lumiere/relaunch-job.md"
    procedure, story = pages(Library(site))
    assert "A draft: nobody has approved this text. It runs because this installation is in development" in procedure
    assert "A draft: nobody has approved this text of the procedure." in story

    production = Library(site, production=True)
    procedure, story = pages(production)
    words = "nobody has approved this procedure. It is read as "
    assert f"A draft: {words}this page, and answered Done or Escalate." in procedure
    assert 'id="read-the-log"' in procedure, "each step, as its author wrote it"
    assert "has mistakes" not in procedure
    assert f"A draft: {words}a page, and answered Done or Escalate." in story

    approve([str(file), "--as", "camille", "--site", str(site)])
    for library in (Library(site), production):
        assert not any("draft" in page for page in pages(library))
    file.write_text(file.read_text("utf-8").replace("Run it again.", "Run it twice."), "utf-8")
    assert "Its file has changed since it was approved; the approved text runs." in pages(production)[1]
    assert "A draft: nobody has approved this text" in pages(Library(site))[1]


def test_the_facts_of_the_incident_are_filled_in(browser: Browser, site: Path, ko: Detect) -> None:
    file = site / "include/procedures/maison-lumiere/relaunch-job.md"
    file.write_text(
        file.read_text("utf-8").replace("Run it again.", "Run {{ facts.job }} again, {{ facts.step }}."), "utf-8"
    )
    incident = ko(facts={"job": "<b>EOD</b> [x](javascript:alert)"})
    page = browser().get(f"{URL}?incident={incident}").text
    assert "Run &lt;b&gt;EOD&lt;/b&gt; [x](javascript:alert) again, ‹step ?›." in page
    assert "Run {{ facts.job }} again" in browser().get(URL).text
    other = ko(client="nordwind", title="[KO] other", facts={"job": "SECRET"})
    assert "SECRET" not in browser().get(f"{URL}?incident={other}").text


def test_raw_html_and_scripts_are_text(browser: Browser) -> None:
    page = browser().get(URL).text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert" not in page
    assert 'href="javascript:' not in page


def test_a_broken_file_is_shown_whole_with_its_mistakes(browser: Browser, site: Path) -> None:
    path = site / "include/procedures/maison-lumiere/relaunch-job.md"
    path.write_text(path.read_text("utf-8").replace("(#relaunch)", "(#relanch)"), "utf-8")
    page = browser().get(URL)
    assert page.status_code == 200
    assert "relaunch-job.md:24: no step &#39;#relanch&#39;. Did you mean &#39;#relaunch&#39;?" in page.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page.text
    assert "- [Lock timeout](#relanch)" in page.text


def test_a_shared_procedure(browser: Browser, site: Path) -> None:
    shared = site / "include/procedures/_shared"
    shared.mkdir()
    text = (site / "include/procedures/maison-lumiere/relaunch-job.md").read_text("utf-8")
    (shared / "restart.md").write_text(text.replace("client: maison-lumiere", "client: _shared"), "utf-8")
    assert browser().get("/vigie/procedures/maison-lumiere/restart").status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "maison-lumiere/nothing",
        "nobody/relaunch-job",
        "../rota/team",
        "..%2F..%2Frota/team",
        "maison-lumiere/..%2F..%2F..%2Frota%2Fteam",
        "maison-lumiere/relaunch-job.md",
        "maison-lumiere/%00",
        "MAISON-LUMIERE/relaunch-job",
    ],
)
def test_no_such_procedure(browser: Browser, path: str) -> None:
    assert browser().get(f"/vigie/procedures/{path}").status_code == 404


def test_the_incident_in_the_address_is_an_incident(browser: Browser) -> None:
    assert browser().get(f"{URL}?incident=javascript:alert(1)").status_code == 422


def test_boxes_to_tick_are_shown_as_boxes(browser: Browser, site: Path) -> None:
    file = site / "include/procedures/maison-lumiere/relaunch-job.md"
    text = file.read_text("utf-8").replace("Run it again.", "Run it again.\n\n- [ ] It is stopped\n- [ ] Nobody is in")
    file.write_text(text, "utf-8")
    page = browser().get(URL).text
    assert "☐ It is stopped" in page
    assert "☐ Nobody is in" in page
