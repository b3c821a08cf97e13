"""`./vigie replay`: a log of real arrivals, judged as a watch would have judged it. Nothing is recorded or sent."""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from vigie.cli.remedy import RemedyError
from vigie.cli.replay_rule import Rule, flux_rule, written_rule
from vigie.core.clock_changes import clock_changes
from vigie.core.errors import InvalidDocument
from vigie.core.jeopardy import is_warning
from vigie.core.replay import Arrival, Replayed, replay
from vigie.core.replay_remarks import log_ends_early, why_unexpected
from vigie.core.window import check_zone
from vigie.core.zone import ZoneInfo
from vigie.documents.arrivals import read_arrivals

_IN_TIME = ("on_time", "early")


def main(argv: list[str]) -> int:
    """Run the command: 0 where the log could be judged, 1 where it cannot be read."""
    arguments = _arguments(argv)
    try:
        log = read_arrivals(str(arguments.arrivals), _bytes(arguments.arrivals), _log_zone(arguments.log_tz))
        rule = written_rule(arguments) if arguments.due else flux_rule(arguments)
    except InvalidDocument as invalid:
        print(invalid, file=sys.stderr)
        return 1
    arrivals = log.arrivals if arguments.flux else [each._replace(name=_name_of(each)) for each in log.arrivals]
    found = replay(rule.watch, rule.sites, arrivals, rule.days)
    for remark in log.remarks:
        print(remark, file=sys.stderr)
    why = why_unexpected(rule.watch, rule.sites, rule.days, found)
    for arrival in found.unexpected:
        because = f": {why[arrival]}" if arrival in why else ""
        where = f"{arguments.arrivals}:{arrival.line}"
        print(f"{where}: '{arrival.name}' is no file that is expected{because}.", file=sys.stderr)
    if early := log_ends_early(found, arrivals):
        last = f"{max(each.at for each in arrivals if each.at).astimezone(rule.zone):%Y-%m-%d %H:%M} {rule.zone.key}"
        days = sorted({each.when for each in early})
        print(
            f"{arguments.arrivals}: its last file is of {last}; {_several(len(early), 'file')} due later "
            f"({days[0]}{f' to {days[-1]}' if len(days) > 1 else ''}) "
            f"{'counts' if len(early) == 1 else 'count'} as missing.",
            file=sys.stderr,
        )
    for arrival in found.unplaced:
        where = f"{arguments.arrivals}:{arrival.line}: '{arrival.name}' is expected in several folders"
        print(f"{where}; it does not count. Write it with its folder.", file=sys.stderr)
    lines = sys.stderr if arguments.json else sys.stdout
    for line in (*_told(found, rule), *_ends(found, rule)):
        print(line, file=lines)
    if arguments.json:
        print(json.dumps(_counts(found)))
    return 0


def _arguments(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="./vigie replay",
        usage="./vigie replay ARRIVALS.csv (FLUX | --due 18:30 --tz Europe/Rome [--grace ...] [--calendar ...]) [--json]",
        description="A log of arrivals, judged as a watch of files would have judged it: what would have been told, when. "
        "Nothing is recorded or sent.",
        epilog="Every business date from the first to the last of the log is judged, each once: on time (early too), "
        "late (it came after the deadline, however late), missing (it never came) or waived (the calendar). The first "
        "arrival of a file counts; one sent again changes nothing. docs/authors/expected.md says more.",
    )
    parser.add_argument(
        "arrivals",
        type=Path,
        metavar="ARRIVALS.csv",
        help="a table with the columns business_date,file_name,arrived_at; in any order, beside others",
    )
    parser.add_argument("flux", nargs="?", metavar="FLUX", help="client.flux, or client.flux.watch: judge by its rule")
    parser.add_argument("--due", help="or one file a day, whatever its name: due at this time of day, as 18:30 ...")
    parser.add_argument("--tz", help="... on the clocks of this zone, as Europe/Rome")
    parser.add_argument("--grace", help="how long after it a file counts as missing (default: 0 s)")
    parser.add_argument("--opens", help="from when on it may come; earlier is early (default: 00:00)")
    parser.add_argument("--days", help="where not every day has a file: mon, mon-fri, 1,15 or last (of the month)")
    parser.add_argument("--calendar", help="a place, as IT or FR-57, or a client's calendar, as acme/stores")
    parser.add_argument("--country", help="where the file is expected, if that calendar goes by countries: IT, FR-57")
    parser.add_argument(
        "--shift-policy",
        help="what a holiday does: skip, previous_business_day, next_business_day, still_expected (default: skip)",
    )
    parser.add_argument("--log-tz", help="the zone of times in the log that do not say one, as UTC or Europe/Rome")
    parser.add_argument("--json", action="store_true", help="print one object of counts; the lines go to stderr")
    parser.add_argument("--site", type=Path, help="the folder with dags/ and include/ (default: this one)")
    arguments = parser.parse_args(argv)
    if bool(arguments.flux) == bool(arguments.due):
        parser.error("name a FLUX, or write --due and --tz")
    if arguments.due and not arguments.tz:
        parser.error("--due needs --tz: whose clocks?")
    for name in ("tz", "grace", "opens", "days", "calendar", "country", "shift_policy"):
        if arguments.flux and getattr(arguments, name) is not None:
            parser.error(f"--{name.replace('_', '-')} is of a rule of --due; the FLUX has its own")
    return arguments


