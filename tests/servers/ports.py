"""Free ports for what takes several neighbouring ones, below those that the system gives to outgoing connections."""

from __future__ import annotations

import os
import socket

_FIRST = 12000
_EACH_WORKER = 1000
_STEP = 50


def free_port_base() -> int:
    """The first of 25 neighbouring ports that were free a moment ago. Two processes of pytest-xdist never get the same."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    first = _FIRST + worker * _EACH_WORKER
    for base in range(first, first + _EACH_WORKER, _STEP):
        if all(is_free(base + offset) for offset in range(25)):
            return base
    raise AssertionError(f"no free ports between {first} and {first + _EACH_WORKER}")


def is_free(port: int) -> bool:
    """Whether nobody listens on this port of loopback."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as servers do: TIME_WAIT is no hindrance
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
