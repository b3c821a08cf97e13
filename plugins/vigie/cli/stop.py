"""`./vigie stop`: end an installation in order, and whatever a killed one left behind."""

from __future__ import annotations

import argparse
import time

import psutil

from vigie.cli import family
from vigie.cli.record import RunRecord
from vigie.cli.settings import Settings
from vigie.cli.up import add_place

_ORDERLY_S = 45.0
_KILLED_S = 10.0


def main(argv: list[str]) -> int:
    """Stop it; the exit code is 0 when no process is left, also when nothing ran."""
    parser = argparse.ArgumentParser(prog="./vigie stop", description="Stop the control room of this machine.")
    add_place(parser)
    arguments = parser.parse_args(argv)
    settings = Settings.from_environment(state=arguments.state, port_base=arguments.port_base)
    record = RunRecord(settings.state)
    holder = record.holder()
    process = holder.process if holder and record.is_held() else None
    if process:
        print(f"Stopping process {process.pid} (up to 20 s) ...", flush=True)
        process.terminate()
        if not _is_released(record, _ORDERLY_S):
            print("It does not stop in order; it is killed.", flush=True)
            process.kill()
            _is_released(record, _KILLED_S)
        psutil.wait_procs([process], timeout=_KILLED_S)
    left = family.end(settings.state)
    surviving = [member.pid for member in family.members(settings.state)]
    if surviving or record.is_held():
        print(f"Not all could be ended; still there: {surviving or 'the supervisor'}.")
        return 1
    more = f" {left} left-over processes were ended." if left else ""
    print(f"{'Stopped' if process else 'Nothing ran'}; no process is left.{more}")
    return 0


def _is_released(record: RunRecord, timeout: float) -> bool:
    deadline = time.monotonic() + timeout
    while record.is_held():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True
