"""Occurrences: one end each, the first recorded."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from vigie.core.occurrence import NEEDED, RULE, UNSEEN, Occurrence, first_arrivals
from vigie.logbook.columns import short_key
from vigie.logbook.schema import occurrence as table
from vigie.logbook.store import Store

_AMENDS = {"late", "on_time"}
FEW = 500
"""So many sites are asked for by their codes; of more than that every row of these dates is read."""

_Name = tuple[str, str, date, str]


def merged(known: Occurrence, seen: Occurrence) -> Occurrence:
    """What the logbook keeps of an occurrence that it knows and that was seen again.

    While it is pending everything may change (an author may move a deadline), but a warning once given stays given.
    Once it has ended it stays so; only *missing* may become *late*, or *on_time* where the file's own time says so,
    what nobody looked for in time may be due again where its deadline was moved, and a file that was sent again
    replaces what is known of it. The last look is never set back. What has come by
    name is the same whoever saw it first, and however often.
    """
    if known.status == "pending":
        looked_at = max(filter(None, (known.looked_at, seen.looked_at)), default=None)
        warned_at = min(filter(None, (known.warned_at, seen.warned_at)), default=None)
        return seen.model_copy(update={"looked_at": looked_at, "warned_at": warned_at, **_progress(known, seen)})
    if known.status == "missing" and seen.status in _AMENDS:
        new = {name: getattr(seen, name) for name in ("status", "reason", "arrived_at", "looked_at", "files")}
        return known.model_copy(update=new | _progress(known, seen))
    if (
        known.status == "waived"
        and known.reason in UNSEEN
        and seen.status == "pending"
        and seen.deadline > known.deadline
    ):
        return seen
    if known.status == "missing" == seen.status:
        known = known.model_copy(update=_progress(known, seen))
    if known.status == seen.status and seen.files:
        return known.model_copy(update={"files": seen.files})
    return known


def _progress(known: Occurrence, seen: Occurrence) -> dict[str, Any]:
    if known.labels.get(RULE) != seen.labels.get(RULE):
        return {"labels": seen.labels, "arrivals": seen.arrivals}
    needed = int(seen.labels.get(NEEDED, 0))
    return {"arrivals": first_arrivals(needed, known.arrivals, seen.arrivals)}


def _name(one: Occurrence) -> _Name:
    return short_key(one.watch), short_key(one.site), one.business_date, one.slot


def record_occurrences(connection: Connection, seen: Sequence[Occurrence]) -> list[str]:
    """Record what a look saw; the keys of the occurrences whose status changed by it (or that are new and ended)."""
    if not seen:
        return []
    known = _known(connection, seen)
    before = dict(known)
    for one in seen:
        name = _name(one)
        known[name] = merged(known[name], one) if name in known else one
    new = [_row(one) for name, one in known.items() if name not in before]
    changed = [_row(one) for name, one in known.items() if name in before and one != before[name]]
    if new:
        connection.execute(insert(table), new)
    if changed:
        connection.execute(_amend, [{f"_{name}": value for name, value in row.items()} for row in changed])
    return [
        one.key for name, one in known.items() if one.status != (before[name].status if name in before else "pending")
    ]


_PLACE = ("watch", "business_date", "slot", "site")
_amend = (
    update(table)
    .where(*(table.c[name] == bindparam(f"_{name}") for name in _PLACE))
    .values({column.name: bindparam(f"_{column.name}") for column in table.c if column.name not in _PLACE})
)


def _row(one: Occurrence) -> dict[str, Any]:
    return {
        **one.model_dump(exclude={"files", "arrivals", "also"}),
        "path": "\n".join(one.places),
        "files": [file.model_dump(mode="json") for file in one.files],
        "arrivals": {name: at.isoformat() for name, at in one.arrivals.items()},
    }


def _known(connection: Connection, seen: Sequence[Occurrence]) -> dict[_Name, Occurrence]:
    wanted = {_name(one) for one in seen}
    query = (
        select(table)
        .where(
            table.c.watch.in_({one.watch for one in seen}),
            table.c.business_date.in_({one.business_date for one in seen}),
        )
        .order_by(table.c.watch, table.c.business_date, table.c.slot, table.c.site)
        .with_for_update()
    )
    sites = {one.site for one in seen}
    if len(sites) <= FEW:
        query = query.where(table.c.site.in_(sites))  # one file of five thousand sites reads one row
    found = _read(connection.execute(query).mappings())
    return {_name(one): one for one in found if _name(one) in wanted}


def _read(rows: Iterable[Any]) -> list[Occurrence]:
    return [Occurrence.model_validate({**row, **_places(row["path"])}) for row in rows]


def _places(path: str) -> dict[str, Any]:
    """The places of a file stand in one column, one a line: no path has a line's end in it."""
    first, *also = path.split("\n")
    return {"path": first, "also": tuple(also)}


class Occurrences(Store):
    """What was expected, and how it ended."""

    def occurrences(self, watch: str, *, since: date) -> list[Occurrence]:
        """The occurrences of a watch from a business date on, by date and site."""
        query = (
            select(table)
            .where(table.c.watch == watch, table.c.business_date >= since)
            .order_by(table.c.business_date, table.c.slot, table.c.site)
        )
        with self._reading() as connection:
            return _read(connection.execute(query).mappings())

    def occurrences_of(self, watches: Sequence[str], *, since: date, due_after: datetime) -> list[Occurrence]:
        """The occurrences of several watches from a business date on whose deadline is later than an instant (UTC)."""
        found: list[Occurrence] = []
        with self._reading() as connection:
            for start in range(0, len(watches), 500):
                query = (
                    select(table)
                    .where(
                        table.c.watch.in_(watches[start : start + 500]),
                        table.c.business_date >= since,
                        table.c.deadline > due_after,
                    )
                    .order_by(table.c.watch, table.c.business_date, table.c.slot, table.c.site)
                )
                found += _read(connection.execute(query).mappings())
        return found
