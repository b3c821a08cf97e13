"""The site of the end-to-end tests: two clients, a flux for each story, a procedure with a question."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from textwrap import dedent

from vigie.core.approval import Approval
from vigie.demo.slack_world import made_id
from vigie.documents.approvals import digest_of
from vigie.documents.library import Library

LUMIERE, NORDWIND = "maison-lumiere", "nordwind"
SENDER = "batch@client.example"


def ko_flux(client: str, name: str, mailbox: str, word: str = "KO", **more: str) -> str:
    """The text of a flux with one `KoMail`, the task `ko`; its mails are `[KO] <job>` and `[OK] <job>`."""
    respond = ", ".join(
        f'{key}="{value}"' for key, value in ({"severity": "critical", "template": "ko"} | more).items()
    )
    return dedent(
        f'''
        from __future__ import annotations

        from vigie.authoring import KoMail, Respond, flux


        @flux(client="{client}", stream="tests")
        def {name}():
            """A job that mails."""
            KoMail(
                task_id="ko",
                mailbox="{mailbox}",
                sender="{SENDER}",
                subject=r"\\[{word}\\] (?P<job>\\w+)",
                resolves=r"\\[{word.replace("KO", "OK")}\\] (?P<job>\\w+)",
                dedup_key="{{job}}",
                blind_after="10 s",
                respond=Respond({respond}, storm_after=1000),
            )
        '''
    ).lstrip()


def files_flux(due: datetime) -> str:
    """The text of a flux that waits for two files, one in a folder that is not there. `due` is a full minute, UTC."""
    watches = "".join(
        f"""
    MissingFile(
        task_id="{task}",
        where="maison_lumiere_wms",
        path="{folder}/{task}_{{site.code}}_{{business_date:%Y%m%d}}.csv",
        sites="depots",
        opens="{due - timedelta(hours=6):%H:%M}",
        due="{due:%H:%M}",
        stable_for="1 s",
        respond=Respond(severity="high", template="missing"),
    )"""
        for task, folder in (("stock", "outbound"), ("returns", "nowhere"))
    )
    return f'''\
from __future__ import annotations

from vigie.authoring import MissingFile, Respond, flux


@flux(client="{LUMIERE}", stream="tests")
def files():
    """Two files a day."""{watches}
'''


def _message(subject: str, text: str) -> str:
    example = 'purpose: page, client: N, title: "[KO] EOD", facts: {job: EOD}, source: s, reason: r'
    return f"""\
