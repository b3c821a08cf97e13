"""Mail servers that take no more passwords, so that a mail call would stop there."""

from __future__ import annotations

_DOMAINS = (".office365.com", ".outlook.com", ".outlook.office.com")
_TAKES_NONE = ".mail.protection.outlook.com"


def ends_passwords(host: str) -> bool:
    """Whether mail is sent through this host with Microsoft 365 or Outlook.com, which end sign-in by password for SMTP.

    Exchange team, *Exchange Online to retire Basic auth for Client Submission (SMTP AUTH)*: for tenants that there are,
    off by default from the end of December 2026, and then each login is answered ``550 5.7.30``. The servers that take mail from
    anywhere for a domain (``….mail.protection.outlook.com``) sign nobody in, and are none of these.
    """
    name = host.strip().rstrip(".").lower()
    return not name.endswith(_TAKES_NONE) and f".{name}".endswith(_DOMAINS)


def password_warning(conn_id: str, host: str) -> str:
    """The sentence about a connection that signs in there by password."""
    return (
        f"the connection '{conn_id}' signs in to {host.strip()} by password; Microsoft ends that for sending mail "
        "(550 5.7.30, off by default from the end of December 2026), and calls by mail would stop."
    )


REMEDY = "Give it a token_url, client_id and client_secret: docs/operators/smtp.md."
