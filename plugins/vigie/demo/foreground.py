"""One server of the demo's world as a process: `python -m vigie.demo.<server> --port N`.

It prints one line, `listening on 127.0.0.1:PORT`, once clients may connect, and ends with SIGTERM or SIGINT. With
`--leash` it also ends when its standard input closes: a parent that holds the other end of that pipe takes the server
with it, even when the parent is killed. (Unlike PR_SET_PDEATHSIG, which fires when the *thread* that started the child
ends, and exists on Linux only.)
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from types import FrameType

from vigie.demo.loopback import HOST, LoopbackServer, PortInUse


def argument_parser(module: str, description: str) -> argparse.ArgumentParser:
    """A parser that already knows `--port` and `--leash`."""
    parser = argparse.ArgumentParser(prog=f"python -m vigie.demo.{module}", description=description)
    parser.add_argument("--port", type=int, default=0, help="port of 127.0.0.1; any free one when left out")
    parser.add_argument("--leash", action="store_true", help="end when standard input closes")
    return parser


def secret(parser: argparse.ArgumentParser, name: str) -> str:
    """A password from the environment (never from the command line, which every user of the machine can read)."""
    value = os.environ.get(name, "")
    if not value:
        parser.error(f"the environment variable {name} is empty; it holds the password")
    return value


def serve(server: LoopbackServer, *, leash: bool) -> int:
    """Run the server until it is told to end; the exit code is 0, or 2 when its port is in use."""
    told = threading.Event()

    def end(_signal: int, _frame: FrameType | None) -> None:
        told.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    try:
        server.start()
    except PortInUse as error:
        print(error.strerror, file=sys.stderr)
        return 2
    try:
        print(f"listening on {HOST}:{server.port}", flush=True)
        if leash:
            threading.Thread(target=_wait_for_end_of_input, args=(told,), daemon=True).start()
        told.wait()
    finally:
        server.stop()
    return 0


def _wait_for_end_of_input(told: threading.Event) -> None:
    # os.read, not sys.stdin: a daemon thread that holds the buffer's lock at exit aborts the interpreter.
    while os.read(0, 4096):
        pass
    told.set()
