from __future__ import annotations

import pytest
from tests.core.mail_cases import NOW

from vigie.core.mail import parse_mail

ENCRYPTED = "its text is encrypted (S/MIME)"
PGP = "its text is encrypted (PGP)"


def curtailed(written: str) -> tuple[str, ...]:
    return parse_mail(f"Subject: [KO] A\nFrom: batch@acme.example\n{written}".encode(), received_at=NOW).curtailed


def mixed(kind: str, *parts: str) -> str:
    return f"Content-Type: multipart/{kind}; boundary=b\n\n" + "".join(f"--b\n{part}\n" for part in parts) + "--b--\n"


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m\n\nMIAG", ENCRYPTED),
        ("Content-Type: application/x-pkcs7-mime; name=smime.p7m\n\nMIAG", ENCRYPTED),
        ("Content-Type: application/octet-stream; name=smime.p7m\n\nMIAG", ENCRYPTED),
        ("Content-Type: application/pkcs7-mime; smime-type=signed-data\n\nMIAG",
         "its text is within an S/MIME container (signed-data), which is not opened"),
        (mixed("encrypted", "Content-Type: application/pgp-encrypted\n\nVersion: 1", "Content-Type: application/octet-stream\n\nx"), PGP),
        ("\n-----BEGIN PGP MESSAGE-----\n\nhQEMA\n-----END PGP MESSAGE-----\n", PGP),
        (mixed("mixed", "\nSee below.", "Content-Type: application/pkcs7-mime; smime-type=enveloped-data\n\nx"), ENCRYPTED),
        (mixed("mixed", "\nProtected.", "Content-Type: application/x-microsoft-rpmsg-message; name=message.rpmsg\n\nx"),
         "its text is encrypted (Microsoft rights management)"),
        (mixed("mixed", "\n \n", "Content-Type: application/ms-tnef; name=winmail.dat\n\nx"), "its text is in winmail.dat, which only Outlook can read"),
        ("Content-Type: application/vnd.ms-tnef\n\nx", "its text is in winmail.dat, which only Outlook can read"),
        ("Content-Type: application/pdf; name=report.pdf\n\nx", "it has no text, and what it carries is not read: application/pdf (report.pdf)"),
        (mixed("mixed", *["Content-Type: image/png\n\nx"] * 5), "it has no text, and what it carries is not read: image/png, image/png, image/png and 2 more"),
        ("Content-Type: message/partial; number=1; total=3\n\nx", "it is part 1 of 3 of a mail that was sent in pieces (RFC 2046 5.2.2)"),
        (mixed("mixed", "Content-Type: message/external-body; access-type=url\n\nx"), "its text lies elsewhere (message/external-body)"),
    ],
)  # fmt: skip
def test_what_nobody_here_can_read_is_told(written: str, told: str):
    assert told in curtailed(written)


@pytest.mark.parametrize(
    "written",
    [
        "\nKO", "", "\n", mixed("signed", "\nKO", "Content-Type: application/pkcs7-signature; name=smime.p7s\n\nx"),
        mixed("signed", "\nKO", "Content-Type: application/pgp-signature\n\nx"), mixed("mixed", "\nKO", "Content-Type: application/pdf\n\nx"),
        mixed("mixed", "\nKO", "Content-Type: application/ms-tnef; name=winmail.dat\n\nx"), "\n-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nKO",
        "Content-Type: application/json\n\n{}", mixed("mixed"),
    ],
)  # fmt: skip
def test_what_is_read_whole_is_not_told(written: str):
    assert curtailed(written) == ()