---
purpose: For tests.
example: {{{example}, missing: [], count: 1, incident: INC-1, status: open}}
---
{{% extends "_incident.md.j2" %}}
{{% block subject %}}{subject}{{% endblock %}}
{{% block text %}}{text}{{% endblock %}}
"""


FILES = {
    "include/clients/maison-lumiere/client.yaml": """
        name: Maison Lumière
        zone: Europe/Paris
        languages: [fr]
        slack_channel: maison-lumiere
        policy: duty
        contacts:
          operations: {name: Opérations, email: operations@maison-lumiere.example}
    """,
    "include/clients/maison-lumiere/depots.yaml": """
        - {code: D1, name: Depot 1, zone: UTC, country: FR}
    """,
    "include/clients/nordwind/client.yaml": """
        name: Nordwind Logistik
        zone: Europe/Berlin
        languages: [en]
        slack_channel: nordwind
        policy: duty
        contacts:
          operations: {name: Operations, email: operations@nordwind.example}
    """,
    "include/rota/team.yaml": f"""
        people:
          camille: {{name: Camille Moreau, email: camille@vigie.example, slack: {made_id("U", "camille")}}}
          petra: {{name: Petra Lindqvist, email: petra@vigie.example, slack: {made_id("U", "petra")}}}
        policies:
          duty: {{steps: [{{page: [camille], delay: 60 min}}]}}
          platform_duty: {{steps: [{{page: [petra], delay: 60 min}}]}}
        platform_channel: platform
    """,
    "include/templates/_incident.md.j2": """
        {% block subject required %}{% endblock %}
        {% block text required %}{% endblock %}
        {% block html %}{{ self.text() | markdown }}{% endblock %}
        {% block slack %}{{ self.text() | mrkdwn }}{% endblock %}
    """,
    "include/templates/ko.md.j2": _message("{{ client }}: {{ facts.job }} {{ purpose }}", "{{ title }}"),
    "include/templates/missing.md.j2": _message(
        "{{ client }}: {{ missing | length }} missing",
        "{% for each in missing %}{{ each.path }} {% endfor %}{{ title }}",
    ),
    "include/templates/blind.md.j2": _message("{{ title }}", "{{ source }}: {{ reason }}"),
    "include/templates/flux_broken.md.j2": _message("{{ title }}", "{{ source }} {{ reason }}"),
    "include/templates/inform.md.j2": _message("{{ client }}: we are on it", "{{ title }}"),
    "include/procedures/maison-lumiere/relaunch.md": """
        ---
        title: Relaunch a job
        client: maison-lumiere
        severity: critical
        owner: camille
        reviewed: 2026-11-02
        ---

        ## Meaning

        A job stopped.

        ## Impact

        No file is made.

        ## Steps

        ### What does the log say?

        Read its last lines.

        - [A lock](#tell-the-client)
        - [Anything else](#escalate)

        ### Tell the client

        ```send
        template: inform
        to: operations
        ```

        ## Escalate

        Call Camille.

        ## Close

        Write the cause.
    """,
    "include/procedures/maison-lumiere/lead.md": """
        ---
        title: Lead through
        client: maison-lumiere
        severity: high
        owner: camille
        reviewed: 2026-11-02
        ---

        ## Meaning

        A job stopped.

        ## Impact

        No file is made.

        ## Steps

        ### What does it say?

        > **Four eyes**

        Read the last lines.

        - [A lock](#relaunch)
        - [Anything else](#escalate)

        ### Relaunch

        Choose **Rerun** for `{{ facts.job }}`.

        | Fill in | Kind | Name |
        |---|---|---|
        | The run's number | number | run |

        ### Did run 7 end well?

        Run {{ answers.run }} takes a minute.

        - [It did](#close)
        - [No](#escalate)

        ## Escalate

        Call Camille.

        ## Close

        Write the cause.
    """,
    "dags/maison-lumiere/lead.py": ko_flux(LUMIERE, "lead", "maison_lumiere_ops", "LEAD KO", procedure="lead"),
    "dags/maison-lumiere/night_batch.py": ko_flux(LUMIERE, "night_batch", "maison_lumiere_ops", procedure="relaunch"),
    "dags/maison-lumiere/prices.py": ko_flux(LUMIERE, "prices", "maison_lumiere_ops", "PRICE KO", severity="low"),
    "dags/nordwind/end_of_day.py": ko_flux(NORDWIND, "end_of_day", "nordwind_ops"),
    "dags/nordwind/stock.py": ko_flux(NORDWIND, "stock", "nordwind_ops", "STOCK KO"),
}


def write_site(folder: Path) -> None:
    """Write the site; Camille stands for its procedures, which are led through in production too."""
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text).lstrip("\n"), encoding="utf-8")
    library = Library(folder)
    for path in library.procedure_paths():
        data, now = path.read_bytes(), datetime.now(UTC)
        key = f"{path.parent.name}/{path.stem}"
        approval = Approval(procedure=key, digest=digest_of(data), by="camille", at=now, change="substantial")
        library.procedure_files.approvals.add(approval, data)


def next_minute(after: timedelta) -> datetime:
    """The first full minute, in UTC, that is at least so far away."""
    return (datetime.now(UTC) + after + timedelta(seconds=59)).replace(second=0, microsecond=0)
