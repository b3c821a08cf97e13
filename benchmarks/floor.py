"""The floor: what a page must cost on this machine, in this run, if Vigie itself cost nothing.

One sample = a bare IDLE push (imapclient, a folder of the bench's own mail server) + the resume of a bare deferred task
(bare_resume.py, a run of the bench's own Airflow).
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from pathlib import Path
from typing import NamedTuple

from imapclient import IMAPClient

from vigie.demo.post_box import PostBox

FOLDER = "Floor"
_HOST = "127.0.0.1"


class Sample(NamedTuple):
    """Seconds."""

    push: float
    resume: float

    @property
    def whole(self) -> float:
        return self.push + self.resume


class BarePush:
    """A connection in IDLE and one that appends: how long after the end of the append the push comes."""

    def __init__(self, box: PostBox) -> None:
        self._writer = box.connect()
        self._writer.create_folder(FOLDER)
        self._reader: IMAPClient = box.connect()
        self._reader.select_folder(FOLDER)

    def measure(self, mail: bytes) -> float:
        self._reader.idle()
        self._writer.append(FOLDER, mail)
        appended = time.time()
        # Not idle_check(): it gives up where a line comes in two pieces. The socket's time limit ends the wait.
        while b"EXISTS" not in self._reader._imap._get_line():
            pass
        pushed = time.time()
        self._reader.idle_done()
        return pushed - appended

    def close(self) -> None:
        for connection in (self._reader, self._writer):
            with contextlib.suppress(Exception):
                connection.shutdown()


class BareResume:
    """Wakes the bare task: how long after the byte its ``resume`` begins."""

    def __init__(self, port: int, file: Path) -> None:
        self._port = port
        self._file = file

    def measure(self, within: float = 30) -> float:
        """Wait until the task is deferred, wake it, and wait until it has been resumed."""
        end = time.monotonic() + within
        before = len(self._resumed())
        connection = self._listening(end)
        with connection:
            sent = time.time()
            connection.sendall(b"!")
            while len(resumed := self._resumed()) <= before:
                if time.monotonic() > end:
                    raise TimeoutError(f"the bare task was not resumed within {within:g} s")
                time.sleep(0.02)
        return resumed[-1] - sent

    def _listening(self, end: float) -> socket.socket:
        while True:
            try:
                return socket.create_connection((_HOST, self._port), timeout=5)
            except OSError:
                if time.monotonic() > end:
                    raise TimeoutError("the bare task does not listen") from None
                time.sleep(0.05)

    def _resumed(self) -> list[float]:
        lines = self._file.read_text("ascii").split("\n")[:-1] if self._file.exists() else []
        return [float(line) for line in lines]


class Floor:
    """Samples in a thread of its own, one whenever asked; a request while one is under way is left out."""

    def __init__(self, push: BarePush, resume: BareResume, mail: bytes) -> None:
        self.samples: list[Sample] = []
        self.dropped = 0
        """Samples without a figure: Airflow fails a task that is resumed before it has heard that it deferred."""
        self._push, self._resume, self._mail = push, resume, mail
        self._asked = threading.Event()
        self._ended = False
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="floor", daemon=True)
        self._thread.start()

    def ask(self) -> None:
        """Take a sample now, unless one is under way. Raises what the last one failed with."""
        if self._failure is not None:
            raise self._failure
        self._asked.set()

    def end(self) -> None:
        """Finish the sample under way."""
        self._ended = True
        self._asked.set()
        self._thread.join(70)
        self._push.close()

    def _run(self) -> None:
        try:
            while self._asked.wait() and not self._ended:
                try:
                    self.samples.append(Sample(self._push.measure(self._mail), self._resume.measure()))
                except TimeoutError:
                    self.dropped += 1
                self._asked.clear()
                if self._ended:  # asked for while we measured, and cleared just now
                    return
        except BaseException as failure:  # noqa: BLE001 - told by ask()
            self._failure = failure
