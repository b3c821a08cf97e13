"""An IMAP server that says what a test tells it to: for what no real server can be made to do."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

ANSWERS = {
    "greeting": ["* OK ready"],
    "CAPABILITY": ["* CAPABILITY IMAP4rev1 IDLE AUTH=XOAUTH2 AUTH=PLAIN", "{tag} OK done"],
    "LOGIN": ["{tag} OK done"],
    "EXAMINE": ["* 1 EXISTS", "* OK [UIDVALIDITY 7] -", "* OK [UIDNEXT 42] -", "{tag} OK [READ-ONLY] done"],
    "NOOP": ["{tag} OK done"],
    "UID SEARCH": ["* SEARCH", "{tag} OK done"],
    "IDLE": ["+ idling"],
    "DONE": ["{tag} OK done"],
    "LOGOUT": ["* BYE until then", "{tag} OK done"],
}


class ScriptedImap:
    """Serves connections one after the other. ``answers`` maps a command to its lines (CRLF is added).

    A line ``hang`` means: answer no more; ``drop``: close the connection.
    """

    def __init__(self, **answers: list[str]) -> None:
        self.answers = ANSWERS | {name.replace("_", " "): lines for name, lines in answers.items()}
        self.heard: list[str] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._connection: socket.socket | None = None
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def count(self, command: str) -> int:
        return sum(each.split(" ", 1)[-1].startswith(command) or each == command for each in self.heard)

    def wait_until(self, condition: Callable[[], bool], within: float = 5.0) -> None:
        with self._changed:
            assert self._changed.wait_for(condition, within), f"heard only {self.heard}"

    def push(self, text: str) -> None:
        """Send bytes unasked."""
        assert self._connection is not None
        self._connection.sendall(text.encode())

    def drop(self) -> None:
        """End the connection, as a server does that is restarted."""
        assert self._connection is not None
        with contextlib.suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                self._connection, _ = self._listener.accept()
                with contextlib.suppress(OSError), self._connection:
                    self._converse(self._connection)

    def _converse(self, connection: socket.socket) -> None:
        connection.sendall("".join(f"{line}\r\n" for line in self.answers["greeting"]).encode())
        tag = "-"
        for raw in connection.makefile("rb"):
            line = raw.decode().rstrip("\r\n")
            words = line.split(" ")
            name = words[0] if len(words) == 1 else words[1]
            name = " ".join(words[1:3]) if name == "UID" else name
            tag = tag if len(words) == 1 else words[0]
            with self._changed:
                self.heard.append(line)
                self._changed.notify_all()
            lines = self.answers.get(name, ["{tag} BAD what"])
            said = [each for each in lines if each not in ("hang", "drop")]
            answer = "".join(each.replace("{tag}", tag) + "\r\n" for each in said)
            connection.sendall(answer.encode())  # in one packet
            if "drop" in lines:
                connection.shutdown(socket.SHUT_RDWR)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        if self._connection is not None:
            self.drop()
        self._thread.join(5)


def seconds(act: Callable[[], object]) -> float:
    """How long it takes."""
    started = time.monotonic()
    act()
    return time.monotonic() - started
