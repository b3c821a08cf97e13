"""A person of the demo, acting through what people use: Slack's buttons, Airflow's pages and Vigie's."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

READING = timedelta(seconds=2)


class Person:
    """Somebody signed in to Airflow. ``name`` is the id in the rota and in Slack."""

    def __init__(self, name: str, password: str, address: str) -> None:
        self.name = name
        self._http = httpx.Client(base_url=address, timeout=15, trust_env=False, follow_redirects=False)
        self._account = {"username": name, "password": password}

    def sign_in(self) -> None:
        """Sign in as the login page does: the token is a cookie from then on."""
        answer = self._http.post("/auth/token", json=self._account)
        answer.raise_for_status()
        self._http.cookies.set("_token", answer.json()["access_token"])

    def take_on_page(self, incident: str) -> int:
        """Press *Take it* on the incidents page; the status of the answer (303: done)."""
        page = self._http.get("/vigie/incidents")
        page.raise_for_status()
        return self._submit(page.text, f"/vigie/incidents/{incident}/acknowledge")

    def _submit(self, page: str, action: str) -> int:
        token = re.search(r'name="csrf_token"\s+value="([^"]+)"', page)
        if action not in page or token is None:
            return 404
        origin = f"{self._http.base_url.scheme}://{self._http.base_url.netloc.decode()}"
        answer = self._http.post(action, data={"csrf_token": token[1]}, headers={"Origin": origin})
        return answer.status_code

    def questions(self, dag_id: str, run_id: str) -> list[dict[str, Any]]:
        """The open *required actions* of a run that she has had the time to read.

        Airflow 3.3.2 loses an answer that comes before the scheduler knows that the task waits (some tenths of a
        second): it takes the task for one that ended wrongly, and asks again.
        """
        answer = self._http.get(
            f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/hitlDetails", params={"response_received": "false"}
        )
        asked = answer.json()["hitl_details"] if answer.status_code == 200 else []
        read = datetime.now(UTC) - READING
        return [question for question in asked if datetime.fromisoformat(question["created_at"]) < read]

    def answer(self, question: dict[str, Any], option: str) -> int:
        """Answer a question, as Airflow's page does."""
        task = question["task_instance"]
        place = f"/api/v2/dags/{task['dag_id']}/dagRuns/{task['dag_run_id']}/taskInstances/{task['task_id']}"
        answer = self._http.patch(
            f"{place}/{task['map_index']}/hitlDetails", json={"chosen_options": [option], "params_input": {}}
        )
        return answer.status_code

    def close(self) -> None:
        """Leave."""
        self._http.close()
