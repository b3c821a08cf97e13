"""From a deadline to the entry and to the page, with many fluxes due at the same minute: a whole control room.

Every flux waits for a file on one real sshd, each client by a connection of its own; none comes.
`PYTHONPATH=plugins .vigie/env/bin/python benchmarks/deadline.py`
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

from bench_room import BenchRoom, Page, add_options
from bench_site import CHECKOUT
from report import Report, spread

from vigie.core.zone import ZoneInfo

sys.path.insert(0, str(CHECKOUT))

from tests.servers.sshd import Sshd

_FLUX = '''\
from __future__ import annotations

from vigie.authoring import MissingFile, Respond, flux


@flux(client="{{client}}", stream="bench")
def {{name}}():
    """
    ## {{name}}
    A file that does not come.
    """
    MissingFile(
        task_id="file",
        where="{{client}}_files",
        path="out/{{name}}_{{{{business_date:%Y%m%d}}}}.csv",
        opens="{opens}",
        due="{due}",
        respond=Respond(severity="high", template="file_missing", procedure="relaunch", storm_after=100_000),
    )
'''
_LOOK_EVERY = 0.05
_PARIS = ZoneInfo("Europe/Paris")


class DeadlineRoom(BenchRoom):
    """A room whose clients also have a file server."""

    def _open_servers(self) -> dict[str, dict[str, Any]]:
        found = super()._open_servers()
        sshd = self._stack.enter_context(Sshd())
        (sshd.files / "out").mkdir()
        extra = {"host_key": sshd.host_key, "private_key": sshd.private_key_text}
        server = {"conn_type": "sftp", "host": "127.0.0.1", "port": sshd.port, "login": sshd.user, "extra": extra}
        return found | {f"{client}_files": server for client in self.site.clients}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lead", type=float, default=360.0, help="seconds from now to the deadline, at least (360)")
    parser.add_argument("--within", type=float, default=180.0, help="seconds until it is given up")
    add_options(parser, fluxes=300)
    options = parser.parse_args()
    report = Report("deadline", options.json)
    lead = datetime.now(UTC) + timedelta(seconds=options.lead + 60)
    deadline = lead.replace(second=0, microsecond=0)
    # The clients' zone is Paris: its clock is written, as an author would.
    shown = deadline.astimezone(_PARIS)
    room = DeadlineRoom(options)
    opens = (shown - timedelta(hours=1)).strftime("%H:%M")
    room.site.flux_text = _FLUX.format(opens=opens, due=shown.strftime("%H:%M"))
    with room:
        left = deadline.timestamp() - time.time()
        if left < 5:
            raise TimeoutError(f"all watches look {-left:.0f} s after the deadline; give it a longer --lead")
        print(f"all watches look, {left:.0f} s before the deadline", flush=True)
        time.sleep(max(0.0, left - 1))
        _measure(room, options, deadline.timestamp(), report)
    report.finish()
    return 0


def _measure(room: BenchRoom, options: argparse.Namespace, deadline: float, report: Report) -> None:
    seen: dict[str, float] = {}
    ends: dict[str, float] = {}
    seq = 0
    stop = time.monotonic() + options.within
    while time.monotonic() < stop and not (len(seen) >= options.fluxes and len(room.pages()) >= options.fluxes):
        for line in room.logbook.entries(after_seq=seq, limit=1000):
            seq = line.seq or seq
            if line.kind == "occurrence.missing":
                ends[line.watch or ""] = time.time()
            elif line.kind == "incident.opened":
                seen[line.incident or ""] = time.time()
        time.sleep(_LOOK_EVERY if len(seen) < options.fluxes else 0.3)
    time.sleep(5)  # time enough for what is told twice
    pages = room.pages()
    counts = Counter(page.key for page in pages)
    report.figures = {
        "entries": spread([at - deadline for at in ends.values()]),
        "incidents": spread([at - deadline for at in seen.values()]),
        "pages": spread([page.at - deadline for page in pages]),
        "first_pages": spread([min(page.at for page in each) - deadline for each in _by_client(room, pages).values()]),
        "lost_incidents": options.fluxes - len(seen),
        "lost_pages": len(seen) - len({page.incident for page in pages}),
        "doubled_pages": sum(count > 1 for count in counts.values()),
        "began": room.began,
    }
    rows: list[list[object]] = []
    for label, name in (
        ("deadline -> entry", "entries"),
        ("deadline -> incident", "incidents"),
        ("deadline -> page", "pages"),
        ("deadline -> first page of each client", "first_pages"),
    ):
        found = report.figures[name]
        rows.append([label, found["n"], *(found.get(part, "") for part in ("p50", "p90", "max"))])
    lost = f"lost {report.figures['lost_incidents']} incidents, {report.figures['lost_pages']} pages"
    report.table(
        f"{options.fluxes} fluxes due at one minute, on {options.mailboxes} connections, seconds; {lost}; "
        f"doubled {report.figures['doubled_pages']} pages",
        ["", "n", "p50", "p90", "max"],
        rows,
    )
    report.goal("deadline -> first page of each client, p50", 2, report.figures["first_pages"].get("p50"), " s")
    report.goal("incidents or pages lost", 0, report.figures["lost_incidents"] + report.figures["lost_pages"])
    report.goal("pages doubled", 0, report.figures["doubled_pages"])


def _by_client(room: BenchRoom, pages: list[Page]) -> dict[str, list[Page]]:
    found: dict[str, list[Page]] = {}
    for page in pages:
        incident = room.logbook.incident(page.incident)
        found.setdefault(incident.client if incident else "", []).append(page)
    return found


if __name__ == "__main__":
    raise SystemExit(main())
