"""Whether the ports that an installation needs are free, and who holds those that are not."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Mapping

import psutil

from vigie.cli.remedy import RemedyError
from vigie.cli.settings import LOOPBACK


def require_free(ports: Mapping[int, str], command: str) -> None:
    """Raise RemedyError, naming each port that is in use, what it is for and who holds it.

    ``command`` is the one in the remedy that takes ``--port-base``.
    """
    taken = [port for port in ports if not _is_free(port)]
    if not taken:
        return
    what = "; ".join(f"port {port} ({ports[port]}) is in use{_holder(port)}" for port in taken)
    raise RemedyError(
        f"On {LOOPBACK}, {what}.",
        f"Stop what uses {'it' if len(taken) == 1 else 'them'}, or choose other ports: "
        f"{command} --port-base {min(ports) + 1000}.",
    )


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as servers do: TIME_WAIT is no hindrance
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def _holder(port: int) -> str:
    with contextlib.suppress(psutil.Error):
        for connection in psutil.net_connections("tcp"):
            if connection.status == psutil.CONN_LISTEN and connection.laddr.port == port and connection.pid:
                return f" by {psutil.Process(connection.pid).name()} (process {connection.pid})"
    return ""
