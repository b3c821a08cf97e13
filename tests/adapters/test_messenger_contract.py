"""What every messenger does: Slack, mail, and the twin of each."""

from __future__ import annotations

import smtplib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count

import pytest
from slack_sdk import WebClient
from tests.adapters.losing_smtp import LosingSmtp

from vigie.adapters.slack_messenger import SlackMessenger
from vigie.adapters.smtp_messenger import SmtpMessenger
from vigie.core.errors import CannotTell, InDoubt, TransportError
from vigie.core.message import Message, Outbound
from vigie.core.ports import Messenger
from vigie.testing.memory_messenger import MemoryMessenger

NUMBERS = count(1)


@dataclass
class Bench:
    """A messenger, and what its world can do to it. ``arrived`` lists the keys that reached the recipient."""

    messenger: Messenger
    recipient: str
    can_tell: bool
    arrived: Callable[[], list[str]]
    refuse: Callable[[bool], object]
    lose_answer_next: Callable[[], object]
    go_dark: Callable[[], object]
    come_back: Callable[[], object]

    def message(self, text: str = "The file is missing.", **more: object) -> Outbound:
        return Outbound.model_validate(
            {
                "key": f"INC-7|page|{next(NUMBERS)}",
                "incident": "INC-7",
                "client": "maison-lumiere",
                "channel": "slack",
                "purpose": "page",
                "recipient": self.recipient,
                "message": Message(subject="[HIGH] file missing", text=text),
                "claimed_at": datetime.now(UTC),
                "attempts": 1,
            }
            | more
        )


def in_memory(*, can_tell: bool) -> Bench:
    twin = MemoryMessenger(can_tell=can_tell)
    return Bench(
        twin,
        "somebody",
        can_tell,
        lambda: [each.outbound.key for each in twin.sent],
        lambda permanent: twin.refuse("somebody", permanent),
        twin.lose_answer_next,
        twin.go_dark,
        twin.come_back,
    )


@pytest.fixture(params=["slack", "mail", "slack's twin", "mail's twin"])
def bench(request: pytest.FixtureRequest):
    if request.param == "slack":
        yield from over_slack(request)
    elif request.param == "mail":
        yield from over_smtp()
    else:
        yield in_memory(can_tell=request.param == "slack's twin")


def over_slack(request: pytest.FixtureRequest):
    slack = request.getfixturevalue("slack")
    channel = slack.add_channel(request.getfixturevalue("slack_channel"))
    gate = request.getfixturevalue("gate")(slack.port)
    slack.limit_rate(on=False)
    client = WebClient(token=slack.token, base_url=f"http://127.0.0.1:{gate.port}/api/", timeout=5)
    yield Bench(
        SlackMessenger(client),
        channel,
        True,
        lambda: [each["metadata"]["event_payload"]["key"] for each in slack.messages(channel)],
        lambda permanent: slack.fail_next("refuse", 9, error="is_archived" if permanent else "service_unavailable"),
        lambda: slack.fail_next("drop", after=True, methods=["chat.postMessage"]),
        gate.close,
        gate.open,
    )
    slack.clear_faults()


def over_smtp():
    with LosingSmtp(user="vigie", password="smtp-secret") as capture:

        def connect() -> smtplib.SMTP:
            smtp = smtplib.SMTP("127.0.0.1", capture.port, timeout=5)
            smtp.login("vigie", "smtp-secret")
            return smtp

        def lose() -> None:
            capture.answers_to_lose += 1

        to = "ops@maison-lumiere.example"
        yield Bench(
            SmtpMessenger(connect, "Vigie <vigie@vigie.example>", "vigie.example"),
            to,
            False,
            lambda: [each.header("X-Vigie-Key") or "" for each in capture.mails],
            lambda permanent: capture.refuse(to, "550 5.1.1 no such user" if permanent else "451 4.7.1 greylisted"),
            lose,
            capture.stop,
            capture.start,
        )


def test_a_message_arrives_once_with_its_key(bench: Bench):
    outbound = bench.message()
    ref = bench.messenger.send(outbound)
    assert ref
    assert bench.arrived() == [outbound.key]


def test_each_message_has_a_ref_of_its_own_and_may_answer_another(bench: Bench):
    first, second = bench.message(), bench.message()
    ref = bench.messenger.send(first)
    answer = bench.messenger.send(second.model_copy(update={"reply_to": first.key}), reply_ref=ref)
    assert answer != ref
    assert bench.arrived() == [first.key, second.key]


def test_what_was_sent_is_found_where_that_is_possible(bench: Bench):
    first, second, never = bench.message(), bench.message(), bench.message()
    ref = bench.messenger.send(first)
    answer = bench.messenger.send(second, reply_ref=ref)
    if bench.can_tell:
        assert bench.messenger.find(first) == ref
        assert bench.messenger.find(second, reply_ref=ref) == answer
        assert bench.messenger.find(never) is None
        assert bench.messenger.find(never, reply_ref=ref) is None
    else:
        for each in (first, never):
            with pytest.raises(CannotTell):
                bench.messenger.find(each)


def test_a_lost_answer_is_a_doubt_and_nothing_is_sent_again(bench: Bench):
    outbound = bench.message()
    bench.lose_answer_next()
    with pytest.raises(InDoubt) as doubt:
        bench.messenger.send(outbound)
    assert not doubt.value.permanent
    assert bench.arrived() == [outbound.key]
    if bench.can_tell:
        assert bench.messenger.find(outbound)


@pytest.mark.parametrize("permanent", [True, False])
def test_a_refused_message_says_whether_trying_again_can_help(bench: Bench, permanent: bool):
    bench.refuse(permanent)
    with pytest.raises(TransportError) as failure:
        bench.messenger.send(bench.message())
    assert failure.value.permanent is permanent
    assert not isinstance(failure.value, InDoubt)
    assert bench.recipient in str(failure.value)
    assert bench.arrived() == []


def test_a_server_that_cannot_be_reached_leaves_no_doubt(bench: Bench):
    bench.go_dark()
    outbound = bench.message()
    with pytest.raises(TransportError) as failure:
        bench.messenger.send(outbound)
    assert not isinstance(failure.value, InDoubt)
    assert not failure.value.permanent
    bench.come_back()
    bench.messenger.send(outbound)
    assert bench.arrived() == [outbound.key]


@pytest.mark.parametrize("text", ["", "x" * 100_000, "<!channel> & é 東京\r\n.\r\nQUIT", "a\x00b\x1b[31m", "```\n" * 7])
def test_a_text_may_hold_anything(bench: Bench, text: str):
    outbound = bench.message(message=Message(subject="\r\nBcc: all@example.org\n\x00 é" + "s" * 300, text=text))
    bench.messenger.send(outbound)
    assert bench.arrived() == [outbound.key]
