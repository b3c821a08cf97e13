"""A double tap means one thing, on a desk and on a phone: what stands under the finger afterwards is not pressed."""

from __future__ import annotations

import re
import shutil
import threading
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest
import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Locator, Page, expect, sync_playwright
from tests.web.night import Detect, Night
from tests.web.test_mails import comes

from vigie.core.entry import Entry
from vigie.core.open_step import OpenStep
from vigie.logbook.book import Logbook

pytestmark = pytest.mark.needs("chromium")

DESK, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
Point = tuple[float, float]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
        with playwright.chromium.launch(executable_path=path, args=arguments) as launched:
            yield launched


@pytest.fixture
def address(airflow: FastAPI) -> Iterator[str]:
    """The pages, served on loopback."""
    server = uvicorn.Server(uvicorn.Config(airflow, host="127.0.0.1", port=0, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive()
            thread.join(0.01)
        host, port = server.servers[0].sockets[0].getsockname()
        yield f"http://{host}:{port}"
    finally:
        server.should_exit = True
        thread.join(10)


@pytest.fixture(params=[DESK, PHONE], ids=["desk", "phone"])
def page(
    request: pytest.FixtureRequest, chromium: Chromium, address: str, token_of: Callable[[str, str], str]
) -> Iterator[Page]:
    context = chromium.new_context(viewport=request.param, base_url=address)
    context.add_cookies([{"name": "_token", "value": token_of("camille", "USER"), "url": address}])
    context.set_default_timeout(10_000)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert errors == []


def middle(button: Locator) -> Point:
    box = button.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def tap_twice(page: Page, button: Locator, *, arrived: Callable[[], object] | None = None) -> None:
    """Two taps at one point: at once, or the second as soon as the next page is there."""
    x, y = middle(button)
    if arrived is None:
        page.mouse.dblclick(x, y)
        return
    page.mouse.click(x, y)
    arrived()
    page.mouse.click(x, y)


@pytest.mark.parametrize("place", ["incidents", "incidents/{}"])
@pytest.mark.parametrize("slowly", [False, True], ids=["at-once", "on-the-next-page"])
def test_take_it_twice_takes_it_and_asks_nothing_else(
    page: Page, ko: Detect, book: Logbook, place: str, slowly: bool, tmp_path: Path
) -> None:
    incident = ko()
    ko("another one")
    page.goto(f"/vigie/{place.format(incident)}")
    form = page.locator(f"form[action$='/incidents/{incident}/acknowledge']")
    tap_twice(
        page,
        form.get_by_role("button", name="Take it"),
        arrived=page.get_by_text("Taken by").first.wait_for if slowly else None,
    )
    expect(page.locator("body")).to_contain_text("Taken by Camille Moreau")
    page.screenshot(path=tmp_path / "taken.png", full_page=True)
    expect(page).to_have_url(re.compile(rf"/vigie/incidents/{incident}$"))  # and not the form that resolves it
    assert book.incident(incident).status == "acknowledged"
    assert {each.status for each in book.incidents()} == {"open", "acknowledged"}


def test_the_places_of_the_buttons_never_change(page: Page, ko: Detect, book: Logbook, night: Night) -> None:
    incident = ko()
    seen: dict[str, set[tuple[float, float]]] = {}

    for turn in (None, book.acknowledge, book.resolve, book.reopen):
        if turn is not None:
            turn(incident, "camille", night.now, "page")
        page.goto(f"/vigie/incidents/{incident}")
        for button in page.locator("article .places button").all():
            box = button.bounding_box()
            assert box is not None
            seen.setdefault(button.inner_text(), set()).add((box["x"], box["x"] + box["width"]))

    assert {name: len(places) for name, places in seen.items()} == {"Take it": 1, "Resolve": 1, "Reopen": 1}
    spans = sorted(span for places in seen.values() for span in places)
    assert all(left[1] <= right[0] for left, right in pairwise(spans))


def test_resolve_twice_asks_why_and_resolves_nothing(page: Page, ko: Detect, book: Logbook, tmp_path: Path) -> None:
    incident = ko()
    page.goto(f"/vigie/incidents/{incident}")
    tap_twice(page, page.get_by_role("button", name="Resolve"), arrived=page.get_by_label("Why is it over?").wait_for)
    expect(page.get_by_label("Why is it over?")).to_be_visible()
    page.screenshot(path=tmp_path / "why.png", full_page=True)
    assert book.incident(incident).status == "open"

    page.get_by_role("button", name=f"Resolve {incident}").click()  # without a reason nothing is sent
    expect(page.get_by_label("Why is it over?")).to_be_visible()
    page.get_by_label("Why is it over?").fill("The lock is gone.")
    page.get_by_role("button", name=f"Resolve {incident}").click()
    expect(page.locator("body")).to_contain_text("Resolved: The lock is gone. (page)")
    page.screenshot(path=tmp_path / "resolved.png", full_page=True)
    assert book.incident(incident).status == "resolved"

    page.get_by_role("button", name="Reopen").click()
    page.get_by_label("Why is it not over?").fill("It is not.")
    page.get_by_role("button", name=f"Reopen {incident}").click()
    expect(page.locator("body")).to_contain_text("Reopened: It is not. (page)")
    assert book.incident(incident).status == "open"


def test_the_second_half_of_a_double_tap_does_not_answer_the_next_step(
    page: Page, ko: Detect, book: Logbook, night: Night
) -> None:
    incident = ko()

    def ask(task: str) -> OpenStep:
        fields = {
            "client": "maison-lumiere", "incident": incident, "dag_id": "procedure.maison-lumiere.relaunch-job",
            "run_id": f"{incident}.1", "task_id": task, "procedure": "Relaunch", "title": task, "text": "Do it.",
            "options": ("Done",), "opened_at": night.now,
        }  # fmt: skip
        entry = Entry(at=night.now, client="maison-lumiere", kind="procedure.step_opened", actor="procedure", text="t")
        return book.open_step(OpenStep(**fields), entry)

    first, second = ask("first"), ask("second")
    page.goto(f"/vigie/incidents/{incident}")
    done = page.locator(f"#{first.id}").get_by_role("button", name="Done")
    tap_twice(page, done, arrived=lambda: page.locator(f"#{first.id}").wait_for(state="detached"))
    expect(page.locator(f"#{second.id}")).to_be_visible()
    assert [step.status for step in book.steps(incident=incident)] == ["answered", "open"]


def test_the_second_half_of_a_double_tap_does_not_settle_the_next_mail(page: Page, book: Logbook, night: Night) -> None:
    for number, subject in enumerate(("one", "two", "three")):
        comes(book, night, number, subject)
    page.goto("/vigie/mail")
    page.get_by_label("Why it means nothing").first.fill("a test")
    tap_twice(
        page,
        page.get_by_role("button", name="Settle").first,
        arrived=lambda: expect(page.get_by_role("button", name="Settle")).to_have_count(2),
    )
    expect(page.get_by_role("button", name="Settle")).to_have_count(2)
    assert len(book.unsettled_mails()) == 2


def test_two_presses_at_different_places_both_count(page: Page, ko: Detect, book: Logbook) -> None:
    one, other = ko("one"), ko("other")
    for incident in (one, other):
        page.goto("/vigie/incidents")
        page.locator(f"form[action$='/incidents/{incident}/acknowledge']").get_by_role("button").click()
        expect(page.locator("body")).to_contain_text("Taken by Camille Moreau")
    assert [book.incident(each).status for each in (one, other)] == ["acknowledged"] * 2
