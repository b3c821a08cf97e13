"""What people see in a browser: Airflow's sign-in, Vigie's pages inside Airflow, the button, a viewer's rights."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, FrameLocator, Page, expect
from tests.e2e.room import Room, until
from tests.e2e.small_site import LUMIERE

pytestmark = pytest.mark.needs("chromium")

PROCEDURE = "/vigie/procedures/maison-lumiere/relaunch"


@contextmanager
def signed_in(browser: Browser, airflow: Room, name: str, pictures: Path) -> Iterator[Page]:
    """Somebody who came through Airflow's own sign-in. Where the test fails, what she saw is in `pictures`."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, base_url=airflow.settings.airflow_url)
    context.set_default_timeout(30_000)
    expect.set_options(timeout=30_000)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    try:
        page.goto("/")
        page.fill("input[name=username]", name)
        page.fill("input[name=password]", airflow.control.passwords[name])
        page.click("button[type=submit]")
        page.get_by_role("link", name="Incidents").wait_for()
        yield page
    except BaseException:
        page.screenshot(path=pictures / f"{name}.png", full_page=True)
        raise
    finally:
        context.close()
    assert errors == []


def opened(page: Page, name: str) -> FrameLocator:
    """A page of Vigie, opened from Airflow's menu, inside Airflow."""
    page.get_by_role("link", name=name).click()
    expect(page).to_have_url(re.compile(f"/plugin/vigie-{name.lower()}"))
    return page.frame_locator("iframe")


def test_an_operator_takes_an_incident_inside_airflow(airflow: Room, browser: Browser, tmp_path: Path):
    airflow.mail(airflow.boxes[LUMIERE], "[KO] ON_THE_PAGE")
    incident = airflow.incident("[KO] ON_THE_PAGE")
    airflow.page(incident, LUMIERE)

    with signed_in(browser, airflow, "camille", tmp_path) as page:
        incidents = opened(page, "Incidents")
        form = incidents.locator(f"form[action$='/incidents/{incident.id}/acknowledge']")
        form.get_by_role("button", name="Take it").click()
        expect(incidents.locator("body")).to_contain_text("Taken by Camille Moreau")
        expect(incidents.locator("body")).to_contain_text("[KO] ON_THE_PAGE")

        board = opened(page, "Board")
        expect(board.locator("body")).to_contain_text("night_batch")
        page.goto(PROCEDURE)
        expect(page.locator("h1, h2").first).to_contain_text("Relaunch a job")
        expect(page.locator("body")).to_contain_text("What does the log say?")

    until(lambda: airflow.incident("[KO] ON_THE_PAGE").status == "acknowledged")
    assert airflow.incident("[KO] ON_THE_PAGE").acknowledged_by == "camille"


def test_a_viewer_sees_and_cannot_act(airflow: Room, browser: Browser, tmp_path: Path):
    airflow.mail(airflow.boxes[LUMIERE], "[KO] ONLY_SEEN")
    incident = airflow.incident("[KO] ONLY_SEEN")

    with signed_in(browser, airflow, "vera", tmp_path) as page:
        incidents = opened(page, "Incidents")
        expect(incidents.locator("body")).to_contain_text("[KO] ONLY_SEEN")
        expect(incidents.get_by_role("button", name="Take it")).to_have_count(0)
        page.goto(f"/vigie/incidents/{incident.id}")
        token = page.locator("[name=csrf_token]").first
        form = {"csrf_token": token.get_attribute("value") or ""} if token.count() else {}
        answer = page.request.post(
            f"/vigie/incidents/{incident.id}/acknowledge",
            form=form,
            headers={"Origin": airflow.settings.airflow_url},
            max_redirects=0,
        )

    assert answer.status == 403
    assert airflow.incident("[KO] ONLY_SEEN").status == "open"
