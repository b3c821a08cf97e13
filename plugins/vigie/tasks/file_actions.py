"""The actions on a file server: move a file, copy it, drop it again."""

from __future__ import annotations

import posixpath
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import paramiko
from airflow.providers.sftp.hooks.sftp import SFTPHook

from vigie.core.action import Copy, Move, Resend
from vigie.core.errors import TransportError
from vigie.tasks.deed import Deed, Result, shown, without_secrets
from vigie.tasks.remote_actions import FAR_AWAY

PIECE = 1 << 20


def move(wanted: Move, deed: Deed) -> Result:
    """Move a file; a file that is there already is not overwritten."""
    with _server(wanted.connection, deed) as server:
        if deed.again and _size(server, wanted.file) is None and _size(server, wanted.to) is not None:
            return Result(True, f"{wanted.file} is at {wanted.to}")
        _must_be_there(server, wanted.file)
        _must_be_free(server, wanted.to)
        server.rename(wanted.file, wanted.to)
    return Result(True, f"{wanted.file} moved to {wanted.to}")


def copy(wanted: Copy, deed: Deed) -> Result:
    """Copy a file; it appears whole, and a file that is there already is not overwritten."""
    with _server(wanted.connection, deed) as server:
        return _copied(server, wanted.file, wanted.to, deed)


def resend(wanted: Resend, deed: Deed) -> Result:
    """Drop a file again, under its own name, into the folder in which the receiver looks."""
    target = posixpath.join(wanted.to, posixpath.basename(wanted.file))
    with _server(wanted.connection, deed) as server:
        return _copied(server, wanted.file, target, deed)


def _copied(server: paramiko.SFTPClient, file: str, target: str, deed: Deed) -> Result:
    size = _must_be_there(server, file)
    if deed.again and _size(server, target) == size:
        return Result(True, f"{file} is at {target}, {size} bytes")
    _must_be_free(server, target)
    folder, name = posixpath.split(target)
    part = posixpath.join(folder, f".{name}.vigie-part")  # nobody's pattern reads a hidden name
    with server.open(file, "rb") as source, server.open(part, "wb") as copied:
        source.prefetch(size)
        while piece := source.read(PIECE):
            copied.write(piece)
    if _size(server, part) != size:
        with suppress(OSError):
            server.remove(part)
        raise TransportError(f"{file} changed while it was copied; nothing was dropped")
    server.rename(part, target)
    return Result(True, f"{file} copied to {target}, {size} bytes")


@contextmanager
def _server(conn_id: str, deed: Deed) -> Iterator[paramiko.SFTPClient]:
    connection = deed.connection(conn_id)
    try:
        with SFTPHook(ssh_conn_id=conn_id).get_managed_conn() as server:
            yield server
    except FAR_AWAY as failed:
        told = without_secrets(str(failed), connection)
        raise TransportError(f"{connection.host}: {type(failed).__name__}: {shown(told)}") from None


def _size(server: paramiko.SFTPClient, path: str) -> int | None:
    """The size of a file; None where there is none."""
    try:
        found = server.stat(path)
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(found.st_mode or 0):
        raise TransportError(f"{path} is no file")
    return int(found.st_size or 0)


def _must_be_there(server: paramiko.SFTPClient, path: str) -> int:
    size = _size(server, path)
    if size is None:
        raise TransportError(f"there is no file {path}")
    return size


def _must_be_free(server: paramiko.SFTPClient, path: str) -> None:
    if _size(server, path) is not None:
        raise TransportError(f"{path} is there already; it is not overwritten")
