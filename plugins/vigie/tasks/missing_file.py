"""``MissingFile``, the word of a flux: files that must be there by a time of day."""

from __future__ import annotations

from typing import Any

from vigie.core.errors import InvalidDocument
from vigie.core.file_name import site_columns
from vigie.core.file_watch import FileWatch
from vigie.core.respond import Respond
from vigie.core.site_table import OWN_COLUMNS
from vigie.documents.findings import or_write
from vigie.tasks.flux_body import BODY, FluxBody
from vigie.tasks.flux_calendar import asked_calendar
from vigie.tasks.sessions import AnyWatch
from vigie.tasks.site import library
from vigie.tasks.watch_sensor import WatchSensor, check_respond


class MissingFile(WatchSensor):
    """Files of each site and business date, before a wall-clock time of the site.

    :param where: an Airflow connection (sftp, or a local folder), from the vault
    :param path: ``outbound/REPL_{site.code}_{business_date:%Y%m%d}_*.csv``; a list where its consumer
        moves the file: ``["inbox/…", "archive/…"]``
    :param sites: a table of the client: ``stores`` is include/clients/<client>/stores.yaml; without it the client is
        the only site
    :param opens: when a file may come, on the site's clock; later than ``due`` means the evening before
    :param due: when it must have come, on the site's clock
    :param slots: in place of ``due``, several times a day by their names: ``{"06": "06:30", "12": "12:30"}``
    :param days: of the week or the month, where not every day has a file: ``"mon"``, ``"mon-fri"``, ``[1, 15]``, ``"last"``
    :param grace: how long after ``due`` it counts as missing
    :param ignore_case: whether a name in another case is the same
    :param gone: what a file is that was seen and is gone before it was proved whole: ``arrived`` or ``missing``
    :param taken: whether its consumer takes it at once: then we look each second from ``opens`` until it has come, a day
        after its deadline at most
    :param at_least: how many files that fit the path one site must have
    :param stable_for: a file whose size and time stay the same so long is whole
    :param min_size: in bytes; a smaller file has not arrived
    :param max_age: a file whose own time is so long before ``due`` is an old one
    :param jeopardy: so long before the deadline a warning is given where too little is there
    :param jeopardy_below: the share of the files that is enough then
    :param jeopardy_respond: how it is told; without it in the client's channel, and nobody is called
    :param calendar: a calendar of the client, or several; the client's own where none is named
    :param shift_policy: what a holiday does: skip, previous_business_day, next_business_day, still_expected
    """

    def __init__(
        self,
        *,
        task_id: str,
        where: str,
        path: str | list[str],
        opens: str,
        respond: Respond,
        due: str | None = None,
        slots: dict[str, str] | None = None,
        sites: str | None = None,
        days: str | int | list[str | int] | None = None,
        grace: str | None = None,
        ignore_case: bool | None = None,
        gone: str | None = None,
        taken: bool | None = None,
        at_least: int | None = None,
        stable_for: str | None = None,
        min_size: int | None = None,
        max_age: str | None = None,
        jeopardy: str | None = None,
        jeopardy_below: str | None = None,
        jeopardy_respond: Respond | None = None,
        calendar: str | list[str] | None = None,
        shift_policy: str | None = None,
        check_after: str | None = None,
        blind_after: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(task_id=task_id, **kwargs)
        body = BODY.get()
        asked = asked_calendar(calendar, body, has_sites=bool(sites))
        if isinstance(jeopardy_respond, Respond):
            check_respond(jeopardy_respond, body)
        self._watch(
            FileWatch,
            respond,
            where=where,
            path=path,
            sites=sites,
            sites_digest=_digest(sites or "", body),
            opens=opens,
            due=due,
            slots=slots,
            days=days if days != [] else "",  # no day at all is a mistake; a rule that travels has an empty list
            grace=grace,
            ignore_case=ignore_case,
            gone=gone,
            taken=taken,
            at_least=at_least,
            stable_for=stable_for,
            min_size=min_size,
            max_age=max_age,
            jeopardy=jeopardy,
            jeopardy_below=jeopardy_below,
            jeopardy_respond=jeopardy_respond,
            calendar=asked.names,
            calendar_digest=asked.digest,
            shift_policy=shift_policy,
            check_after=check_after,
            blind_after=blind_after,
        )

    def _check_names(self, watch: AnyWatch, body: FluxBody) -> None:
        super()._check_names(watch, body)
        if isinstance(watch, FileWatch) and watch.sites_digest:
            _check_columns(watch, body)


def _digest(table: str, body: FluxBody) -> str:
    """The digest of a table of sites, so that a changed table replaces the trigger.

    What is wrong inside the table is not the flux's: its other watches go on, this one is blind while it looks for the
    rows that it can read, and ``./vigie check`` names the others. A client that cannot be read is the flux's problem.
    """
    if not table and body.client not in library().client_ids():
        return ""  # that there is no such client is told of the flux
    if table and table not in library().tables(body.client):
        body.wrong(
            f"there is no table of sites '{table}' for {body.client}.",
            or_write(table, library().tables(body.client), f"Write include/clients/{body.client}/{table}.yaml."),
        )
        return ""
    try:
        if not table:
            library().sites(body.client, table)
        return library().sites_digest(body.client, table)
    except InvalidDocument as broken:
        body.problems.extend(broken.problems)
        return ""


def _check_columns(watch: FileWatch, body: FluxBody) -> None:
    """Note the columns that no row has; a row that lacks one which others have is told as the row's own mistake."""
    try:
        table = library().site_table(watch.client, watch.sites)
    except InvalidDocument:
        return  # told as the table's own problem
    columns = OWN_COLUMNS.union(*(site.attributes for site in table))
    for column in sorted({*site_columns(watch.path), *watch.respond.group_by} - columns):
        if watch.sites:
            body.wrong(
                f"{watch.task_id}: the table '{watch.sites}' has no column '{column}'.",
                f"It has {', '.join(sorted(columns))}.",
            )
        else:
            body.wrong(f"{watch.task_id}: '{column}' is a column of a table of sites.", "Write sites='stores'.")
