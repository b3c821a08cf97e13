"""A step that fails for good is told in the incident's thread, with the page to follow."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from airflow.sdk import Context
from tests.logbook.samples import NOON

from vigie.core.look import Look
from vigie.core.signal import Signal
from vigie.logbook.book import Logbook
from vigie.tasks.connections import with_logbook
from vigie.tasks.run_failure import tell_failure


def _context(conf: dict[str, Any]) -> Context:
    run = SimpleNamespace(dag_id="procedure.nordwind.eod-ko", run_id="INC-1.1", conf=conf)
    return cast(Context, {"dag_run": run, "ti": SimpleNamespace(task_id="relaunch", try_number=4)})


def test_it_is_told_once(book: Logbook, site: Path) -> None:
    signal = Signal(
        event="trigger", client="nordwind", flux="f", watch="w", dedup_key="d", key="1", seen_at=NOON, title="KO",
        severity="high", procedure="eod-ko",
    )  # fmt: skip
    (incident,) = book.record(Look(source="s", at=NOON, signals=(signal,))).opened
    with with_logbook(book):
        for _ in range(2):
            tell_failure(_context({"incident": incident}))
        tell_failure(_context({}))
    (said,) = book.outbox(incident=incident)
    assert said.message.text == (
        "The procedure stopped (its step 'relaunch' failed). "
        "Follow its page: http://localhost:8080/vigie/procedures/nordwind/eod-ko"
    )
    assert said.reply_to == f"{incident}/page/1/slack"
    (entry,) = book.entries(kind_prefix="procedure.failed")
    assert entry.text == "The procedure stopped: its step 'relaunch' failed"
