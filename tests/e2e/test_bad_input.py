"""Hostile and broken input, through a real mailbox and a real file server: entered, and the watch goes on."""

from __future__ import annotations

import pytest
from tests.e2e.room import LONG, Room, until
from tests.e2e.small_site import LUMIERE, NORDWIND, SENDER

HEAD = b"From: " + SENDER.encode() + b"\r\nSubject: [KO] %s\r\nMessage-ID: <%s@bad.example>\r\n"


def head(name: str) -> bytes:
    return HEAD % (name.encode(), name.encode())


MAILS = {
    "MALFORMED": head("MALFORMED")
    + b'Content-Type: multipart/mixed; boundary="never\r\nContent-Transfer-Encoding: x\r\n'
    b"broken header line\r\n\r\n--nev\r\nContent-Type: text/plain; charset=\r\n\r\n=FF=ZZ",
    "CHARSET": head("CHARSET") + b"Content-Type: text/plain; charset=x-klingon\r\n\r\nqapl\xe0\xff\r\n",
    "EIGHT_BIT": head("EIGHT_BIT").replace(b"From: ", b"X-Name: J\xfcrgen \xff\xfe\r\nFrom: ") + b"\r\nbody \xff\r\n",
    "LARGE": head("LARGE")
    + b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n'
    b"see attachment\r\n--b\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    + b"QUJD" * 19
    + b"\r\n"
    + (b"QUJD" * 19 + b"\r\n") * 270_000
    + b"--b--\r\n",
    "BARE_CR": head("BARE_CR").replace(b"\r\n", b"\r") + b"\rbody\r",
}
"""All but the last begin a KO of a job of their name; in a mail with bare CRs no header can be told from the next."""


@pytest.mark.parametrize("where", ["embedded", pytest.param("dovecot", marks=pytest.mark.needs("dovecot"))])
def test_broken_mails_are_entered_and_the_watch_goes_on(airflow: Room, where: str):
    box = airflow.boxes[NORDWIND if where == "embedded" else "dovecot"]
    source = "nordwind_ops/INBOX" if where == "embedded" else "nordwind_post/INBOX"
    flux = "end_of_day" if where == "embedded" else "post"
    before = len(_entered(airflow, source))

    box.deliver_all(list(MAILS.values()))
    good = f"[KO] AFTER_BAD_{where.upper()}"
    message_id = airflow.mail(box, good)
    incident = airflow.incident(good, within=LONG)

    assert len(airflow.mail_entries(message_id)) == 1
    assert len(_entered(airflow, source)) == before + len(MAILS) + 1
    opened = {each.dedup_key for each in airflow.logbook.incidents(client=NORDWIND) if each.flux == flux}
    assert {"MALFORMED", "CHARSET", "EIGHT_BIT", "LARGE"} <= opened
    airflow.page(incident, NORDWIND)


def _entered(airflow: Room, source: str) -> list[str]:
    entries = airflow.logbook.entries(kind_prefix="mail.", limit=5000)
    return [entry.text for entry in entries if entry.actor == f"session:{source}"]


def test_a_file_name_with_a_newline_and_a_folder_that_is_not_there(airflow: Room):
    absent = until(lambda: airflow.logbook.entries(kind_prefix="folder.absent"), LONG, "the absent folder is entered")
    assert {entry.text for entry in absent} == {"maison_lumiere_wms has no folder 'nowhere'; nothing can arrive in it"}

    missing = until(lambda: airflow.incidents("of 1 files missing"), LONG, "two incidents")
    until(lambda: len(airflow.incidents("of 1 files missing")) == 2)
    airflow.page(missing[0], LUMIERE)
    files, due = airflow.world.files, airflow.files_due
    files.put(f"outbound/stock_D1_{due:%Y%m%d}.csv", b"a;b\n")
    files.put(f"nowhere/returns_D1_{due:%Y%m%d}.csv", b"a;b\n")

    def ended() -> bool:
        found = airflow.logbook.incidents(statuses=("resolved",), client=LUMIERE)
        return {each.watch.rpartition(".")[2] for each in found if each.flux == "files"} == {"stock", "returns"}

    until(ended, LONG, "both files have arrived")


def test_a_second_desk_in_an_authors_file_is_refused_where_it_is_written_and_the_first_goes_on(airflow: Room):
    file = f"dags/{LUMIERE}/second_desk.py"
    airflow.write(file, "from airflow.sdk import DAG\n\nwith DAG('duty.desk', schedule=None):\n    pass\n")
    incident = airflow.incident(f"{file}:3 does not load", within=LONG)

    assert (incident.audience, incident.template) == ("platform", "flux_broken")
    assert str(incident.facts["reason"]).startswith(f"{file}:3: 'duty.desk' comes with Vigie.")
    assert airflow.api.get("/api/v2/dags/duty.desk").raise_for_status().json()["bundle_name"] == "vigie"
    airflow.page(incident, "platform", within=LONG)

    (airflow.site / file).unlink()
    until(lambda: airflow.incident(f"{file}:3 does not load").status == "resolved", LONG, "the file is gone")
