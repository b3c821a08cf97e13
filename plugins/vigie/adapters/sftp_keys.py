"""The keys of an SFTP server: by which it is known, and with which we log in."""

from __future__ import annotations

import base64
import binascii
from typing import Any

import asyncssh

from vigie.core.errors import Refused, TransportError


def trusted(where: str, host_key: str | None, known_hosts: str | None, *, unchecked: bool) -> Any:
    """What asyncssh takes as ``known_hosts``. Raises TransportError (permanent) where nothing says who the server is."""
    if unchecked:
        return None
    if host_key:
        return [_public_key(host_key)], [], []
    if known_hosts:
        return asyncssh.import_known_hosts(known_hosts)
    remedy = "give its host_key (ssh-keyscan shows it), or say no_host_key_check"
    raise TransportError(f"{where}: the server's host key is not known; {remedy}", permanent=True)


def client_keys(where: str, private_key: str | None, passphrase: str | None) -> list[asyncssh.SSHKey] | None:
    """The key to log in with; None where there is none. Raises Refused where it cannot be read."""
    if private_key is None:
        return None
    try:
        return [asyncssh.import_private_key(private_key, passphrase)]
    except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError) as error:
        raise Refused(f"{where}: the private key cannot be read: {error}") from error


def _public_key(text: str) -> asyncssh.SSHKey:
    """A host key, with or without the word before its base64 part (which holds the same word: RFC 4253 6.6)."""
    words = text.split()
    try:
        if len(words) == 1:
            blob = base64.b64decode(words[0], validate=True)
            words.insert(0, blob[4 : 4 + int.from_bytes(blob[:4], "big")].decode("ascii"))
        return asyncssh.import_public_key(" ".join(words[:2]))
    except (asyncssh.KeyImportError, binascii.Error, ValueError) as error:
        raise TransportError(
            f"the host_key cannot be read: {error}; write it as ssh-keyscan does", permanent=True
        ) from error
