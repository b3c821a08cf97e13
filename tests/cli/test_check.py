from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
FLUX = "dags/nordwind/end_of_day.py"


LIES = ": a file has to lie "
"""In the note that each watch of files has."""


def check(site: Path, *, lies: bool = False) -> tuple[int, list[str]]:
    """The command, in a process of its own, as an author runs it: its exit code and its lines.

    ``lies``: also how long files have to lie.
    """
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT / "plugins")}
    done = subprocess.run(
        [sys.executable, "-m", "vigie", "check", "--site", str(site)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert not done.stderr, done.stderr
    return done.returncode, [line for line in done.stdout.splitlines() if lies or LIES not in line]


@pytest.fixture
def site(tmp_path: Path) -> Path:
    for folder in ("dags", "include"):
        shutil.copytree(CHECKOUT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def test_the_authored_files_of_this_repository_have_no_problem(site: Path) -> None:
    assert check(site) == (0, ["Nothing is wrong."])


def test_all_problems_of_all_files_are_told_at_once(site: Path) -> None:
    change(site / FLUX, 'template="mail_ko"', 'template="mail_k0"')
    change(site / FLUX, r'resolves=r"\[OK\] (?P<job>\w+)"', 'resolves="(?=OK)"')
    change(site / "dags/nordwind/stock_interface.py", "KoMail(\n", "KoMail((\n")
    change(site / "include/clients/nordwind/client.yaml", "zone:", "zome:")
    (site / "dags/nordwind/forgotten.py").write_text("x = 1\n", "utf-8")
    (site / "dags/nordwind/wrong.py").write_text("x = 1\nraise OSError('no disk')\n", "utf-8")

    code, lines = check(site)

    assert code == 1
    told = "\n".join(lines)
    for line in (
        f"{FLUX}:12: there is no template 'mail_k0' for nordwind. Did you mean 'mail_ko'? Or write include/templates/nordwind/mail_k0.md.j2.",
        "dags/nordwind/forgotten.py:1: this file makes no DAG. Write a flux: see docs/authors/fluxes.md.",
        "dags/nordwind/stock_interface.py:12: this is not Python: '(' was never closed. Mend the line.",
        "dags/nordwind/wrong.py:2: OSError: no disk.",
        "include/clients/nordwind/client.yaml:4: unknown field 'zome'. Did you mean 'zone'?",
    ):
        assert line in told, told
    assert "resolves: the pattern '(?=OK)' is not a regular expression of RE2" in told
    assert lines[-1] == f"{len(lines) - 2} problems."


def test_a_rule_whose_ok_never_ends_its_incident_is_told_and_watched_all_the_same(site: Path) -> None:
    change(site / FLUX, '        dedup_key="{job}",\n', "")
    assert check(site) == (
        1,
        [
            (
                f"{FLUX}:12: batch_ko: no OK ever ends its incident: without dedup_key the key is the subject, and it is"
                " '[ko] q' for the KO and '[ok] q' for the OK; write dedup_key='{job}'."
            ),
            "",
            "1 problem.",
        ],
    )


def test_a_critical_rule_whose_ok_anybody_can_write_has_a_note(site: Path) -> None:
    change(site / FLUX, 'sender="batch@nordwind.example"', 'sender="@nordwind.example"')
    assert check(site) == (
        0,
        [
            (
                f"{FLUX}:12: note: batch_ko: its incident is critical, and an OK does not end it, whatever writes as"
                " @nordwind.example: a person does. Name its whole address in sender=, or the mail server that checks senders"
                " in authenticated_by=."
            ),
            "Nothing is wrong.",
        ],
    )


def test_each_watch_of_files_says_how_long_a_file_has_to_lie(site: Path) -> None:
    lines = [line for line in check(site, lies=True)[1] if LIES in line]
    stores = "dags/maison-lumiere/store_replenishment.py"
    (line,) = [line for line in lines if line.startswith(stores)]
    written = (site / stores).read_text("utf-8").split("\n").index("    MissingFile(") + 1
    assert line == (
        f"{stores}:{written}: note: store_files: a file has to lie 5 min to be seen. Where its consumer takes it sooner, write "
        "taken=True or path=['inbox/…', 'archive/…']."
    )
    change(site / stores, "    MissingFile(\n", "    MissingFile(\n        taken=True,\n")
    (line,) = [line for line in check(site, lies=True)[1] if line.startswith(stores)]
    assert line == (
        f"{stores}:{written}: note: store_files: a file has to lie 2 s to be seen. Where its consumer takes it sooner, write "
        "path=['inbox/…', 'archive/…']."
    )


def test_a_file_that_is_mended_is_right_again(site: Path) -> None:
    change(site / FLUX, 'template="mail_ko"', 'template="mail_k0"')
    assert check(site)[0] == 1
    change(site / FLUX, 'template="mail_k0"', 'template="mail_ko"')
    assert check(site)[0] == 0


def test_mails_are_filed_out_of_watched_mailboxes_into_folders_that_nobody_watches(site: Path) -> None:
    rules = """\
returns: vigie_mail
returns_folder: Back
filing:
  nordwind_ops:
    claimed: Vigie/Claimed
    ignored: Vigie/Ignored
  nordwind_opps:
    claimed: Done
  vigie_mail:
    ignored: Back
"""
    (site / "include/mail_desk.yaml").write_text(rules, "utf-8")
    watch = "nordwind.end_of_day.batch_ko"
    change(site / FLUX, 'mailbox="nordwind_ops"', 'mailbox="nordwind_ops", folder="Vigie.Ignored"')
    code, lines = check(site)
    assert code == 1
    file, seen = "include/mail_desk.yaml", "what is filed there would be seen as new. Write another folder."
    nobody = "no flux watches this mailbox; nothing of it is ever read, or filed. Did you mean 'nordwind_ops'?"
    assert lines[:3] == [
        f"{file}:6: filing.nordwind_ops.ignored: the folder 'Vigie/Ignored' is watched by {watch}; {seen}",
        f"{file}:7: filing.nordwind_opps: {nobody}",
        f"{file}:10: filing.vigie_mail.ignored: the folder 'Back' is watched by platform.mail_desk.mail; {seen}",
    ]
    (site / "dags/nordwind/wrong.py").write_text("raise OSError('no disk')\n", "utf-8")
    assert len(check(site)[1]) == 5  # with the broken flux, and without the mailbox that it may watch


def test_what_a_procedure_names_of_the_fluxes_must_be_there(site: Path) -> None:
    file = "include/procedures/maison-lumiere/file-truncated.md"
    change(site / file, "watch: store_replenishment.store_files", "watch: store_replenishment.store_file")
    change(
        site / file,
        "```send\ntemplate: inform_client\nto: operations\n```",
        "```trigger\ndag: maison-lumiere.price_updat\n```",
    )
    lines = (site / file).read_text("utf-8").split("\n")
    code, told = check(site)
    assert (code, told[2].startswith(f"{file}: note: "), told[3:]) == (1, True, ["", "2 problems."])
    assert told[0] == (
        f"{file}:{lines.index('```wait') + 1}: wait: no watch 'store_replenishment.store_file' of maison-lumiere. "
        "Did you mean 'store_replenishment.store_files'?"
    )
    assert told[1] == (
        f"{file}:{lines.index('```trigger') + 1}: trigger: no DAG 'maison-lumiere.price_updat'. "
        "Did you mean 'maison-lumiere.price_update'?"
    )


def test_a_template_that_never_speaks_of_the_end_is_noted_and_is_no_problem(site: Path) -> None:
    head = "---\npurpose: A KO.\nexample: {client: Nordwind, facts: {job: EOD}}\n---\n"
    body = "{% block subject %}\n{{ client }}: {{ facts.job }} is KO\n{% endblock %}\n{% block text %}\nKO\n{% endblock %}\n"
    file = "include/templates/nordwind/mail_ko.md.j2"
    (site / file).parent.mkdir(exist_ok=True)
    (site / file).write_text(f'{head}{{% extends "_incident.md.j2" %}}\n{body}', "utf-8")
    (site / "include/templates/maison-lumiere/unused.md.j2").write_text((site / file).read_text("utf-8"), "utf-8")
    note = "'subject' and 'text' have no words for the end of an incident; the built-in 'resolved' is sent in place."
    remedy = "Write '{% if purpose == \"resolved\" %} … {% else %} … {% endif %}' where the message says what is wrong."
    assert check(site) == (0, [f"{file}:6: note: {note} {remedy}", "Nothing is wrong."])


def test_a_flux_watches_its_own_clients_connections_only(site: Path) -> None:
    change(site / FLUX, 'mailbox="nordwind_ops"', 'mailbox="maison_lumiere_ops"')
    change(site / "dags/nordwind/backups.py", 'mailbox="nordwind_ops"', 'mailbox="nordwind_op"')
    client = site / "include/clients/nordwind/client.yaml"
    client.write_text(client.read_text("utf-8") + "  maison_lumiere_wms: not ours\n", "utf-8")
    line = len(client.read_text("utf-8").splitlines())

    code, lines = check(site)

    assert code == 1
    told = "\n".join(lines)
    for expected in (
        f"{FLUX}:12: the connection 'maison_lumiere_ops' belongs to the client 'maison-lumiere'.",
        "dags/nordwind/backups.py:12: the connection 'nordwind_op' is not one of nordwind's. Did you mean 'nordwind_ops'?",
        (
            f"include/clients/nordwind/client.yaml:{line}: connections: 'maison_lumiere_wms' is claimed by the client"
            " 'maison-lumiere' already. Give each client a connection of its own in the vault."
        ),
    ):
        assert expected in told


def test_a_connection_that_nobody_claims_is_not_watched_for_two_clients(site: Path) -> None:
    for client in ("nordwind", "maison-lumiere"):
        path = site / f"include/clients/{client}/client.yaml"
        text = path.read_text("utf-8")
        path.write_text(text[: text.index("connections:")].rpartition("#")[0], "utf-8")
    for path in (site / "dags").glob("*/*.py"):
        path.write_text(path.read_text("utf-8").replace("maison_lumiere_ops", "nordwind_ops"), "utf-8")

    _, lines = check(site)

    shared = [line for line in lines if "'nordwind_ops'" in line]
    assert shared == [
        (
            "dags/nordwind/backups.py:12: the connection 'nordwind_ops' is watched for the client 'maison-lumiere' too. Give each"
            " client a connection of its own, and name it under 'connections:' in include/clients/…."
        )
    ]


def test_the_files_that_once_made_vigies_own_dags_are_to_be_removed(site: Path) -> None:
    gone = "the desk, the rounds and the procedures need no file of yours any more."
    (site / "dags/duty.py").write_text(
        "from vigie.authoring import duty\n\ndesk = duty.desk()\nrounds = duty.rounds()\nmail_desk = duty.mail_desk()\n"
    )
    (site / "dags/procedures.py").write_text(
        "from vigie.authoring.procedure_dags import procedure_dags\n\n"
        "for dag in procedure_dags():\n    globals()[dag.dag_id] = dag\n"
    )
    code, lines = check(site)
    assert (code, lines[-1]) == (1, "2 problems.")
    assert lines[0] == f"dags/duty.py:3: 'duty.desk' and 2 more come with Vigie. Remove dags/duty.py: {gone}"
    assert re.fullmatch(
        rf"dags/procedures\.py:1: 'procedure\.\S+' and \d+ more come with Vigie\. Remove dags/procedures\.py: {gone}",
        lines[1],
    )


def test_a_dag_that_two_files_make_is_told_at_the_second(site: Path) -> None:
    plain = "from airflow.sdk import DAG\n\nwith DAG('{}'):\n    pass\n"
    (site / "dags/nordwind/a.py").write_text(plain.format("nordwind.export"), "utf-8")
    (site / "dags/nordwind/b.py").write_text("\n" + plain.format("nordwind.export"), "utf-8")
    (site / "dags/nordwind/c.py").write_text(plain.format("nordwind.end_of_day"), "utf-8")
    (site / "dags/nordwind/d.py").write_text(plain.format("duty.rounds"), "utf-8")
    copy = site / "dags/old/nordwind/end_of_day.py"
    copy.parent.mkdir(parents=True)
    shutil.copy(site / FLUX, copy)
    code, lines = check(site)
    both = "of two DAGs with one name only one would run."
    assert (code, lines) == (
        1,
        [
            f"dags/nordwind/b.py:4: 'nordwind.export' is made at dags/nordwind/a.py:3 too: {both} Give one of them another name.",
            f"dags/nordwind/c.py:3: 'nordwind.end_of_day' is the flux of {FLUX}: {both} Give this one another name.",
            (
                "dags/nordwind/d.py:3: 'duty.rounds' comes with Vigie. Names that begin with duty. or procedure. are its own: "
                "give it another name."
            ),
            (
                "dags/old/nordwind/end_of_day.py:6: the flux 'end_of_day' of 'nordwind' is in old/nordwind/end_of_day.py. "
                "Put one flux in each file: dags/nordwind/end_of_day.py."
            ),
            "",
            "4 problems.",
        ],
    )


STORES = "include/clients/maison-lumiere/stores.yaml"


def test_a_row_without_a_column_that_a_watch_needs_is_told_once_with_its_line(site: Path) -> None:
    """The row is data of one table, and the need is in the flux: neither file alone shows the mistake."""
    lines = (site / STORES).read_text("utf-8").split("\n")
    number = next(number for number, line in enumerate(lines, start=1) if "TKY-GINZA" in line)
    lines[number - 1] = lines[number - 1].replace("warehouse:", "warehose:")
    (site / STORES).write_text("\n".join(lines), "utf-8")
    code, told = check(site)
    assert code == 1
    assert told[0].startswith(f"{STORES}:{number}: the site 'TKY-GINZA' has no 'warehouse', which the ")
    assert told[0].endswith(" needs. Write 'warehouse' in place of 'warehose'.")
    assert told[1:] == ["", "1 problem."]


def test_a_column_that_nothing_reads_is_told_with_the_one_that_is_meant(site: Path) -> None:
    stores = "include/clients/maison-lumiere/stores.yaml"
    row = "country: FR, warehouse: paris}"
    change(site / stores, row, "country: FR, warehouse: paris, subdivison: 57, note: closes at 19:00}")
    change(site / stores, "{code: TKY-GINZA,", "{code: TKY-GINZA, floor: 3,")
    rest = "Columns are read by path=, by group_by= and, as 'subdivision', by calendars; 'note' is for people."
    assert check(site) == (
        1,
        [
            f"{stores}:5: nothing reads the column 'floor'. {rest}",
            f"{stores}:19: nothing reads the column 'subdivison'. Did you mean 'subdivision'? {rest}",
            "",
            "2 problems.",
        ],
    )
    change(site / FLUX, "KoMail(\n", "KoMail((\n")  # a flux that does not load may read it
    assert not [line for line in check(site)[1] if "nothing reads" in line]


def test_a_draft_is_noted_and_is_no_problem(site: Path) -> None:
    changed, never = "include/procedures/nordwind/disk-full.md", "include/procedures/nordwind/queue-stuck.md"
    change(site / changed, "## Meaning", "## Meaning\n\nAs ever.")
    approvals = site / "include/procedures/approvals.yaml"
    lines = approvals.read_text("utf-8").splitlines(keepends=True)
    (last,) = [line for line in lines if "nordwind/disk-full" in line]
    who, day = re.findall(r"by: (\w+), at: \"(\S{10})", last)[0]
    approvals.write_text("".join(line for line in lines if "queue-stuck" not in line), "utf-8")

    code, said = check(site)
    assert (code, said[-1]) == (0, "Nothing is wrong.")
    notes = [line for line in said if ": note: a draft" in line]
    assert notes == [
        (
            f"{changed}: note: a draft: it has changed since {who} approved it on {day}; in production the approved text "
            "runs. Run './vigie approve nordwind/disk-full --as NAME'."
        ),
        (
            f"{never}: note: a draft, which nobody has approved; in production it is read as a page, with Done and Escalate. "
            "Run './vigie approve nordwind/queue-stuck --as NAME'."
        ),
    ]


def test_a_rule_by_which_two_dates_wait_for_one_file_is_told(site: Path) -> None:
    flux = site / "dags/maison-lumiere/positions.py"
    flux.write_text(
        "from vigie.authoring import MissingFile, Respond, flux\n\n\n"
        '@flux(client="maison-lumiere", stream="finance")\ndef positions():\n    """Positions."""\n'
        '    MissingFile(\n        task_id="intraday",\n        where="maison_lumiere_wms",\n'
        '        path="out/P_{business_date - 1 business day:%Y%m%d}.csv",\n        opens="00:00",\n        due="06:30",\n'
        '        calendar="every_day",\n        respond=Respond(severity="high", template="file_missing"),\n    )\n',
        "utf-8",
    )
    assert check(site) == (
        1,
        [
            (
                "dags/maison-lumiere/positions.py:7: MissingFile 'intraday': Sat 2026-01-03 and Sun 2026-01-04 wait for one file, "
                "'out/P_20260102.csv', so that an old one would be the new one. Write days='mon-fri', or a calendar= that takes "
                "the days without a file away, or add max_age='12 h'."
            ),
            "",
            "1 problem.",
        ],
    )
    change(flux, 'due="06:30"', 'due="06:30", days="mon-fri"')
    assert check(site) == (0, ["Nothing is wrong."])
