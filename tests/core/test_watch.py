from __future__ import annotations

from datetime import time, timedelta

import pytest
from pydantic import ValidationError

from vigie.core.file_watch import FileWatch
from vigie.core.respond import Respond
from vigie.core.wall_clock import WallClock
from vigie.core.watch import MailWatch, Watch

RESPOND = Respond(severity="high", template="t")
OF = {"client": "nordwind", "flux": "eod", "task_id": "ko", "respond": RESPOND}
MAIL = MailWatch(**OF, mailbox="nordwind_ops", subject="KO")
FILES = FileWatch(
    **OF, where="wms", path="a/{site.code}_{business_date}", sites="stores", opens="22:00", due="06:00", grace="10 min"
)


def test_its_names():
    assert (MAIL.id, MAIL.dag_id, MAIL.kind) == ("nordwind.eod.ko", "nordwind.eod", "mail")
    assert (FILES.id, FILES.dag_id, FILES.kind) == ("nordwind.eod.ko", "nordwind.eod", "files")


def test_one_session_looks_for_all_that_share_a_source():
    assert MAIL.source == "nordwind_ops/INBOX"
    assert MAIL.model_copy(update={"folder": "Alerts/Night"}).source == "nordwind_ops/Alerts/Night"
    assert FILES.source == "wms"


def test_what_an_author_does_not_say():
    assert (MAIL.check_after, MAIL.blind_after, MAIL.ignore_case) == (timedelta(minutes=2), timedelta(minutes=2), True)
    assert (FILES.stable_for, FILES.min_size, FILES.sites_digest) == (timedelta(seconds=30), 1, "")


@pytest.mark.parametrize("watch", [MAIL, FILES], ids=["mail", "files"])
def test_it_travels_to_the_triggerer_as_plain_data(watch: Watch):
    assert type(watch).model_validate_json(watch.model_dump_json()) == watch
    assert type(watch).model_validate(watch.model_dump(mode="json")) == watch


def test_clock_times_and_durations_are_read_as_they_are_written():
    assert (FILES.opens, FILES.due, FILES.grace) == (
        WallClock(0, time(22)),
        WallClock(0, time(6)),
        timedelta(minutes=10),
    )


@pytest.mark.parametrize("field", ["subject", "body", "attachment", "resolves", "resolves_body", "ignores"])
def test_a_pattern_that_re2_refuses_is_refused(field: str):
    with pytest.raises(ValidationError, match=r"the pattern '\(a' is not a regular expression of RE2: missing \): \(a"):
        MailWatch(**OF, mailbox="m", **{field: "(a"})


def test_headers_are_patterns_by_name():
    with pytest.raises(ValidationError, match=r"the pattern '\(a' is not a regular expression of RE2: missing \): \(a"):
        MailWatch(**OF, mailbox="m", headers={"X-Job": "(a"})
    with pytest.raises(
        ValidationError, match="'X-Job:' is no name of a header; write it without its colon, as 'X-Job-Status'"
    ):
        MailWatch(**OF, mailbox="m", headers={"X-Job:": "a"})


@pytest.mark.parametrize(
    ("field", "value", "text"),
    [
        ("path", "{store}", "'{store}' is not known; write {site.<column>}, {slot}, {business_date:%Y%m%d}, "),
        ("due", "60:00", "due"),
        ("grace", "ten minutes", "write a duration as '30 s', '10 min', '2 h' or '1 d' (found 'ten minutes')"),
        ("subject", "KO", "Extra inputs are not permitted"),
    ],
)
def test_a_rule_that_cannot_be_meant_is_refused(field: str, value: object, text: str):
    with pytest.raises(ValidationError) as wrong:
        FileWatch(**(FILES.model_dump() | {field: value}))
    assert text in str(wrong.value)


@pytest.mark.parametrize("name", ["", "mx example", "<ops@acme.example>", "mx.acme.example;", "dmarc=pass"])
def test_a_server_is_named_by_one_word(name: str):
    with pytest.raises(ValidationError) as refused:
        MailWatch(**OF, mailbox="m", subject="KO", authenticated_by=name)
    assert refused.value.errors()[0]["msg"] == (
        f"Value error, {name!r} is no name of a server; write the word with which yours begins its Authentication-Results,"
        " as 'mx.acme.example'"
    )
