"""`./vigie` from nothing, in a checkout whose only package is a small one in a folder: no network, no index."""

from __future__ import annotations

import base64
import fcntl
import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from vigie.cli.settings import CHECKOUT

SHOW = """
import sys
import feather
print("env", sys.prefix, "feather", feather.VERSION, "args", *sys.argv[1:])
if "wait" in sys.argv:
    print("waiting", flush=True)
    sys.stdin.read()
"""

INSTALLING = "Installing the packages of Vigie (once; only into .vigie/) ...\n"


class Checkout:
    """A copy of Vigie's own starting code, with other requirements and a command that shows where it runs."""

    def __init__(self, root: Path, wheels: Path) -> None:
        self.root, self.wheels = root, wheels
        self.env = root / ".vigie" / "env"
        cli = root / "plugins" / "vigie" / "cli"
        shutil.copytree(CHECKOUT / "plugins/vigie/cli", cli, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(CHECKOUT / "plugins/vigie/__init__.py", cli.parent)
        shutil.copy(CHECKOUT / "vigie", root)
        (cli.parent / "__main__.py").write_text(SHOW, "utf-8")
        wheels.mkdir()
        self.require("1.0")

    def require(self, version: str, digest: str | None = None) -> None:
        """Pin feather, and put that version into the folder of wheels."""
        wheel = make_wheel(self.wheels, version)
        sha256 = digest or hashlib.sha256(wheel.read_bytes()).hexdigest()
        (self.root / "requirements.txt").write_text(f"feather=={version} --hash=sha256:{sha256}\n", "utf-8")

    def environment(self, **more: str) -> dict[str, str]:
        mine = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "UV_", "PYTHON"))}
        return {**mine, "PIP_CONFIG_FILE": os.devnull, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(self.wheels), **more}

    def start(self, *arguments: str, **more: str) -> subprocess.Popen[str]:
        # What a shell starts in the background ignores Ctrl-C, and so does all that it starts: not this one.
        return subprocess.Popen(
            ["env", "--default-signal=INT", sys.executable, str(self.root / "vigie"), *arguments],
            env=self.environment(**more),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(self, *arguments: str, **more: str) -> tuple[int, str, str]:
        process = self.start(*arguments, **more)
        out, err = process.communicate(timeout=120)
        return process.returncode, out, err


def make_wheel(folder: Path, version: str) -> Path:
    wheel = folder / f"feather-{version}-py3-none-any.whl"
    files = {
        "feather.py": f"VERSION = {version!r}\n",
        f"feather-{version}.dist-info/METADATA": f"Metadata-Version: 2.1\nName: feather\nVersion: {version}\n",
        f"feather-{version}.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = f"feather-{version}.dist-info/RECORD"
    lines = [
        f"{name},sha256={base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip('=')},{len(text)}"
        for name, text in files.items()
    ]
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, text in {**files, record: "\n".join([*lines, f"{record},,", ""])}.items():
            archive.writestr(zipfile.ZipInfo(name), text)
    return wheel


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path / "checkout", tmp_path / "wheels")


def shown(checkout: Checkout, version: str, *arguments: str) -> str:
    return f"env {checkout.env} feather {version} args {' '.join(arguments)}\n"


def test_the_first_start_installs_and_the_second_does_not(checkout: Checkout) -> None:
    code, out, _ = checkout.run("up", "--detach")
    assert code == 0
    assert out.startswith(INSTALLING)
    assert out.endswith(shown(checkout, "1.0", "up", "--detach"))
    code, out, _ = checkout.run("check")
    assert (code, out) == (0, shown(checkout, "1.0", "check"))
    log = (checkout.root / ".vigie" / "install.log").read_text("utf-8")
    assert "Successfully installed feather-1.0" in log


def test_changed_requirements_make_a_new_environment_but_not_under_a_running_one(checkout: Checkout) -> None:
    running = checkout.start("up", "wait")
    assert running.stdout
    while "waiting" not in running.stdout.readline():
        assert running.poll() is None
    stray = next(checkout.env.glob("lib/python*/site-packages")) / "stray.py"
    stray.touch()
    checkout.require("2.0")

    code, _, err = checkout.run("check")
    assert code == 2
    assert err == (
        "Packages are to be installed, and a running Vigie uses the environment.\n"
        "  Remedy: ./vigie stop (or end the demo), then start this again.\n"
    )
    code, out, _ = checkout.run("status")  # must work all the same
    assert (code, out) == (0, shown(checkout, "1.0", "status"))

    running.communicate()
    code, out, _ = checkout.run("check")
    assert code == 0
    assert out.startswith(INSTALLING)
    assert out.endswith(shown(checkout, "2.0", "check"))
    assert not stray.exists()


@contextmanager
def amid_installing(checkout: Checkout) -> Iterator[subprocess.Popen[str]]:
    """A first start that waits for an index that has taken its call and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as index:
        index.settimeout(60)
        url = f"http://127.0.0.1:{index.getsockname()[1]}/simple"
        first = checkout.start("check", PIP_NO_INDEX="0", PIP_FIND_LINKS="", PIP_INDEX_URL=url)
        call, _ = index.accept()
        with call:
            yield first


def test_an_interrupted_install_is_repaired(checkout: Checkout) -> None:
    with amid_installing(checkout) as first:
        os.killpg(first.pid, signal.SIGKILL)
        first.communicate()
    assert not list(checkout.env.glob("*.sha256"))
    code, out, _ = checkout.run("check")
    assert code == 0
    assert out.endswith(shown(checkout, "1.0", "check"))


def test_ctrl_c_says_that_nothing_is_lost(checkout: Checkout) -> None:
    with amid_installing(checkout) as first:
        os.killpg(first.pid, signal.SIGINT)
        _, err = first.communicate()
    assert first.returncode == 130
    assert err.endswith("Stopped. The next start repairs what is unfinished.\n")
    assert not list(checkout.env.glob("*.sha256"))


def test_two_starts_at_once_install_once(checkout: Checkout) -> None:
    starts = [checkout.start("check") for _ in range(2)]
    outputs = [start.communicate(timeout=120)[0] for start in starts]
    assert [start.returncode for start in starts] == [0, 0]
    assert all(output.endswith(shown(checkout, "1.0", "check")) for output in outputs)
    assert sum(INSTALLING in output for output in outputs) == 1


def test_where_the_installer_cannot_be_had_pip_does_it(checkout: Checkout) -> None:
    (checkout.root / "requirements-bootstrap.txt").write_text(f"uv==0.0.1 --hash=sha256:{'0' * 64}\n", "utf-8")
    code, out, _ = checkout.run("check")
    assert code == 0
    assert "installer: " in out
    assert out.endswith(shown(checkout, "1.0", "check"))


def test_a_file_with_another_digest_is_refused(checkout: Checkout) -> None:
    checkout.require("1.0", digest="0" * 64)
    code, _, err = checkout.run("check")
    assert code == 2
    assert err == (
        "The package index sent a file that is not the one pinned by its digest. "
        f"The whole story is in {checkout.root}/.vigie/install.log.\n"
        "  Remedy: Do not use that file. Clear the package cache (uv cache clean; pip cache purge) and ask who runs the "
        "index or proxy; then start again.\n"
    )


def test_a_package_that_is_nowhere_is_named(checkout: Checkout) -> None:
    for wheel in checkout.wheels.iterdir():
        wheel.unlink()
    code, _, err = checkout.run("check")
    assert code == 2
    assert err == (
        f"The package index does not have feather==1.0. The whole story is in {checkout.root}/.vigie/install.log.\n"
        "  Remedy: Check which index pip is set to (pip config list), and that it holds this version; then start "
        "again.\n"
    )


def test_an_index_that_does_not_answer_is_said_as_such(checkout: Checkout) -> None:
    code, _, err = checkout.run(
        "check", PIP_NO_INDEX="0", PIP_FIND_LINKS="", PIP_INDEX_URL="http://127.0.0.1:1/simple", PIP_RETRIES="1"
    )
    assert code == 2
    assert err == (
        f"The package index cannot be reached. The whole story is in {checkout.root}/.vigie/install.log.\n"
        "  Remedy: Check network, proxy (HTTPS_PROXY) and the index that pip is set to (pip config list); then start "
        "again.\n"
    )


def test_a_python_that_cannot_make_environments_is_named(checkout: Checkout, tmp_path: Path) -> None:
    crippled = tmp_path / "crippled"
    crippled.mkdir()
    (crippled / "ensurepip.py").write_text("raise ImportError('no', name='ensurepip')", "utf-8")
    code, _, err = checkout.run("check", PYTHONPATH=str(crippled))
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    assert code == 2
    assert err == (
        f"This Python ({sys.executable}) cannot make environments: its module ensurepip is missing.\n"
        f"  Remedy: Install it (Debian: apt-get install python{version}-venv), then start again.\n"
    )


def test_help_needs_no_installation(tmp_path: Path) -> None:
    checkout = Checkout(tmp_path / "checkout", tmp_path / "wheels")
    for arguments in ([], ["--help"]):
        code, out, _ = checkout.run(*arguments)
        assert code == 0
        for command in ("demo", "up", "stop", "status", "check", "test"):
            assert f"  ./vigie {command} " in out
    assert not (checkout.root / ".vigie").exists()


def test_the_lock_is_free_after_the_command(checkout: Checkout) -> None:
    checkout.run("check")
    with (checkout.root / ".vigie" / "env.lock").open("r+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
