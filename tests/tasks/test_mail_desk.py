"""Unclassified mail is told once per quiet period, the first of its kind first."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.logbook.samples import look
from tests.logbook.test_mails import seen
from tests.scenarios.site import write_site
from tests.tasks.samples import NOW

from vigie.core.message import Outbound
from vigie.documents.library import Library
from vigie.logbook.book import Logbook
from vigie.tasks.mail_desk import MailDesk
from vigie.tasks.mail_desk_task import return_path

MINUTE = timedelta(minutes=1)
TEMPLATE = """\
---
purpose: Mails that no rule claims.
example: {client: C, count: 1, mails: [{subject: S, sender: s, at: "02:00", number: 1, is_new: true}]}
---
{% extends "_incident.md.j2" %}
{% block subject %}{{ client }}: {{ count }}{% endblock %}
{% block text %}
{% for mail in mails %}{{ "NEW " if mail.is_new else "" }}{{ mail.subject }} ({{ mail.number }}) {{ mail.at }};
{% endfor %}
{% endblock %}
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    root = write_site(tmp_path / "site")
    (root / "include/templates/mail_unclassified.md.j2").write_text(TEMPLATE, "utf-8")
    return root


@pytest.fixture
def library(site: Path) -> Library:
    return Library(site)


def comes(book: Logbook, number: int, subject: str, **other: Any) -> None:
    fields = {"client": "nordwind", "subject": subject, "alike": subject.rstrip("0123456789"), "received_at": NOW}
    book.record(look(mails=(seen(number, **fields | other),)))


def told(book: Logbook) -> list[Outbound]:
    return book.outbox()


def test_each_client_is_told_in_its_channel_with_the_first_of_its_kind_first(book: Logbook, library: Library) -> None:
    comes(book, 1, "Report 1")
    assert MailDesk(book, library).tell(NOW) == 1
    comes(book, 2, "Report 2", received_at=NOW + 40 * MINUTE)
    comes(book, 3, "Disk full", received_at=NOW + 30 * MINUTE)
    comes(book, 4, "Report 4", received_at=NOW + 20 * MINUTE)
    comes(book, 5, "Bonjour", client="maison-lumiere")
    assert MailDesk(book, library).tell(NOW + 45 * MINUTE) == 2

    first, theirs, ours = told(book)
    assert (first.recipient, first.channel, first.purpose) == ("nordwind", "slack", "message")
    assert first.message.text.split(";") == ["NEW Report 1 (1) 02:00", ""]
    assert (theirs.recipient, theirs.message.subject) == ("maison-lumiere", "Maison Lumière: 1")
    assert ours.message.subject == "Nordwind Logistik: 3"
    assert [line.strip() for line in ours.message.text.split(";")] == [
        "NEW Disk full (1) 02:30",
        "Report 2 (2) 02:40",
        "",
    ]
    assert [(button.label, button.url[-11:]) for button in ours.buttons] == [("Open the mail", "/vigie/mail")]


def test_the_quiet_period_holds_back_and_loses_nothing(book: Logbook, library: Library) -> None:
    desk = MailDesk(book, library)
    comes(book, 1, "A")
    assert desk.tell(NOW) == 1
    comes(book, 2, "B")
    assert [desk.tell(NOW + minutes * MINUTE) for minutes in (1, 29, 30, 31)] == [0, 0, 1, 0]
    assert "NEW B" in told(book)[-1].message.text


def test_the_authors_quiet_period_counts(book: Logbook, library: Library, site: Path) -> None:
    (site / "include/mail_desk.yaml").write_text("quiet: 5 min\n", "utf-8")
    desk = MailDesk(book, library)
    comes(book, 1, "A")
    desk.tell(NOW)
    comes(book, 2, "B")
    assert [desk.tell(NOW + minutes * MINUTE) for minutes in (4, 5)] == [0, 1]


def test_what_is_claimed_ignored_or_settled_is_not_told(book: Logbook, library: Library) -> None:
    comes(book, 1, "A", fate="claimed")
    comes(book, 2, "B", fate="ignored")
    comes(book, 3, "C")
    book.settle_mail(seen(3).key, "anna", NOW, "page", "nothing")
    assert MailDesk(book, library).tell(NOW) == 0


