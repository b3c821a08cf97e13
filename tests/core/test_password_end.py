"""Mail servers that take no more passwords."""

from __future__ import annotations

import pytest

from vigie.core.password_end import ends_passwords, password_warning


@pytest.mark.parametrize(
    "host",
    [
        "smtp.office365.com",
        "SMTP.Office365.com.",
        " smtp.office365.com ",
        "smtp-legacy.office365.com",
        "smtp-mail.outlook.com",
        "outlook.office365.com",
        "smtp.outlook.com",
        "outlook.office.com",
    ],
)
def test_microsofts_servers_for_sending_take_no_password_any_more(host: str) -> None:
    assert ends_passwords(host)


@pytest.mark.parametrize(
    "host",
    [
        "",
        "127.0.0.1",
        "smtp.acme.example",
        "office365.com.acme.example",
        "notoffice365.com",
        "smtp.notoutlook.com",
        "acme-example.mail.protection.outlook.com",
        "smtp.gmail.com",
    ],
)
def test_others_do(host: str) -> None:
    assert not ends_passwords(host)


def test_the_warning() -> None:
    assert password_warning("vigie_smtp", "smtp.office365.com ") == (
        "the connection 'vigie_smtp' signs in to smtp.office365.com by password; Microsoft ends that for sending mail "
        "(550 5.7.30, off by default from the end of December 2026), and calls by mail would stop."
    )
