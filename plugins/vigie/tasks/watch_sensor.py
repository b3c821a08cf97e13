"""A watch in a flux: one class makes its event trigger (first pair of eyes) and its check (the second)."""

from __future__ import annotations

from collections.abc import Sequence
from inspect import signature
from pathlib import Path
from typing import Any

from airflow.providers.standard.utils.skipmixin import SkipMixin
from airflow.sdk import AssetWatcher, BaseOperator, BaseSensorOperator, Context, PokeReturnValue
from pydantic import ValidationError

from vigie.core.claim import refused
from vigie.core.errors import InvalidDocument
from vigie.core.ko_mail import problems_of
from vigie.core.respond import Respond
from vigie.core.watch import MailboxWatch, MailWatch
from vigie.documents.findings import did_you_mean, or_write
from vigie.tasks import connections
from vigie.tasks.audit import audit
from vigie.tasks.clock import utc_now
from vigie.tasks.flux_body import BODY, FluxBody
from vigie.tasks.sessions import WATCH, AnyWatch, WatchTrigger
from vigie.tasks.site import library, public_url

POOL = "checks"

OPERATOR_WORDS = frozenset(signature(BaseOperator.__init__).parameters) | {"default_args"}
"""What Airflow itself takes of a task."""


class Anomaly(BaseOperator):
    """Runs only where the check before it found something: a square in Airflow's grid that is seldom green."""

    def __init__(self, *, watch_task: str, **kwargs: Any) -> None:
        super().__init__(pool=POOL, retries=0, **kwargs)
        self.watch_task = watch_task

    def execute(self, context: Context) -> list[str]:
        """Say which incidents are open, with their addresses."""
        finding = context["ti"].xcom_pull(task_ids=self.watch_task)
        for incident in finding["incidents"]:
            self.log.warning("%s: %s", incident, public_url(f"/vigie/incidents/{incident}"))
        return list(finding["incidents"])


class WatchSensor(BaseSensorOperator, SkipMixin):
    """The check of a watch: green when somebody looked (quiet or anomaly), red when nobody could (blind)."""

    ui_color = "#dfeffc"
    inherits_from_skipmixin = True
    template_fields: Sequence[str] = ()

    def __init__(self, *, task_id: str, **kwargs: Any) -> None:
        for word in [word for word in kwargs if word not in OPERATOR_WORDS]:
            del kwargs[word]
            own = signature(type(self)).parameters.keys() - {"kwargs"}
            remedy = did_you_mean(word, own, "docs/authors/fluxes.md has them all.")
            BODY.get().wrong(f"{type(self).__name__} '{task_id}': unknown parameter '{word}'.", remedy)
        fixed = {"pool": POOL, "retries": 0, "mode": "poke", "timeout": 900}
        super().__init__(task_id=task_id, **kwargs | fixed)
        self.watch: dict[str, Any] = {}
        self.written_at: tuple[str, int | None] = ("", None)

    def _watch(self, kind: type[AnyWatch], respond: Respond, **fields: Any) -> None:
        """Make the rule, note what is wrong with it, and hang its trigger on the flux's asset."""
        body = BODY.get()
        if isinstance(respond, Respond):
            check_respond(respond, body)
        asked = {name: value for name, value in fields.items() if value is not None}
        try:
            watch = kind(client=body.client, flux=body.flux, task_id=self.task_id, respond=respond, **asked)
        except ValidationError as failed:
            body.refused(f"{type(self).__name__} '{self.task_id}'", failed)
            return
        check_connection(watch, body)
        self._check_names(watch, body)
        body.watches.append(watch)
        self.watch = watch.model_dump(mode="json")
        self.written_at = (body.shown, body.line())
        body.asset.watchers.append(AssetWatcher(name=watch.id, trigger=WatchTrigger(self.watch)))
        self >> Anomaly(task_id=f"{self.task_id}_anomaly", task_display_name="anomaly", watch_task=self.task_id)

    def _check_names(self, watch: AnyWatch, body: FluxBody) -> None:
        """Note what the rule alone cannot know."""
        if isinstance(watch, MailWatch):
            for problem in problems_of(watch):
                body.wrong(problem)

    def poke(self, context: Context) -> PokeReturnValue:
        """Audit once; TransportError (blind) makes the task red."""
        watch = WATCH.validate_python(self.watch)
        finding = audit(watch, connections.logbook(), connections.find, utc_now())
        self.log.info("%s: %s", finding.outcome, finding.text)
        # A list, because Airflow stores a tuple under the name of its class.
        verdict = {**finding._asdict(), "incidents": list(finding.incidents)}
        return PokeReturnValue(is_done=True, xcom_value=verdict)

    def execute(self, context: Context) -> Any:
        """Audit, and skip what follows where nothing is wrong."""
        finding = super().execute(context)
        if finding["outcome"] == "quiet":
            # Skipping ends the task by an exception, which would take what is returned with it.
            context["ti"].xcom_push(key="return_value", value=finding)
            self.skip(context["ti"], self.get_direct_relatives(upstream=False))
        return finding


