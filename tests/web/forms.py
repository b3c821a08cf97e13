"""What a browser sends when somebody presses a button of a page."""

from __future__ import annotations

import re

from fastapi.testclient import TestClient
from httpx import Response

SAME_ORIGIN = {"Origin": "https://control.example", "Sec-Fetch-Site": "same-origin"}


def token_in(page: str) -> str:
    """The token of the page's forms."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found, "the page has no form"
    return found[1]


def press(
    browser: TestClient, incident: str, deed: str, *, headers: dict[str, str] | None = None, **fields: str
) -> Response:
    """Open the incident's page and press one of its buttons."""
    page = browser.get(f"/vigie/incidents/{incident}")
    assert page.status_code == 200, page.text
    data = {"csrf_token": token_in(page.text)} | fields
    given = SAME_ORIGIN if headers is None else headers
    answer: Response = browser.post(f"/vigie/incidents/{incident}/{deed}", data=data, headers=given)
    return answer