def _log_zone(name: str | None) -> ZoneInfo | None:
    try:
        return None if name is None else ZoneInfo(check_zone(name))
    except ValueError as refused:
        raise RemedyError(f"--log-tz: {refused}.", "./vigie replay --help says more.") from None


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as wrong:
        raise RemedyError(f"{path} cannot be read: {wrong.strerror}.", "Name a log of arrivals in CSV.") from None


def _name_of(arrival: Arrival) -> str:
    """In a log without a flux the column of the business date is the key, whatever the file is called."""
    return arrival.business_date.isoformat()


def _told(found: Replayed, rule: Rule) -> Iterator[str]:
    """A line for each thing that would have been told: an incident opened, changed, resolved."""
    since: dict[str, datetime] = {}
    for signal in found.told:
        begun = since.setdefault(signal.dedup_key, signal.seen_at)
        minutes = round((signal.seen_at - begun).total_seconds() / 60)
        opening = "warning" if is_warning(signal) else "ALERT"
        word = {"trigger": opening, "update": "changed", "resolve": "resolved"}[signal.event]
        after = f", after {minutes // 60} h {minutes % 60:02} min" if signal.event == "resolve" else ""
        if signal.event == "resolve":
            del since[signal.dedup_key]
        yield f"{signal.seen_at.astimezone(rule.zone):%Y-%m-%d %H:%M} {rule.zone.key}  {word:<8}  {signal.title}{after}"


def _ends(found: Replayed, rule: Rule) -> Iterator[str]:
    for occurrence in found.occurrences:
        if occurrence.status == "missing":
            yield f"missing: {occurrence.site} {occurrence.when}, never came"
    waived = Counter(each.reason for each in found.occurrences if each.status == "waived")
    for reason, number in waived.items():
        yield f"waived: {reason}{f' ({number})' if number > 1 else ''}"
    for sentence in clock_changes(rule.watch, rule.sites, found.occurrences):
        yield f"clocks: {sentence}"
    if found.occurrences:
        first, last = (each(one.business_date for one in found.occurrences) for each in (min, max))
        deadline = max(each.deadline for each in found.occurrences).astimezone(rule.zone)
        yield f"judged: {first} to {last}, the last deadline {deadline:%Y-%m-%d %H:%M} {rule.zone.key}"
    counts = _counts(found)
    ends = ", ".join(f"{counts[name]} {name.replace('_', ' ')}" for name in ("on_time", "late", "missing", "waived"))
    early = f" ({found.count('early')} of them early)" if found.count("early") else ""
    yield f"{_several(counts['occurrences'], 'occurrence')}: {ends}{early}; {_several(counts['alerts'], 'alert')}."


def _several(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"


def _counts(found: Replayed) -> dict[str, int]:
    open_now: set[str] = set()
    alerts = 0
    for signal in found.told:
        if is_warning(signal):
            continue
        if signal.event == "resolve":
            open_now.discard(signal.dedup_key)
        elif signal.dedup_key not in open_now:
            open_now.add(signal.dedup_key)
            alerts += 1
    return {
        "occurrences": len(found.occurrences),
        "on_time": found.count(*_IN_TIME),
        "late": found.count("late"),
        "missing": found.count("missing"),
        "waived": found.count("waived"),
        "alerts": alerts,
    }
