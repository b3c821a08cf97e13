"""The desk among mistakes of ours and of others: nobody waits for what another one broke."""

from __future__ import annotations

import threading
from pathlib import Path

from vigie.core.message import Outbound
from vigie.tasks.desk import Desk
from vigie.testing.control_room import ControlRoom
from vigie.testing.memory_messenger import MemoryMessenger

BATCH = {"to": "nordwind_ops", "sender": "batch@nordwind.example"}


def test_a_broken_template_costs_nobody_the_page(nordwind: ControlRoom) -> None:
    template = nordwind.site / "include/templates/mail_ko.md.j2"
    template.write_text(template.read_text().replace("facts.job", "facts.nothing"))
    nordwind.mail_comes("[KO] EOD_POS", **BATCH)

    (post,) = nordwind.slack("nordwind").posts
    assert post.text.startswith("[KO] EOD_POS")
    assert "job: EOD" in post.text
    assert "This is the built-in plain message" in post.text
    (entry,) = nordwind.entries("template.failed")
    assert entry.text.startswith("include/templates/mail_ko.md.j2:6: ")
    assert len(nordwind.mailbox_of("anna").got("[KO] EOD_POS")) == 1


def test_a_procedure_that_does_not_start_is_said_with_its_page(nordwind: ControlRoom) -> None:
    nordwind.procedures.refuse("procedure.nordwind.eod-ko")
    nordwind.mail_comes("[KO] EOD_POS", **BATCH)
    nordwind.takes_it("anna")

    (post,) = nordwind.slack("nordwind").posts
    (said,) = [answer.text for answer in post.thread if "did not start" in answer.text]
    assert said.endswith("/vigie/procedures/nordwind/eod-ko")


def test_two_desks_at_once_do_each_act_once(nordwind: ControlRoom, tmp_path: Path) -> None:
    desks, nordwind.desks = [nordwind.desk(name) for name in ("one", "other")], []
    nordwind.mails_come([f"[KO] JOB_{letter}" for letter in "ABCDEFGHIJ"], **BATCH)
    start = threading.Barrier(len(desks))
    failures: list[BaseException] = []

    def work(desk: Desk) -> None:
        try:
            start.wait(10)
            while desk.act(nordwind.clock.now):
                pass
        except BaseException as failed:  # noqa: BLE001 (it must be seen in the test's own thread)
            failures.append(failed)

    threads = [threading.Thread(target=work, args=(desk,)) for desk in desks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert failures == []
    posts = [sent.outbound.key for sent in nordwind.slack_messenger.sent]
    assert len(posts) == len(set(posts)) == 10
    pages = nordwind.logbook.outbox()
    assert [(each.status, each.attempts) for each in pages] == [("sent", 1)] * 20
    told = [sent.outbound.message.text for sent in nordwind.mail_messenger.sent]
    assert [sum(text.count(f"JOB_{letter}, seen") for text in told) for letter in "ABCDEFGHIJ"] == [1] * 10
    assert len(nordwind.entries("desk.decided")) == 10


def test_a_broken_rota_pages_everybody_in_the_clients_channel(nordwind: ControlRoom) -> None:
    rota = nordwind.site / "include/rota/team.yaml"
    whole = rota.read_text()
    rota.write_text(whole.replace("people:", "poeple:"))
    nordwind.mail_comes("[KO] EOD_POS", **BATCH)

    (post,) = nordwind.slack("nordwind").posts
    assert post.outbound.mentions == ("channel",)
    assert nordwind.mail_messenger.sent == []

    rota.write_text(whole)
    nordwind.clock.advances("10 min")
    assert len(nordwind.mailbox_of("bruno").got("page 2")) == 1


def test_a_broken_client_pages_the_platform(nordwind: ControlRoom) -> None:
    client = nordwind.site / "include/clients/nordwind/client.yaml"
    client.write_text("name: [")
    nordwind.mail_comes("[KO] EOD_POS", **BATCH)

    assert len(nordwind.slack("platform").said("EOD_POS, page")) == 1
    assert len(nordwind.mailbox_of("petra").got("EOD_POS, page")) == 1


def test_a_mistake_of_ours_at_one_incident_keeps_no_other_waiting(nordwind: ControlRoom) -> None:
    class Broken(MemoryMessenger):
        def send(self, outbound: Outbound, *, reply_ref: str | None = None) -> str:
            if "EOD_POS" in outbound.message.subject:
                raise ZeroDivisionError
            return super().send(outbound, reply_ref=reply_ref)

    nordwind.slack_messenger = Broken()
    nordwind.desks = [nordwind.desk("desk")]
    nordwind.mails_come(["[KO] EOD_POS", "[KO] EOD_CASH"], **BATCH)
    assert len(nordwind.slack("nordwind").said("EOD_CASH")) == 1
    assert len(nordwind.mailbox_of("anna").mails) == 2
