r"""An IMAP server without root or packages: pymap 0.36.7, in memory, one user.

It answers LOGIN, APPEND, IDLE, UID SEARCH, FETCH, STORE \Seen, MOVE and EXPUNGE. Known gaps: no TLS here, and custom
keywords are answered OK and dropped. A restart empties the mailbox and changes its UIDVALIDITY; to make a mailbox
unreachable and keep its mail, put a `vigie.demo.tcp_gate` before it.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
from argparse import ArgumentParser, Namespace
from contextlib import AsyncExitStack
from uuid import uuid4

from proxyprotocol.sock import SocketInfoLocal
from pymap.backend.dict import DictBackend
from pymap.imap import IMAPServer, IMAPService
from pysasl.hashing import Cleartext

from vigie.demo.foreground import argument_parser, secret, serve
from vigie.demo.loopback import HOST, LoopbackServer
from vigie.demo.post_box import PostBox


class ImapServer(LoopbackServer):
    """A mailbox server for one user."""

    def __init__(self, user: str = "ops", password: str = "imap-secret", port: int = 0) -> None:  # noqa: S107
        super().__init__(port)
        self.user = user
        self.password = password
        self._server: asyncio.Server | None = None
        self._stack = AsyncExitStack()
        self._connections: set[asyncio.Task[None]] = set()

    @property
    def post_box(self) -> PostBox:
        """Where mail is put into this mailbox."""
        return PostBox(self.port, self.user, self.password)

    def deliver(self, mail: bytes, folder: str = "INBOX") -> int:
        """Put a mail into the mailbox, by APPEND; returns its UID."""
        return self.post_box.deliver(mail, folder)

    async def _open(self, listener: socket.socket) -> None:
        # By default pymap hashes passwords with 500,000 rounds: a third of a second of CPU at each login.
        backend, config = await DictBackend.init(self._arguments(), hash_context=Cleartext())
        config.apply_context()
        await backend.start(self._stack)
        imap = IMAPServer(backend.login, config)

        def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            # pymap's own service starts connections through proxyprotocol/reader.py, which keeps no reference to their
            # task: an idle connection is then collected as garbage (seen on Python 3.13). So they are held here.
            info = SocketInfoLocal(writer, unique_id=uuid4().bytes)
            task = asyncio.create_task(_converse(imap, reader, writer, info))
            self._connections.add(task)
            task.add_done_callback(self._connections.discard)
            task.add_done_callback(lambda _: writer.close())

        self._server = await asyncio.start_server(connected, sock=listener)

    async def _shut(self) -> None:
        if self._server is not None:
            self._server.close()
        for task in list(self._connections):
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        await self._stack.aclose()

    def _arguments(self) -> Namespace:
        parser = ArgumentParser()
        IMAPService.add_arguments(parser)
        DictBackend.add_subparser("dict", parser.add_subparsers())
        parser.set_defaults(debug=False, passlib_cfg=None)
        arguments = parser.parse_args(["--no-tls", "--host", HOST, "--port", str(self.port), "dict"])
        arguments.demo_user = self.user
        arguments.demo_password = self.password
        return arguments


async def _converse(
    imap: IMAPServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, info: SocketInfoLocal
) -> None:
    with contextlib.suppress(ConnectionError):  # a client may leave without a LOGOUT; the tests of blindness do
        await imap(reader, writer, info)


def main() -> int:
    """Run it as a process; the password comes from the environment variable IMAP_PASSWORD."""
    parser = argument_parser("imap_server", "An IMAP server in memory, with one user.")
    parser.add_argument("--user", required=True)
    arguments = parser.parse_args()
    server = ImapServer(arguments.user, secret(parser, "IMAP_PASSWORD"), arguments.port)
    return serve(server, leash=arguments.leash)


if __name__ == "__main__":
    sys.exit(main())
