"""``MissingMail`` in a flux: an OK mail, or a quorum of them, that must come by a deadline."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from vigie.core.client import Client
from vigie.core.errors import InvalidDocument
from vigie.core.missing_mail import MissingMailWatch, problems_of
from vigie.core.respond import Respond
from vigie.tasks.flux_body import BODY, FluxBody
from vigie.tasks.flux_calendar import AskedCalendar, asked_calendar
from vigie.tasks.sessions import AnyWatch
from vigie.tasks.site import library
from vigie.tasks.watch_sensor import WatchSensor


class MissingMail(WatchSensor):
    """An OK mail expected each day by a time; its absence is the anomaly.

    :param mailbox: an Airflow connection (imap), from the vault
    :param opens: from when on a mail counts for the day; later than ``due`` means the evening before
    :param due: when it must have come
    :param zone: the time zone of ``opens`` and ``due``; the client's own where none is written
    :param grace: how long after ``due`` it counts as missing; mail travels
    :param subject: RE2 pattern of the subject of an OK
    :param body: RE2 pattern of its text
    :param headers: RE2 patterns by the names of headers: ``{"X-Job-Status": "ok"}``
    :param attachment: RE2 pattern of the name of an attachment
    :param unless: patterns that take a match back: ``["NOT OK", {"body": "test run"}]``
    :param sender: only mail from this address, or from this domain: ``@acme.example``
    :param recipient: only mail to this address or domain
    :param authenticated_by: the mail server that must say of an OK who sent it (Authentication-Results)
    :param expect_count: how many must come
    :param distinct_by: the named group that tells them apart: two mails with one value count as one
    :param expect: the values of that group that must each come: ``["vm1", "vm2"]``
    :param calendar: a calendar of the client, or several; the client's own where none is named
    :param shift_policy: what a holiday does: ``skip`` (waived) or ``still_expected``
    :param date_format: how the group ``business_date`` is written, where the patterns have it: ``"%Y-%m-%d"``
    """

    def __init__(
        self,
        *,
        task_id: str,
        mailbox: str,
        opens: str,
        due: str,
        respond: Respond,
        zone: str | None = None,
        grace: str | None = None,
        subject: str | None = None,
        body: str | None = None,
        headers: dict[str, str] | None = None,
        attachment: str | None = None,
        unless: Sequence[str | dict[str, Any]] | None = None,
        sender: str | None = None,
        recipient: str | None = None,
        authenticated_by: str | None = None,
        expect_count: int | None = None,
        distinct_by: str | None = None,
        expect: Sequence[str] | None = None,
        date_format: str | None = None,
        calendar: str | list[str] | None = None,
        shift_policy: str | None = None,
        folder: str | None = None,
        ignore_case: bool | None = None,
        check_after: str | None = None,
        blind_after: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(task_id=task_id, **kwargs)
        own = _client(BODY.get())
        days = asked_calendar(calendar, BODY.get(), has_sites=False) if own else AskedCalendar(())
        self._watch(
            MissingMailWatch,
            respond,
            mailbox=mailbox,
            opens=opens,
            due=due,
            zone=(own.zone if own else "UTC") if zone is None else zone,
            country=own.country if own else None,
            calendar=days.names,
            calendar_digest=days.digest,
            shift_policy=shift_policy,
            grace=grace,
            subject=subject,
            body=body,
            headers=headers,
            attachment=attachment,
            unless=unless,
            sender=sender,
            recipient=recipient,
            authenticated_by=authenticated_by,
            expect_count=expect_count,
            distinct_by=distinct_by,
            expect=expect,
            date_format=date_format,
            monitors=[each.model_dump() for each in own.monitors] if own else None,
            folder=folder,
            ignore_case=ignore_case,
            check_after=check_after,
            blind_after=blind_after,
        )

    def _check_names(self, watch: AnyWatch, body: FluxBody) -> None:
        if isinstance(watch, MissingMailWatch):
            for problem in problems_of(watch):
                body.wrong(problem)


def _client(body: FluxBody) -> Client | None:
    """The client; what is wrong with its file becomes the flux's, or it would watch at another time."""
    if body.client not in library().client_ids():
        return None  # that there is no such client is told of the flux
    try:
        return library().client(body.client)
    except InvalidDocument as broken:
        body.problems.extend(broken.problems)
        return None
