"""A small site of two clients, written to a folder."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

STORES = [
    *((f"TYO-{number:02}", "Asia/Tokyo", "JP", "tokyo") for number in range(1, 13)),
    *((f"PAR-{number:02}", "Europe/Paris", "FR", "paris") for number in range(1, 3)),
    ("NYC-01", "America/New_York", "US", "new-york"),
]

FILES = {
    "include/clients/nordwind/client.yaml": """
        name: Nordwind Logistik
        zone: Europe/Berlin
        languages: [en]
        slack_channel: nordwind
        policy: duty
        contacts:
          operations: {name: Nordwind operations, email: ops@nordwind.example}
    """,
    "include/clients/maison-lumiere/client.yaml": """
        name: Maison Lumière
        zone: Europe/Paris
        languages: [fr, en]
        slack_channel: maison-lumiere
        policy: duty
        contacts:
          warehouse: {name: Tokyo warehouse, email: desk@tokyo.example, language: en}
    """,
    "include/clients/maison-lumiere/stores.yaml": "\n".join(
        f"- {{code: {code}, name: Store {code}, zone: {zone}, country: {country}, warehouse: {warehouse}}}"
        for code, zone, country, warehouse in STORES
    ),
    "include/rota/team.yaml": """
        people:
          anna: {name: Anna Weiss, email: anna@vigie.example, slack: U0ANNA, language: en}
          bruno: {name: Bruno Keller, email: bruno@vigie.example, slack: U0BRUNO, language: fr}
          petra: {name: Petra Holm, email: petra@vigie.example, slack: U0PETRA, language: en}
        policies:
          duty:
            steps:
              - {page: [anna], delay: 10 min}
              - {page: [bruno], delay: 10 min}
            repeat: 1
          platform_duty:
            steps:
              - {page: [petra], delay: 10 min}
        platform_channel: platform
    """,
    "include/templates/_incident.md.j2": """
        {% block subject required %}{% endblock %}
        {% block text required %}{% endblock %}
        {% block html %}{{ self.text() | markdown }}{% endblock %}
        {% block slack %}{{ self.text() | mrkdwn }}{% endblock %}
    """,
    "include/templates/mail_ko.md.j2": """
        ---
        purpose: A batch mailed a KO, or an OK.
        example: {title: "[KO] EOD", client: Nordwind, purpose: page, facts: {job: EOD}, count: 1}
        ---
        {% extends "_incident.md.j2" %}
        {% block subject %}{{ client }}: {{ facts.job }}, {{ purpose }}{% endblock %}
        {% block text %}{{ title }}, seen {{ count }} times, {{ status or "open" }}.{% endblock %}
    """,
    "include/templates/mail_ko.fr.md.j2": """
        ---
        purpose: Un traitement a envoyé un KO, ou un OK.
        example: {title: "[KO] EOD", client: Nordwind, purpose: page, facts: {job: EOD}, count: 1}
        ---
        {% extends "_incident.md.j2" %}
        {% block subject %}{{ client }} : {{ facts.job }}, {{ purpose }}{% endblock %}
        {% block text %}{{ title }}, vu {{ count }} fois.{% endblock %}
    """,
    "include/templates/file_missing.md.j2": """
        ---
        purpose: Files are missing.
        example: {client: Maison Lumière, missing: [], expected: 3, arrived: 0, purpose: page}
        ---
        {% extends "_incident.md.j2" %}
        {% block subject %}{{ client }}: {{ missing | length }} of {{ expected }} missing, {{ purpose }}{% endblock %}
        {% block text %}
        {% for file in missing %}
        - {{ file.name }} `{{ file.path }}` due {{ file.due }}
        {% endfor %}
        {{ arrived }} of {{ expected }} are there.
        {% endblock %}
    """,
    "include/templates/mail_missing.md.j2": """
        ---
        purpose: OK mails have not come.
        example: {client: Nordwind, missing: [], expected: 5, arrived: 3, purpose: page, title: 3 of 5 mails came}
        ---
        {% extends "_incident.md.j2" %}
        {% block subject %}{{ client }}: {{ arrived }} of {{ expected }} mails, {{ purpose }}{% endblock %}
        {% block text %}
        {{ title }}
        {% for mail in came %}
        - {{ mail.name }} came at {{ mail.at }}
        {% endfor %}
        {% endblock %}
    """,
    "include/templates/blind.md.j2": """
        ---
        purpose: We cannot watch.
        example: {source: a/INBOX, reason: no answer, since: "03:00", watches: [], purpose: page, title: Blind}
        ---
        {% extends "_incident.md.j2" %}
        {% block subject %}{{ title }}, {{ purpose }}{% endblock %}
        {% block text %}{{ source }}: {{ reason }}{% endblock %}
    """,
    "include/templates/bounced.md.j2": """
        ---
        purpose: A mail of ours came back.
        example: {title: Bounced, facts: {recipient: a@vigie.example}, purpose: page}
        ---
        {% extends "_incident.md.j2" %}
        {% block subject %}{{ title }}, {{ purpose }}{% endblock %}
        {% block text %}{{ facts.recipient }}: {{ reason }}{% endblock %}
    """,
    "include/procedures/nordwind/eod-ko.md": """
        ---
        title: EOD_POS is KO
        client: nordwind
        severity: critical
        owner: anna
        reviewed: 2026-10-01
        ---

        ## Meaning

        The batch stopped.

        ## Impact

        No positions.

        ## Steps

        ### What does the mail say?

        Read its subject.

        - [A table is locked](#free-the-table)
        - [Something else](#escalate)

        ### Free the table

        End the oldest session.

        ## Escalate

        Call Bruno.

        ## Close

        Write the cause.
    """,
    "dags/nordwind/end_of_day.py": '''
        from __future__ import annotations

        from vigie.authoring import KoMail, Respond, flux


        @flux(client="nordwind", stream="finance")
        def end_of_day():
            """The night batch."""
            KoMail(
                task_id="batch_ko",
                mailbox="nordwind_ops",
                sender="batch@nordwind.example",
                subject=r"\\[KO\\] (?P<job>\\w+)",
                resolves=r"\\[OK\\] (?P<job>\\w+)",
                dedup_key="{job}",
                respond=Respond(severity="critical", template="mail_ko", procedure="eod-ko"),
            )
    ''',
    "dags/nordwind/stock_interface.py": '''
        from __future__ import annotations

        from vigie.authoring import KoMail, Respond, flux


        @flux(client="nordwind", stream="stock")
        def stock_interface():
            """The interface of the warehouse."""
            KoMail(
                task_id="queue_stuck",
                mailbox="nordwind_ops",
                sender="interface@nordwind.example",
                subject=r"queue (?P<queue>\\w+) is stuck",
                dedup_key="{queue}",
                respond=Respond(severity="high", template="mail_ko"),
            )
    ''',
    "dags/nordwind/backups.py": '''
        from __future__ import annotations

        from vigie.authoring import MissingMail, Respond, flux


        @flux(client="nordwind", stream="infrastructure")
        def backups():
            """Each virtual machine mails its OK before 06:00."""
            MissingMail(
                task_id="backups_ok",
                mailbox="nordwind_ops",
                sender="backup@nordwind.example",
                subject=r"\\[OK\\] backup (?P<vm>\\w+)",
                opens="22:00",
                due="06:00",
                grace="10 min",
                distinct_by="vm",
                expect=["vm1", "vm2", "vm3", "vm4", "vm5"],
                respond=Respond(severity="high", template="mail_missing"),
            )
    ''',
    "dags/maison-lumiere/store_replenishment.py": '''
        from __future__ import annotations

        from vigie.authoring import MissingFile, Respond, flux


        @flux(client="maison-lumiere", stream="supply")
        def store_replenishment():
            """One file per store before 06:00, its own time."""
            MissingFile(
                task_id="store_files",
                where="maison_lumiere_wms",
                path="outbound/REPL_{site.code}_{business_date:%Y%m%d}.csv",
                sites="stores",
                opens="00:00",
                due="06:00",
                grace="10 min",
                respond=Respond(severity="high", template="file_missing", group_by=["warehouse"]),
            )
    ''',
}


def write_site(folder: Path) -> Path:
    """Write the site; its folder."""
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text).lstrip("\n"), encoding="utf-8")
    return folder