ASIDE = TEMPLATE.replace("{{ client }}: {{ count }}", "{{ client }}: {{ count }} aside").replace(
    "{{ mail.subject }}", "{{ mail.subject }} {{ mail.origin }} {{ mail.watches | join }}"
)


def set_aside(book: Logbook, number: int, subject: str, **other: Any) -> None:
    fields = {"fate": "set_aside", "fate_by": ("nordwind.eod.ko",), "origin": "dsn_failed"}
    comes(book, number, subject, **fields | other)


def test_a_ko_that_was_set_aside_is_told_as_such_once_per_quiet_period(
    book: Logbook, library: Library, site: Path
) -> None:
    (site / "include/templates/mail_set_aside.md.j2").write_text(ASIDE, "utf-8")
    desk = MailDesk(book, library)
    set_aside(book, 1, "[KO] A")
    set_aside(book, 2, "[KO] B", fate_by=("nordwind.eod.ko",), origin="own_loop")
    comes(book, 3, "Disk full")
    assert desk.tell(NOW) == 2
    unclassified, aside = told(book)
    assert unclassified.message.subject == "Nordwind Logistik: 1"
    assert (aside.recipient, aside.message.subject) == ("nordwind", "Nordwind Logistik: 2 aside")
    assert "[KO] A dsn_failed nordwind.eod.ko" in aside.message.text
    assert "[KO] B own_loop nordwind.eod.ko" in aside.message.text
    set_aside(book, 4, "[KO] C")
    assert [desk.tell(NOW + minutes * MINUTE) for minutes in (1, 29, 30, 31)] == [0, 0, 1, 0]
    assert "[KO] C" in told(book)[-1].message.text
    assert "[KO] A" not in told(book)[-1].message.text


def test_a_site_without_a_template_for_them_tells_them_all_the_same(book: Logbook, library: Library) -> None:
    set_aside(book, 1, "[KO] A")
    assert MailDesk(book, library).tell(NOW) == 1
    (said,) = told(book)
    assert said.message.subject == "1 KO mails set aside"
    assert "[KO] A" in said.message.text


def test_a_mailbox_of_several_clients_is_told_to_the_platform(book: Logbook, library: Library) -> None:
    comes(book, 1, "A", client="platform")
    MailDesk(book, library).tell(NOW)
    (said,) = told(book)
    assert (said.client, said.recipient, said.message.subject) == ("platform", "platform", "Platform: 1")


def test_a_mail_that_names_another_client_does_not_hold_the_others_back(book: Logbook, library: Library) -> None:
    comes(book, 1, "Invoice of Maison Lumière", alike="x")
    comes(book, 2, "Disk full")
    MailDesk(book, library).tell(NOW)
    (said,) = told(book)
    assert "Lumière" not in said.message.text
    assert "NEW Invoice of [another client]" in said.message.text
    assert "Disk full" in said.message.text


def test_a_template_that_fails_costs_nobody_the_message(book: Logbook, library: Library, site: Path) -> None:
    (site / "include/templates/mail_unclassified.md.j2").write_text(TEMPLATE.replace("client }}", "nobody }}"), "utf-8")
    comes(book, 1, "Disk full")
    MailDesk(book, library).tell(NOW)
    (said,) = told(book)
    assert said.message.subject == "1 unclassified mails"
    assert "Disk full" in said.message.text


def test_broken_rules_and_a_broken_client_file_still_tell(book: Logbook, library: Library, site: Path) -> None:
    (site / "include/mail_desk.yaml").write_text("quiet: [\n", "utf-8")
    (site / "include/clients/nordwind/client.yaml").write_text("name: [\n", "utf-8")
    comes(book, 1, "Disk full")
    assert MailDesk(book, library).tell(NOW) == 1
    assert told(book)[0].recipient == "platform"


def test_where_our_own_mails_come_back_to(library: Library, site: Path) -> None:
    assert return_path(library) is None
    (site / "include/mail_desk.yaml").write_text("returns: vigie_mail\nreturns_folder: Bounces\n", "utf-8")
    found = return_path(library)
    assert found is not None
    assert (found.source, found.id, found.dag_id) == (
        "vigie_mail/Bounces",
        "platform.mail_desk.mail",
        "duty.mail_desk",
    )
