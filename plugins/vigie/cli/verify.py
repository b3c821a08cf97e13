"""`./vigie verify`: walk the chain of the record, and say which entries are not what they were."""

from __future__ import annotations

import argparse

from vigie.cli.remedy import RemedyError
from vigie.cli.settings import Settings
from vigie.core.errors import TransportError
from vigie.logbook.book import Logbook
from vigie.logbook.chain import Fault, Head

_SAID = {
    "changed": "was changed after it was written",
    "link": "does not follow the entry before it: one of the two was changed, or one between them was removed",
    "pruned": "was pruned: its text is gone, its digest holds",
    "head": "is not there as it was sent: the record was rewritten, or its end removed",
}


def main(argv: list[str]) -> int:
    """Run the command: 0 where the record holds (pruned entries included), 1 where it does not."""
    parser = argparse.ArgumentParser(prog="./vigie verify", description="Verify the record of the logbook.")
    parser.add_argument("--head", help="a head that was sent out earlier, as 41:9f86…: the record must still hold it")
    parser.add_argument(
        "--cluster", action="store_true", help="the logbook that the vault names, not that of ./vigie up"
    )
    arguments = parser.parse_args(argv)
    try:
        sent = Head.read(arguments.head) if arguments.head else None
    except ValueError as wrong:
        raise RemedyError(f"{wrong}.", "Take it from the daily mail, or from the heartbeat.") from None
    try:
        book = Logbook(_address(cluster=arguments.cluster))
        faults, head = book.verify(sent), book.head()
        book.close()
    except TransportError as away:
        raise RemedyError(f"The logbook cannot be read: {away}.", "Make it reachable, and run it again.") from None
    for fault in faults:
        print(_line(fault))
    broken = [fault for fault in faults if fault.what != "pruned"]
    if broken:
        print(
            f"\n{len(broken)} entries are not what they were." if len(broken) > 1 else "\n1 entry is not what it was."
        )
        return 1
    print(
        f"The record holds, {head.seq if head else 0} entries. Its head is {head}." if head else "The record is empty."
    )
    return 0


def _line(fault: Fault) -> str:
    return f"entry {fault.seq} {_SAID[fault.what]}"


def _address(*, cluster: bool) -> str:
    if cluster:
        from vigie.tasks.connections import LOGBOOK, find, logbook_url

        return logbook_url(find(LOGBOOK))
    settings = Settings.from_environment()
    if not settings.logbook.exists():
        raise RemedyError(
            f"There is no logbook at {settings.logbook}.",
            "Name its folder in VIGIE_STATE, or ask for --cluster where the vault names it.",
        )
    return f"sqlite:///{settings.logbook}"
