from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from vigie.demo.tcp_gate import TcpGate, tell_gate


@pytest.fixture
def echo() -> Iterator[int]:
    """A server that sends back what it gets."""
    listener = socket.create_server(("127.0.0.1", 0))

    def converse(connection: socket.socket) -> None:
        with connection:
            try:
                while data := connection.recv(65536):
                    connection.sendall(data)
            except ConnectionError:
                pass

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=converse, args=(connection,), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    yield int(listener.getsockname()[1])
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join()


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=5)


def echoed(connection: socket.socket, data: bytes) -> bytes:
    connection.sendall(data)
    return connection.recv(65536)


def test_an_open_gate_passes_everything_on(echo: int):
    with TcpGate(echo) as gate, connect(gate.port) as client:
        large = bytes(range(256)) * 4096
        sender = threading.Thread(target=lambda: (client.sendall(large), client.shutdown(socket.SHUT_WR)))
        sender.start()
        received = b""
        while part := client.recv(65536):
            received += part
        sender.join()
    assert received == large


def test_a_closed_gate_drops_refuses_and_keeps_its_port(echo: int):
    with TcpGate(echo) as gate:
        with connect(gate.port) as live:
            assert echoed(live, b"one") == b"one"
            gate.close()
            with pytest.raises(ConnectionResetError):
                live.recv(1)
        for _ in range(2):
            with pytest.raises(ConnectionRefusedError):
                connect(gate.port)
        with socket.socket() as thief, pytest.raises(OSError):
            thief.bind(("127.0.0.1", gate.port))
        gate.open()
        with connect(gate.port) as again:
            assert echoed(again, b"two") == b"two"


def test_a_hanging_gate_is_silent_and_loses_nothing(echo: int):
    with TcpGate(echo) as gate, connect(gate.port) as live:
        assert echoed(live, b"one") == b"one"
        gate.hang()
        with connect(gate.port) as new:
            for each in (live, new):
                each.settimeout(0.1)
                with pytest.raises(TimeoutError):
                    echoed(each, b"late")
                each.settimeout(5)
            gate.open()
            assert [each.recv(100) for each in (live, new)] == [b"late", b"late"]


def test_a_gate_before_nothing_ends_the_connection():
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        with (
            TcpGate(closed.getsockname()[1]) as gate,
            contextlib.suppress(ConnectionResetError),
            connect(gate.port) as client,
        ):
            assert client.recv(1) == b""


def test_another_process_tells_it_what_to_do(echo: int):
    with TcpGate(echo, control_port=0) as gate:
        assert gate.control_port
        assert tell_gate(gate.control_port, "state") == "open"
        assert tell_gate(gate.control_port, "close") == "closed"
        with pytest.raises(ConnectionRefusedError):
            connect(gate.port)
        assert tell_gate(gate.control_port, "hang") == "hanging"
        assert tell_gate(gate.control_port, "explode") == "unknown word; say open, close, hang or state"  # type: ignore[arg-type]
        assert tell_gate(gate.control_port, "open") == "open"
        with connect(gate.port) as client:
            assert echoed(client, b"x") == b"x"


def test_a_line_that_breaks_in_the_middle_of_an_answer_breaks_once(echo: int):
    with TcpGate(echo) as gate:
        with connect(gate.port) as client:
            gate.cut_after(3)
            assert echoed(client, b"abc") == b"abc"
            client.sendall(b"d")
            with pytest.raises(ConnectionResetError):
                client.recv(100)
        with connect(gate.port) as client:
            assert echoed(client, b"again") == b"again"


def test_a_server_far_away_answers_later_and_loses_nothing(echo: int) -> None:
    with TcpGate(echo) as gate:
        gate.delay = 0.1
        with socket.create_connection(("127.0.0.1", gate.port), timeout=5) as connection:
            began = time.monotonic()
            connection.sendall(b"a")
            connection.sendall(b"b")
            got = b""
            while len(got) < 2:
                got += connection.recv(10)
            assert got == b"ab"
            assert 0.2 <= time.monotonic() - began < 2