def check_connection(watch: AnyWatch, body: FluxBody) -> None:
    """Note where a watch uses a connection that is not its client's."""
    connection = watch.mailbox if isinstance(watch, MailboxWatch) else watch.where
    clients = library().clients()
    if body.client not in clients or Path(body.file).parent.name != body.client:
        return  # the client is wrong, and told so
    why = refused(body.client, connection, clients)
    if why is not None:
        own = clients[body.client].connections
        remedy = f"Write it under 'connections:' of include/clients/{body.client}/client.yaml if it is its own."
        body.wrong(why, did_you_mean(connection, own, remedy))


def check_respond(respond: Respond, body: FluxBody) -> None:
    """Note where an answer names a template or a procedure that is not there."""
    if not library().template_exists(respond.template, body.client):
        body.wrong(
            f"there is no template '{respond.template}' for {body.client}.",
            or_write(
                respond.template,
                library().template_names(body.client),
                f"Write include/templates/{body.client}/{respond.template}.md.j2.",
            ),
        )
    if respond.procedure and respond.procedure not in library().procedure_names(body.client):
        body.wrong(
            f"there is no procedure '{respond.procedure}' for {body.client}.",
            did_you_mean(
                respond.procedure,
                library().procedure_names(body.client),
                f"Write include/procedures/{body.client}/{respond.procedure}.md.",
            ),
        )


def monitors_of(client: str) -> list[dict[str, str | None]]:
    """The monitors of a client; none where its file is broken, which the check tells: their mails are set aside or doubtful."""
    try:
        return [each.model_dump() for each in library().client(client).monitors]
    except InvalidDocument:
        return []


class KoMail(WatchSensor):
    """A mail that says that something failed, and the one that says it is well again.

    :param mailbox: an Airflow connection (imap), from the vault
    :param subject: RE2 pattern of the subject of a KO; its named groups are facts
    :param body: RE2 pattern of its text
    :param headers: RE2 patterns by the names of headers: ``{"X-Job-Status": "failed"}``
    :param attachment: RE2 pattern of the name of an attachment
    :param unless: patterns that take a KO back: ``["KO: 0", {"body": "test run"}, {"headers": {"X-Env": "test"}}]``
    :param resolves: RE2 pattern of the subject that ends the incident of the same ``dedup_key``
    :param resolves_body: RE2 pattern of the text of that mail
    :param resolves_unless: patterns that take such an OK back, as ``unless``
    :param ignores: RE2 pattern of the subject of mails that mean nothing, so that nobody has to classify them
    :param dedup_key: what is one incident, from the named groups: ``"{job}"``
    :param sender: only mail from this address, or from this domain: ``@acme.example``
    :param recipient: only mail to this address or domain
    :param trust_sender: hear what the patterns find even where the mail is proved to be a bounce or an automatic answer, or
        looks like one (``False``); the client's ``monitors:`` say it of a sender for all of its fluxes
    :param authenticated_by: the mail server that must say of an OK who sent it (Authentication-Results)
    """

    def __init__(
        self,
        *,
        task_id: str,
        mailbox: str,
        respond: Respond,
        subject: str | None = None,
        body: str | None = None,
        headers: dict[str, str] | None = None,
        attachment: str | None = None,
        unless: Sequence[str | dict[str, Any]] | None = None,
        sender: str | None = None,
        recipient: str | None = None,
        authenticated_by: str | None = None,
        resolves: str | None = None,
        resolves_body: str | None = None,
        resolves_unless: Sequence[str | dict[str, Any]] | None = None,
        ignores: str | None = None,
        dedup_key: str | None = None,
        trust_sender: bool | None = None,
        folder: str | None = None,
        ignore_case: bool | None = None,
        blind_after: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(task_id=task_id, **kwargs)
        self._watch(
            MailWatch,
            respond,
            mailbox=mailbox,
            subject=subject,
            body=body,
            headers=headers,
            attachment=attachment,
            unless=unless,
            sender=sender,
            recipient=recipient,
            authenticated_by=authenticated_by,
            resolves=resolves,
            resolves_body=resolves_body,
            resolves_unless=resolves_unless,
            ignores=ignores,
            dedup_key=dedup_key,
            trust_sender=trust_sender,
            monitors=monitors_of(BODY.get().client),
            folder=folder,
            ignore_case=ignore_case,
            blind_after=blind_after,
        )
