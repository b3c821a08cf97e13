"""A gate before a server: while it is closed the server is unreachable for clients, and keeps working behind it.

Mail can so be delivered into a mailbox that the watches cannot reach. The gate keeps its port while closed: it stays
bound and refuses connections.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import sys
from collections.abc import Awaitable, Callable, Coroutine
from typing import Literal

from vigie.demo.foreground import argument_parser, serve
from vigie.demo.loopback import HOST, LoopbackServer, tcp_socket

State = Literal["open", "closed", "hanging"]
_WORDS: dict[str, State] = {"open": "open", "close": "closed", "hang": "hanging"}


class TcpGate(LoopbackServer):
    """Forwards one loopback port to another while it is open.

    `control_port` (0: any free one; None: no control) answers one word a line, for another process: `open`, `close`,
    `hang` or `state`; the answer is the gate's state.
    """

    def __init__(self, upstream: int, port: int = 0, control_port: int | None = None) -> None:
        super().__init__(port)
        self.upstream = upstream
        self.control_port = control_port
        self.state: State = "open"
        self._reservation: socket.socket | None = None
        self._doors: list[asyncio.Server] = []
        self._control: asyncio.Server | None = None
        self._allowance: int | None = None
        self.delay = 0.0
        """Seconds by which every byte is late, in each direction: a server far away."""
        self._flowing = asyncio.Event()
        self._live: set[asyncio.StreamWriter] = set()
        self._live_control: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    def open(self) -> None:
        """Let clients through."""
        self._run(self._become("open"))

    def close(self) -> None:
        """Reset the live connections and refuse new ones."""
        self._run(self._become("closed"))

    def hang(self) -> None:
        """Keep and accept connections, and let nothing through: a server that stopped answering."""
        self._run(self._become("hanging"))

    def cut_after(self, size: int) -> None:
        """Let so many more bytes of the server's answers through, then reset every connection: a line that breaks."""
        self._allowance = size

    async def _open(self, listener: socket.socket) -> None:
        # A second socket bound to the port and never listening keeps the port ours while the gate is closed;
        # SO_REUSEPORT lets both be bound, so the socket made by LoopbackServer, which lacks it, gives way.
        listener.close()
        self._reservation = self._bound()
        self._flowing = asyncio.Event()
        if self.control_port is not None:
            self._control = await asyncio.start_server(self._accept_control, HOST, self.control_port)
            self.control_port = int(self._control.sockets[0].getsockname()[1])
        await self._become(self.state)

    async def _shut(self) -> None:
        self._drop_connections()
        for server in [*self._doors, self._control]:
            if server is not None:
                server.close()
        for writer in self._live_control:
            writer.close()
        self._doors.clear()
        if self._reservation is not None:
            self._reservation.close()

    def _bound(self) -> socket.socket:
        bound = tcp_socket()
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        bound.bind((HOST, self.port))
        return bound

    async def _become(self, state: State) -> None:
        self.state = state
        if state == "closed":
            for door in self._doors:
                door.close()
            self._doors.clear()
            self._drop_connections()
        elif not self._doors:
            self._doors.append(await asyncio.start_server(self._accept, sock=self._bound()))
        if state == "open":
            self._flowing.set()
        else:
            self._flowing.clear()

    def _drop_connections(self) -> None:
        for task in self._tasks:
            task.cancel()
        for writer in self._live:
            _reset(writer)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._live.add(writer)
        self._hold(self._pass_on(reader, writer))

    def _accept_control(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._live_control.add(writer)
        self._hold(self._converse(reader, writer))

    def _hold(self, work: Coroutine[None, None, None]) -> None:
        # Not left to asyncio.start_server: on Python 3.11 it logs an error when a task of its own is cancelled.
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner: asyncio.StreamWriter | None = None
        try:
            if self.state == "closed":  # accepted just before the door closed
                return
            await self._flowing.wait()
            answers, inner = await asyncio.open_connection(HOST, self.upstream)
            self._live.add(inner)
            await asyncio.gather(self._pump(reader, inner), self._pump(answers, writer, answers=True))
            for end in (inner, writer):
                end.close()
        except OSError:
            pass  # the upstream refuses, or one side left: the client sees its connection end
        finally:
            for each in (writer, inner):
                if each is not None:
                    self._live.discard(each)
                    if not each.is_closing():
                        _reset(each)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, answers: bool = False) -> None:
        if not self.delay:
            await self._forward(reader.read, writer, answers=answers)
            return
        loop = asyncio.get_running_loop()
        under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(1000)

        async def arrive(_: int) -> bytes:
            at, data = await under_way.get()
            await asyncio.sleep(max(0.0, at - loop.time()))
            return data

        async def leave() -> None:
            data = b"begins"
            while data:
                try:
                    data = await reader.read(65536)
                except OSError:
                    data = b""
                await under_way.put((loop.time() + self.delay, data))

        leaving = asyncio.create_task(leave())
        try:
            await self._forward(arrive, writer, answers=answers)
        finally:
            leaving.cancel()

    async def _forward(
        self, read: Callable[[int], Awaitable[bytes]], writer: asyncio.StreamWriter, *, answers: bool
    ) -> None:
        while data := await read(65536):
            await self._flowing.wait()
            if answers and self._allowance is not None:
                self._allowance -= len(data)
                if self._allowance < 0:
                    self._allowance = None
                    raise ConnectionResetError
            writer.write(data)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                word = line.decode("ascii", "replace").strip()
                if word in _WORDS:
                    await self._become(_WORDS[word])
                known = word in _WORDS or word == "state"
                answer = self.state if known else "unknown word; say open, close, hang or state"
                writer.write(answer.encode() + b"\n")
                await writer.drain()
        except ConnectionError:
            pass  # it left without waiting for the answer
        finally:
            self._live_control.discard(writer)
            writer.close()


def _reset(writer: asyncio.StreamWriter) -> None:
    # With a linger time of zero the kernel sends RST, as for a server that vanished; without it the client would see the
    # orderly end of a connection.
    connection = writer.get_extra_info("socket")
    with contextlib.suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


def tell_gate(control_port: int, word: Literal["open", "close", "hang", "state"]) -> str:
    """Say one word to the gate of another process; returns its state afterwards."""
    with socket.create_connection((HOST, control_port), timeout=5) as connection:
        connection.sendall(word.encode() + b"\n")
        return connection.makefile("r", encoding="ascii").readline().strip()


def main() -> int:
    """Run it as a process."""
    parser = argument_parser("tcp_gate", "A gate before a server, which can be closed.")
    parser.add_argument("--to", type=int, required=True, help="the port of 127.0.0.1 that it forwards to")
    parser.add_argument("--control-port", type=int, required=True, help="takes the words open, close, hang, state")
    arguments = parser.parse_args()
    gate = TcpGate(arguments.to, arguments.port, arguments.control_port)
    return serve(gate, leash=arguments.leash)


if __name__ == "__main__":
    sys.exit(main())
