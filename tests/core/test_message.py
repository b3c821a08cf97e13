from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from vigie.core.message import Button, Message, Outbound


def outbound(**fields: Any) -> Outbound:
    known = {
        "key": "INC-1/page/1/amina",
        "incident": "INC-1",
        "client": "nordwind",
        "channel": "mail",
        "purpose": "page",
        "recipient": "amina@vigie.example",
        "message": Message(subject="s", text="t"),
    }
    return Outbound(**(known | fields))


def test_a_message_waits_in_the_outbox_until_somebody_says_otherwise():
    queued = outbound()
    assert (queued.status, queued.attempts, queued.repeated, queued.broadcast) == ("queued", 0, False, False)
    assert (queued.ref, queued.reply_to, queued.edits, queued.claimed_at, queued.next_action_at) == (None,) * 5
    assert (queued.buttons, queued.mentions, queued.variables) == ((), (), {})


def test_the_other_forms_of_a_message_are_empty_until_rendered():
    message = Message(subject="s", text="t")
    assert (message.html, message.slack) == ("", "")
    assert Button(label="Take it", action="acknowledge").model_dump() == {
        "label": "Take it",
        "action": "acknowledge",
        "value": "",
        "url": "",
        "style": "",
        "row": 0,
        "only_words": False,
    }


@pytest.mark.parametrize(
    ("field", "value"), [("channel", "fax"), ("purpose", "spam"), ("status", "lost"), ("unknown", 1), ("key", None)]
)
def test_what_an_outbox_does_not_know_is_refused(field: str, value: object):
    with pytest.raises(ValidationError, match=field):
        outbound(**{field: value})


def test_it_is_the_same_after_the_store():
    message = outbound(
        buttons=(Button(label="a", action="b", style="primary"),), variables={"incident": "INC-1", "n": [1]}
    )
    assert Outbound.model_validate_json(message.model_dump_json()) == message


def test_it_cannot_be_changed_by_accident():
    with pytest.raises(ValidationError, match="frozen"):
        outbound().status = "sent"
