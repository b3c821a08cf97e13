from __future__ import annotations

import ast
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

import vigie
from vigie.core.respond import Respond
from vigie.core.severity import SEVERITIES
from vigie.core.signal import Signal, platform_signal
from vigie.core.watch import Watch

KNOWN = {
    "event": "trigger",
    "client": "nordwind",
    "flux": "eod",
    "watch": "nordwind.eod.ko",
    "dedup_key": "EOD_POS",
    "key": "k",
    "seen_at": datetime(2026, 11, 23, tzinfo=UTC),
    "title": "[KO] EOD_POS",
}


def test_what_a_watch_does_not_say():
    signal = Signal(**KNOWN)
    assert (signal.severity, signal.template, signal.procedure, signal.facts, signal.audience) == (
        "high", "", None, {}, "client",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("field", "value"), [("event", "acknowledge"), ("severity", "urgent"), ("audience", "everybody")]
)
def test_a_word_that_is_not_in_the_vocabulary_is_refused(field: str, value: object):
    with pytest.raises(ValidationError, match=field):
        Signal(**(KNOWN | {field: value}))


def test_facts_are_plain_data():
    with pytest.raises(ValidationError, match="facts"):
        Signal(**(KNOWN | {"facts": {"when": object()}}))


def test_severities_grow():
    assert SEVERITIES == ("low", "medium", "high", "critical")


SEEN = {"dedup_key": "EOD_POS", "key": "k", "seen_at": datetime(2026, 11, 23, tzinfo=UTC), "title": "[KO] EOD_POS"}
QUIET = Respond(
    severity="low", template="note", procedure="look", storm_after=3, page=False, hold=timedelta(minutes=2)
)  # fmt: skip


def test_a_watch_answers_with_every_word_of_its_respond():
    watch = Watch(client="nordwind", flux="eod", task_id="ko", respond=QUIET)
    made = watch.signal("update", **SEEN, facts={"job": "EOD_POS"})
    words = set(Respond.model_fields) - {"group_by"}  # which the files' watch uses before it has a signal
    assert {word: getattr(made, word) for word in words} == {word: getattr(QUIET, word) for word in words}
    assert (made.event, made.client, made.flux, made.watch) == ("update", "nordwind", "eod", "nordwind.eod.ko")
    assert (made.audience, made.facts) == ("client", {"job": "EOD_POS"})


def test_a_watch_may_answer_otherwise_than_by_its_own_respond():
    watch = Watch(client="nordwind", flux="eod", task_id="ko", respond=QUIET)
    loud = watch.signal("trigger", **SEEN, respond=Respond(severity="critical", template="ko"))
    assert (loud.severity, loud.template, loud.page, loud.procedure) == ("critical", "ko", True, None)


def test_a_problem_on_our_side_is_the_platforms():
    ours = platform_signal("trigger", flux="vigie", watch="ops/INBOX", **SEEN)
    assert (ours.client, ours.audience, ours.severity, ours.page) == ("platform", "platform", "critical", True)


def test_no_judge_makes_a_signal_by_hand():
    """Whoever does forgets a word: three did, and one of them paged people for what was to page nobody."""
    package = Path(vigie.__path__[0])
    by_hand = [
        path.relative_to(package).as_posix()
        for path in sorted(package.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Signal"
    ]
    # A person may make an incident of any mail, for a flux whose rule did not claim it.
    assert by_hand == ["core/signal.py", "core/watch.py", "web/mails.py"]
