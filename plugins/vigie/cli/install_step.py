"""One step of the installation: its progress on the screen, its output in the log, its failure in a sentence."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from vigie.cli.remedy import RemedyError

_LIVE_EVERY_S = 0.2
_PLAIN_EVERY_S = 10.0

_NO_DISK = re.compile(r"No space left on device|os error 28|Disk quota exceeded", re.IGNORECASE)
_WRONG_HASH = re.compile(r"DO NOT MATCH THE HASHES|hash mismatch|Hash mismatch", re.IGNORECASE)
_NO_PACKAGE = re.compile(
    r"No matching distribution found for (?P<pip>\S+)"
    r"|[Bb]ecause (?P<uv>\S+) was not found"
    r"|there is no version of (?P<version>\S+)"
)
_NO_INDEX = re.compile(
    r"NewConnectionError|Failed to establish a new connection|name resolution|dns error|error sending request"
    r"|Failed to fetch|Could not connect|Connection refused|Connection reset|Read timed out|ProxyError"
    r"|CERTIFICATE_VERIFY_FAILED|certificate|tunnel error|Max retries exceeded|ConnectTimeout",
    re.IGNORECASE,
)
_FINAL = (_NO_DISK, _WRONG_HASH)


class InstallStep:
    """Runs one command. On a terminal one line shows phase, packages and seconds; elsewhere plain lines, seldom."""

    def __init__(self, phase: str, log: Path, watch: Path | None = None) -> None:
        """``watch`` is the environment whose installed packages are counted."""
        self._phase = phase
        self._log = log
        self._watch = watch
        self._from = log.stat().st_size if log.exists() else 0
        self._before = self._installed()

    def run(self, command: Sequence[str], variables: Mapping[str, str] | None = None) -> None:
        """Run it. Raises RemedyError if it fails."""
        if not self.succeeds(command, variables):
            raise self._failure()

    def succeeds(self, command: Sequence[str], variables: Mapping[str, str] | None = None) -> bool:
        """Run it, and say whether it succeeded. It is ended with us if we are interrupted."""
        begun = time.monotonic()
        with self._log.open("ab") as log:
            log.write(f"\n== {self._phase}\n".encode())
            log.flush()
            self._from = log.tell()
            process = subprocess.Popen(
                list(command),
                env={**os.environ, **(variables or {})},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
            try:
                self._show(process, begun)
            except BaseException:
                process.terminate()
                process.wait()
                raise
            finally:
                if sys.stdout.isatty():
                    print("\r\033[K", end="", flush=True)
        print(f"  {self._line(begun)}{'' if process.returncode == 0 else ': failed'}", flush=True)
        return process.returncode == 0

    def fail_if_final(self) -> None:
        """Raise RemedyError if the failure is one that no other way of installing can or may get around."""
        text = self._text()
        if any(pattern.search(text) for pattern in _FINAL):
            raise self._failure()

    def _show(self, process: subprocess.Popen[bytes], begun: float) -> None:
        live = sys.stdout.isatty()
        while True:
            try:
                process.wait(_LIVE_EVERY_S if live else _PLAIN_EVERY_S)
            except subprocess.TimeoutExpired:
                start, end = ("\r\033[K  ", "") if live else ("  ", "\n")
                print(f"{start}{self._line(begun)} ...", end=end, flush=True)
            else:
                return

    def _line(self, begun: float) -> str:
        return f"{self._phase}: {self._packages()}{time.monotonic() - begun:.0f} s"

    def _packages(self) -> str:
        if not self._watch:
            return ""
        text = self._text()
        installed = self._installed() - self._before
        fetched = len(re.findall(r"^ *(?:Downloaded|Downloading|Using cached|Collecting) ", text, re.MULTILINE))
        total = re.search(r"Resolved (\d+) packages", text)
        return f"{installed} installed{f' of {total[1]}' if total else ''}, {fetched} large ones fetched, "

    def _installed(self) -> int:
        return sum(1 for _ in self._watch.glob("lib/python*/site-packages/*.dist-info")) if self._watch else 0

    def _text(self) -> str:
        with self._log.open("rb") as log:
            log.seek(self._from)
            return log.read().decode("utf-8", "replace")

    def _failure(self) -> RemedyError:
        text = self._text()
        whole = f"The whole story is in {self._log}."
        if _NO_DISK.search(text):
            return RemedyError(
                f"There is no space left for the packages (about 1 GB). {whole}",
                "Make room, or move the checkout and the package cache to a larger disk; then start again.",
            )
        if _WRONG_HASH.search(text):
            return RemedyError(
                f"The package index sent a file that is not the one pinned by its digest. {whole}",
                "Do not use that file. Clear the package cache (uv cache clean; pip cache purge) and ask who runs the "
                "index or proxy; then start again.",
            )
        if _NO_INDEX.search(text):
            return RemedyError(
                f"The package index cannot be reached. {whole}",
                "Check network, proxy (HTTPS_PROXY) and the index that pip is set to (pip config list); then start "
                "again.",
            )
        if found := _NO_PACKAGE.search(text):
            package = next(name for name in found.groups() if name).rstrip(",.")
            return RemedyError(
                f"The package index does not have {package}. {whole}",
                "Check which index pip is set to (pip config list), and that it holds this version; then start again.",
            )
        last = next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "no output")
        return RemedyError(
            f"The installation failed at: {self._phase} ({last}). {whole}", "Remove the cause, then start again."
        )
