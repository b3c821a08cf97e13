"""The authors' files of a bench: as many fluxes as asked for, shared out among the mailboxes, one client a mailbox."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from pathlib import Path
from typing import NamedTuple

CHECKOUT = Path(__file__).resolve().parents[1]

_CLIENT = """\
name: Bench {client}
zone: Europe/Paris
languages: [en]
slack_channel: {client}
policy: duty
contacts:
  operations: {{name: Operations, email: operations@{client}.example, language: en}}
"""
# Ten hours: no second page while we measure the first one.
_ROTA = """\
people:
  petra: {name: Petra Lindqvist, email: petra@vigie.example, slack: U_PETRA, language: en}
policies:
  duty: {steps: [{page: [petra], delay: 10 h}], repeat: 1}
  platform_duty: {steps: [{page: [petra], delay: 10 h}], repeat: 1}
platform_channel: platform
"""
_FLUX = '''\
from __future__ import annotations

from vigie.authoring import KoMail, Respond, flux


@flux(client="{client}", stream="bench")
def {name}():
    """
    ## {name}
    A batch that mails KO and OK.
    """
    KoMail(
        task_id="batch_ko",
        mailbox="{client}_ops",
        sender="{name}@{client}.example",
        subject=r"\\[KO\\] (?P<job>\\w+)",
        resolves=r"\\[OK\\] (?P<job>\\w+)",
        dedup_key="{{job}}",
        respond=Respond(severity="critical", template="mail_ko", procedure="relaunch", storm_after={storm_after}),
    )
'''
_FLOOR = """\
from __future__ import annotations

from airflow.sdk import DAG
from bare_resume import BEGINNING, BareOperator

with DAG("bench.floor", schedule="@continuous", start_date=BEGINNING, catchup=False, max_active_runs=1):
    BareOperator(task_id="bare", port={port}, file={file!r}, priority_weight=1000, weight_rule="absolute")
"""


class Flux(NamedTuple):
    """One flux of the bench; `client` also names its mailbox's account."""

    client: str
    name: str

    def ko_mail(self, job: str) -> bytes:
        """A KO mail of this flux, about 1 kB, with a dedup key of its own."""
        mail = EmailMessage()
        mail["From"], mail["To"] = f"{self.name}@{self.client}.example", f"ops@{self.client}.example"
        mail["Subject"] = f"[KO] {job}"
        mail["Date"], mail["Message-ID"] = format_datetime(datetime.now(UTC)), make_msgid(domain="bench.example")
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(f"{job} stopped in step 4: ORA-00054 resource busy\n" + "at line 12 of the batch\n" * 24)
        return mail.as_bytes()


class BenchSite:
    """A site folder: `dags/` and `include/`. `flux_text` is what stands in each flux's file."""

    def __init__(self, folder: Path, *, fluxes: int, mailboxes: int, storm_after: int) -> None:
        self.folder = folder
        self._storm_after = storm_after
        self.flux_text = _FLUX
        self.clients = [f"c{number:02d}" for number in range(1, mailboxes + 1)]
        self.fluxes = [Flux(self.clients[number % mailboxes], f"f{number + 1:03d}") for number in range(fluxes)]

    def write(self) -> None:
        """Write all of it; templates and the procedure are those of the checkout."""
        include = self.folder / "include"
        (include / "rota").mkdir(parents=True)
        (include / "rota" / "team.yaml").write_text(_ROTA, "utf-8")
        (include / "templates").mkdir()
        for template in (CHECKOUT / "include" / "templates").glob("*.j2"):
            shutil.copy(template, include / "templates")
        procedure = (CHECKOUT / "include/procedures/nordwind/eod-pos-ko.md").read_text("utf-8")
        (self.folder / "dags").mkdir()
        for client in self.clients:
            for kind in ("clients", "procedures"):
                (include / kind / client).mkdir(parents=True)
            (include / "clients" / client / "client.yaml").write_text(_CLIENT.format(client=client), "utf-8")
            own = procedure.replace("client: nordwind", f"client: {client}").replace("owner: bruno", "owner: petra")
            (include / "procedures" / client / "relaunch.md").write_text(own, "utf-8")
            (self.folder / "dags" / client).mkdir()
        for flux in self.fluxes:
            path = self.folder / "dags" / flux.client / f"{flux.name}.py"
            text = self.flux_text.format(client=flux.client, name=flux.name, storm_after=self._storm_after)
            path.write_text(text, "utf-8")

    def write_floor(self, port: int, file: Path) -> None:
        """The DAG of one bare deferred task; see bare_resume.py."""
        (self.folder / "modules").mkdir()
        shutil.copy(Path(__file__).with_name("bare_resume.py"), self.folder / "modules")
        (self.folder / "dags" / "floor.py").write_text(_FLOOR.format(port=port, file=str(file)), "utf-8")
