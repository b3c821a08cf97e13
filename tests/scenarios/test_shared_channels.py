"""Two clients with one Slack channel: no call is lost, nobody sees another client's, and the platform is notified."""

from __future__ import annotations

import pytest

from vigie.core.incident import Incident
from vigie.testing.control_room import ControlRoom
from vigie.testing.inbox import Post

BATCH = {"to": "nordwind_ops", "sender": "batch@nordwind.example"}


def channels(room: ControlRoom, **names: str) -> None:
    """Write the Slack channels of clients into their tables."""
    for client, channel in names.items():
        path = room.site / "include/clients" / client.replace("_", "-") / "client.yaml"
        lines = path.read_text("utf-8").split("\n")
        kept = [f"slack_channel: '{channel}'" if line.startswith("slack_channel:") else line for line in lines]
        path.write_text("\n".join(kept), "utf-8")


def about(room: ControlRoom, flux: str) -> list[Incident]:
    return [each for each in room.incidents if each.flux == flux]


def page(room: ControlRoom) -> Post:
    return next(each for each in room.slack("platform").posts if "EOD_POS" in each.text)


@pytest.mark.parametrize(("one", "other"), [("ops", "ops"), ("#ops", "ops"), ("ops", "#Ops"), ("C0OPS", "C0OPS")])
def test_their_calls_go_to_the_platforms_channel(nordwind: ControlRoom, one: str, other: str) -> None:
    channels(nordwind, nordwind=one, maison_lumiere=other)
    nordwind.mail_comes("[KO] EOD_POS", **BATCH)

    assert nordwind.slack(one).posts == []
    assert page(nordwind).buttons == ["Take it", "Open procedure", "Open incident"]
    assert nordwind.mailbox_of("anna").got("EOD_POS, page")
    (trouble,) = about(nordwind, "channels")
    assert trouble.title == f"Slack: the channel {one.lstrip('#')} belongs to maison-lumiere and nordwind"
    assert nordwind.mailbox_of("petra").got("belongs to maison-lumiere and nordwind")

    nordwind.takes_it("anna", "INC-1")
    assert any("Taken by Anna Weiss" in each.text for each in page(nordwind).thread)
    assert nordwind.slack("platform").said("What does the mail say?")
    assert about(nordwind, "messages") == []
    nordwind.mail_comes("[KO] EOD_CASH", **BATCH)
    assert len(about(nordwind, "channels")) == 1

    channels(nordwind, nordwind="nordwind")
    nordwind.mail_comes("[KO] EOD_BOOK", **BATCH)
    assert nordwind.slack("nordwind").said("EOD_BOOK")
    assert [each.status for each in about(nordwind, "channels")] == ["resolved"]


def test_one_channel_by_its_name_and_by_its_id(nordwind: ControlRoom) -> None:
    nordwind.slack_messenger.knows("ops", "C0OPS")
    channels(nordwind, nordwind="#ops", maison_lumiere="C0OPS")
    nordwind.mail_comes("[KO] EOD_POS", **BATCH)

    assert nordwind.slack("#ops").posts == []
    assert nordwind.mailbox_of("anna").got("EOD_POS, page")
    assert nordwind.logbook.outbound("INC-1/page/1/slack").reason == "the channel belongs to 'maison-lumiere'"
    assert [each.title for each in about(nordwind, "channels")] == [
        "Slack: the channel C0OPS belongs to maison-lumiere and nordwind"
    ]
    assert about(nordwind, "messages")


def test_names_and_ids_of_different_channels_are_no_trouble(nordwind: ControlRoom) -> None:
    nordwind.slack_messenger.knows("ops", "C0NORD")
    channels(nordwind, nordwind="#ops", maison_lumiere="C0OPS")
    nordwind.mail_comes("[KO] EOD_POS", **BATCH)
    assert nordwind.slack("#ops").said("EOD_POS, page")
    assert [each.client for each in nordwind.incidents] == ["nordwind"]


def test_the_platforms_channel_is_a_clients_too(nordwind: ControlRoom) -> None:
    channels(nordwind, maison_lumiere="#platform")
    nordwind.mail_comes("[KO] EOD_POS", **BATCH)
    assert nordwind.slack("nordwind").said("EOD_POS, page")
    (trouble,) = about(nordwind, "channels")
    assert trouble.title == "Slack: the channel platform belongs to maison-lumiere and platform"
    assert nordwind.mailbox_of("petra").got("belongs to maison-lumiere and platform")


def test_one_of_ours_whom_a_client_names_as_contact_is_still_called_for_others(nordwind: ControlRoom) -> None:
    path = nordwind.site / "include/clients/maison-lumiere/client.yaml"
    path.write_text(f"{path.read_text('utf-8')}  lead: {{name: Anna, email: Anna@vigie.example}}\n", "utf-8")
    nordwind.mail_comes("[KO] EOD_POS", **BATCH)
    assert nordwind.mailbox_of("anna").got("EOD_POS, page")
