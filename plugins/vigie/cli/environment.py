"""The Python environment of a checkout: exactly the packages of its requirements files, or not used at all."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from vigie.cli.install_step import InstallStep
from vigie.cli.pip_settings import uv_environment
from vigie.cli.remedy import RemedyError

LOCK_VARIABLE = "VIGIE_ENV_LOCK"
"""Names the open file whose lock says that the environment is in use; a process in the background inherits it."""

_PATIENCE_S = 3.0


class Environment:
    """``.vigie/env`` and what belongs to it. One start installs, others wait; nobody installs under a running one.

    A stamp for each requirements file, with its digest, is written only after success. Without the right stamp the
    environment is made anew from nothing, so that an interrupted install or an old package never stays.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.home = folder / "env"
        self.python = self.home / "bin" / "python"
        self._log = folder / "install.log"
        self._lock: int | None = None

    def ensure(self, requirements: Sequence[Path], bootstrap: Path) -> None:
        """Install what is missing; the environment is then locked against changes while this process lives.

        ``bootstrap`` pins the installer. Raises RemedyError.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._lock = os.open(self.folder / "env.lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as wrong:
            raise RemedyError(
                f"{self.folder} cannot be written: {wrong.strerror}.", "Give yourself the right to write there."
            ) from wrong
        self._share(requirements)
        if self._missing(requirements):
            self._install(requirements, bootstrap)
            fcntl.flock(self._lock, fcntl.LOCK_SH)

    def handed_on(self) -> dict[str, str]:
        """What the command's environment must hold so that the lock outlives the change to another program."""
        if self._lock is None:
            return {}
        os.set_inheritable(self._lock, True)
        return {LOCK_VARIABLE: str(self._lock)}

    def _share(self, requirements: Sequence[Path]) -> None:
        """Lock: shared if nothing is missing, else exclusive."""
        assert self._lock is not None  # noqa: S101 - ensure() opened it
        told = False
        refused_since = None
        while True:
            try:
                fcntl.flock(self._lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                if not told:
                    print("Another start is installing the packages; waiting for it ...", flush=True)
                told, refused_since = True, None
                time.sleep(0.3)
                continue
            if not self._missing(requirements):
                return
            try:
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:  # shared by a running command, or by another start in this same moment
                fcntl.flock(self._lock, fcntl.LOCK_UN)
                refused_since = refused_since or time.monotonic()
                if time.monotonic() - refused_since > _PATIENCE_S:
                    raise RemedyError(
                        "Packages are to be installed, and a running Vigie uses the environment.",
                        "./vigie stop (or end the demo), then start this again.",
                    ) from None
                time.sleep(0.05 + os.getpid() % 10 / 100)
            else:
                return

    def _missing(self, requirements: Sequence[Path]) -> list[Path]:
        if not self.python.exists():
            return list(requirements)
        return [path for path in requirements if _read(self._stamp(path)) != _digest(path)]

    def _stamp(self, requirements: Path) -> Path:
        return self.home / f"vigie.{requirements.name}.sha256"

    def _install(self, requirements: Sequence[Path], bootstrap: Path) -> None:
        begun = time.monotonic()
        missing = self._missing(requirements)
        if requirements[0] in missing:
            print("Installing the packages of Vigie (once; only into .vigie/) ...", flush=True)
            self._log.write_bytes(b"")
            self._make_bare()
            missing = list(requirements)
        else:
            print("Installing the packages of the tests ...", flush=True)
        self._fill(missing, bootstrap)
        for path in missing:
            self._stamp(path).write_text(_digest(path), "utf-8")
        print(f"Installed in {time.monotonic() - begun:.0f} s.", flush=True)

    def _make_bare(self) -> None:
        try:
            import ensurepip  # noqa: F401 - Debian packs it separately, with venv's other half
            import venv  # noqa: F401
        except ImportError as wrong:
            version = f"{sys.version_info[0]}.{sys.version_info[1]}"
            raise RemedyError(
                f"This Python ({sys.executable}) cannot make environments: its module {wrong.name} is missing.",
                f"Install it (Debian: apt-get install python{version}-venv), then start again.",
            ) from wrong
        # A stamp must not outlive what it is about, whatever happens next.
        if self.home.exists():
            shutil.rmtree(self.home)
        InstallStep("environment", self._log).run([sys.executable, "-m", "venv", str(self.home)])

    def _fill(self, requirements: Sequence[Path], bootstrap: Path) -> None:
        files = [argument for path in requirements for argument in ("-r", str(path))]
        uv = self._uv(bootstrap)
        pip = [str(self.python), "-m", "pip", "install", "--require-hashes", "--disable-pip-version-check", *files]
        step = InstallStep("packages", self._log, watch=self.home)
        if not uv:
            step.run(pip)
            return
        variables, flags = uv_environment(self.python)
        command = [str(uv), "pip", "install", "--python", str(self.python), "--require-hashes", *flags, *files]
        # pip knows ways to an index that uv does not: it has the last word, except on a file that is not the pinned one.
        if not step.succeeds(command, variables):
            step.fail_if_final()
            InstallStep("packages, with pip", self._log, watch=self.home).run(pip)

    def _uv(self, bootstrap: Path) -> Path | None:
        """The installer, fetched by pip on the first call; None where it cannot be had."""
        home = self.folder / "uv"
        uv, stamp = home / "bin" / "uv", home / "vigie.sha256"
        if not bootstrap.exists():
            return None
        if uv.exists() and _read(stamp) == _digest(bootstrap):
            return uv
        if home.exists():
            shutil.rmtree(home)
        pip = [str(self.python), "-m", "pip", "install", "--require-hashes", "--no-deps", "--disable-pip-version-check"]
        step = InstallStep("installer", self._log)
        if not step.succeeds([*pip, "--retries", "1", "--target", str(home), "-r", str(bootstrap)]):
            step.fail_if_final()
            return None
        stamp.write_text(_digest(bootstrap), "utf-8")
        return uv


def _digest(path: Path) -> str:
    python = f"{sys.implementation.cache_tag}\n".encode()
    return hashlib.sha256(python + path.read_bytes()).hexdigest()


def _read(path: Path) -> str:
    return path.read_text("utf-8") if path.exists() else ""
