"""A server of the demo's world as a process of its own, so that it does not share the bench's interpreter lock."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Self


class ServerProcess:
    """`python -m vigie.demo.<module>`, on any free port; it ends with the bench, even if that is killed."""

    def __init__(self, module: str, arguments: Sequence[str] = (), secrets: Mapping[str, str] | None = None) -> None:
        self._command = [sys.executable, "-m", f"vigie.demo.{module}", "--leash", *arguments]
        self._environment = {**os.environ, **(secrets or {})}
        self._process: subprocess.Popen[bytes] | None = None
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 (closed in __exit__)
        self.port = 0

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env=self._environment,
            start_new_session=True,
        )
        return self

    def wait_ready(self) -> None:
        """Wait until clients may connect. Raises RuntimeError where the server ends instead."""
        assert self._process is not None
        assert self._process.stdout is not None
        line = self._process.stdout.readline().decode()
        if not line.startswith("listening on "):
            code = self._process.wait()
            self._errors.seek(0)
            said = self._errors.read().decode(errors="replace")
            raise RuntimeError(f"{' '.join(self._command)} did not start (exit code {code}):\n{said}")
        self.port = int(line.rpartition(":")[2])

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()
        self._errors.close()
