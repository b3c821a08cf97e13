"""Certificates for `localhost` and 127.0.0.1: signed by themselves, or by an authority of the test's own."""

from __future__ import annotations

import datetime as dt
import ipaddress
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass(frozen=True)
class Issuer:
    """Who signs: an authority that only those know who are given its certificate."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def pem(self) -> str:
        return _pem(self.certificate)


def make_authority(name: str = "An authority of our own") -> Issuer:
    """A new authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    return Issuer(_signed(name, key, None, [], dt.timedelta(days=7)), key)


def make_certificate(
    folder: Path,
    issuer: Issuer | None = None,
    *,
    names: tuple[str, ...] = ("localhost", "127.0.0.1"),
    ends: dt.timedelta = dt.timedelta(days=7),
) -> tuple[Path, Path]:
    """Write cert.pem and key.pem into the folder; clients trust `issuer.pem`, or without an issuer cert.pem itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    cert_file, key_file = folder / "cert.pem", folder / "key.pem"
    cert_file.write_text(_pem(_signed("localhost", key, issuer, list(names), ends)))
    key_file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return cert_file, key_file


def _signed(
    name: str, key: ec.EllipticCurvePrivateKey, issuer: Issuer | None, names: list[str], ends: dt.timedelta
) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + ends)
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
    )
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName([_name(each) for each in names]), critical=False)
    return builder.sign(issuer.key if issuer else key, hashes.SHA256())


def _name(text: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(text))
    except ValueError:
        return x509.DNSName(text)


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()
