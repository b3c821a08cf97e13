from __future__ import annotations

import os
import socket
from collections.abc import Iterator

import psutil
import pytest

from vigie.cli.ports import require_free
from vigie.cli.remedy import RemedyError


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield listening.getsockname()[1]


def test_a_port_in_use_is_named_with_its_holder_and_a_way_out(taken: int) -> None:
    with pytest.raises(RemedyError) as refused:
        require_free({taken: "Airflow's pages and API"}, "./vigie up")
    me = psutil.Process().name()
    assert str(refused.value) == (
        f"On 127.0.0.1, port {taken} (Airflow's pages and API) is in use by {me} (process {os.getpid()}).\n"
        f"  Remedy: Stop what uses it, or choose other ports: ./vigie up --port-base {taken + 1000}."
    )


def test_a_port_that_was_just_closed_is_free() -> None:
    with socket.socket() as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        port = listening.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)):
            listening.accept()[0].close()  # leaves the server's end in TIME_WAIT
    require_free({port: "anything"}, "./vigie up")
