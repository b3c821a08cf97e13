"""`./vigie mail explain`, on the site of this checkout and on a site of the test's own."""

from __future__ import annotations

import json
import mailbox
import os
import shutil
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from vigie.cli.mail import main
from vigie.cli.mail_files import _inside
from vigie.cli.remedy import RemedyError
from vigie.core.zone import ZoneInfo

ROOT = Path(__file__).parents[2]
KO = "From: batch@nordwind.example\nSubject: [KO] EOD_POS\n\nIt failed.\n"


BOUNCE = (
    KO.replace("batch@nordwind.example", "MAILER-DAEMON@nordwind.example") + "\nYour message could not be delivered."
)


@pytest.fixture(autouse=True)
def _no_traces(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command sets variables of its process; here that process is the tests' own."""
    monkeypatch.setenv("AIRFLOW_HOME", os.environ["AIRFLOW_HOME"])
    monkeypatch.setenv("AIRFLOW__LOGGING__LOGGING_LEVEL", "ERROR")
    monkeypatch.setenv("VIGIE_SITE", str(ROOT))


@pytest.fixture
def mails(tmp_path: Path) -> Path:
    folder = tmp_path / "mails"
    (folder / "deep").mkdir(parents=True)
    (folder / "1.eml").write_text(KO)
    (folder / "2.eml").write_text(KO.replace("[KO]", "[OK]"))
    (folder / "3.eml").write_text(BOUNCE)
    (folder / "deep" / "4.eml").write_bytes(b"\xff\x00 no mail at all")
    (folder / "notes.txt").write_text("no mail")
    return folder


def told(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_each_mail_of_a_folder_is_one_line(mails: Path, capsys: pytest.CaptureFixture[str]):
    assert (
        main(["explain", "--json", str(mails)]) == 1
    )  # the fourth holds bytes of no mail: it is explained all the same
    lines = told(capsys)
    assert [list(line) for line in lines] == [["path", "origin_class", "verdict", "flux", "dedup_key", "reasons"]] * 4
    assert [tuple(line.values())[:5] for line in lines] == [
        (str(mails / "1.eml"), "auto_generated", "ko", "nordwind.end_of_day", "EOD_POS"),
        (str(mails / "2.eml"), "auto_generated", "ok", "nordwind.end_of_day", "EOD_POS"),
        (str(mails / "3.eml"), "dsn_failed", "ignored", None, None),
        (str(mails / "deep/4.eml"), "unknown", "unclassified", None, None),
    ]
    assert lines[0]["reasons"] == [
        "auto_generated: its sender is a program by its name (batch@nordwind.example)",
        r"nordwind.end_of_day.batch_ko, trigger: subject '\[KO\] (?P<job>\w+)' found '[KO] EOD_POS'",
    ]


def test_another_clients_watches_are_left_out(mails: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["explain", "--json", "--client", "maison-lumiere", str(mails / "1.eml")]) == 0
    assert told(capsys)[0]["verdict"] == "unclassified"


def test_a_client_that_is_not_there_is_told(mails: Path):
    with pytest.raises(RemedyError, match=r"There is no client 'nordwint'\.\n  Remedy: Did you mean 'nordwind'\?"):
        main(["explain", "--client", "nordwint", str(mails / "1.eml")])


def test_what_is_said_to_people_is_what_the_guide_shows(
    mails: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    (mails / "ko.eml").write_text(KO)
    monkeypatch.chdir(mails.parent)
    assert main(["explain", "mails/ko.eml"]) == 0
    said = capsys.readouterr().out.splitlines()
    guide = (
        (ROOT / "docs/authors/mail.md").read_text("utf-8").partition("```text\n")[2].partition("```")[0].splitlines()
    )
    assert [line for line in said if line in guide] == guide
    assert [line for line in said if line.strip() and line not in guide and "no match" not in line] == []


def test_a_bounce_shows_what_it_reports(mails: Path, capsys: pytest.CaptureFixture[str]):
    (mails / "3.eml").write_text(
        "From: MAILER-DAEMON@mx.example\nX-Failed-Recipients: a@b.example\nSubject: failure notice\n\n550 5.1.1 unknown\n\n"
        "Message-ID: <1@vigie.example>\nX-Vigie-Key: INC-1/page/1\nSubject: x\nFrom: y\n"
    )
    assert main(["explain", str(mails / "3.eml")]) == 0
    assert "  report   a@b.example, 5.1.1, <1@vigie.example>, INC-1/page/1\n" in capsys.readouterr().out


def test_a_mail_that_is_expected_says_for_which_day_it_counts(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    now = datetime.now(ZoneInfo("Europe/Berlin"))
    day = (now + timedelta(hours=2)).date()  # the window of tomorrow opens at 22:00
    mail = tmp_path / "ok.eml"
    mail.write_text(f"From: backup@nordwind.example\nSubject: [OK] backup of wms-1, {day}\n\nDone.\n")
    assert main(["explain", "--json", str(mail)]) == 0
    assert tuple(told(capsys)[0].values())[2:5] == ("ok", "nordwind.backups", str(day))
    assert main(["explain", str(mail)]) == 0
    assert f"  verdict  ok\n           counts for {day} of nordwind.backups\n" in capsys.readouterr().out


def test_a_mail_that_is_not_there_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["explain", str(tmp_path / "none.eml")]) == 1
    assert f"{tmp_path / 'none.eml'}: there is no such file or folder.\n" in capsys.readouterr().err


def test_a_folder_without_mail_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "notes.txt").write_text("x")
    assert main(["explain", str(tmp_path)]) == 1
    assert capsys.readouterr().err == (
        f"{tmp_path}: there is no mail in this folder: neither .eml nor .mbox files, and it is no Maildir.\n"
    )


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "this file is empty."),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
            "this is Outlook's own format (.msg). Save the mail as .eml, or take it from another mail program.",
        ),
        (
            bytes(range(256)) * 40,
            (
                "this is hardly a mail: it has neither From, To, Subject nor Date, and holds bytes that no text has. Save a mail from"
                " your mail program as .eml."
            ),
        ),
    ],
    ids=["empty", "outlook", "binary"],
)
def test_what_is_no_mail_is_told_and_the_others_are_explained(
    tmp_path: Path, content: bytes, sentence: str, capsys: pytest.CaptureFixture[str]
):
    (tmp_path / "1.eml").write_bytes(content)
    (tmp_path / "2.eml").write_text(KO)
    assert main(["explain", "--json", str(tmp_path)]) == 1
    said = capsys.readouterr()
    assert said.err == f"{tmp_path / '1.eml'}: {sentence}\n"
    assert json.loads(said.out.splitlines()[-1])["verdict"] == "ko"


def test_a_file_that_cannot_be_read_is_told(capsys: pytest.CaptureFixture[str]):
    """Linux refuses the first page of a process's memory to everybody, root included."""
    assert main(["explain", "/proc/self/mem"]) == 1
    assert capsys.readouterr().err == "/proc/self/mem: it cannot be read: Input/output error.\n"


def test_a_maildir_and_an_mbox_are_read_mail_by_mail(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    maildir = mailbox.Maildir(tmp_path / "maildir")
    box = mailbox.mbox(tmp_path / "inbox.mbox")
    for subject in ("[KO] A", "[OK] A"):
        written = KO.replace("[KO] EOD_POS", subject).encode()
        maildir.add(written)
        box.add(written)
    box.close()
    assert main(["explain", "--json", str(tmp_path)]) == 0
    lines = told(capsys)
    assert [Path(str(line["path"])).name for line in lines[:2]] == ["inbox.mbox:1", "inbox.mbox:2"]
    assert [line["verdict"] for line in lines[:2]] == ["ko", "ok"]
    assert sorted(str(line["verdict"]) for line in lines[2:]) == ["ko", "ok"]
    assert all(list(line) == ["path", "origin_class", "verdict", "flux", "dedup_key", "reasons"] for line in lines)


def test_in_a_folder_what_begins_as_a_mail_is_one_whatever_its_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "sub/tmp").mkdir(parents=True)
    for name in ("a.txt", "b", "c.eml.gz.dat", "sub/d.EML", "sub/tmp/half.txt"):
        (tmp_path / name).write_text(KO)
    (tmp_path / "sub/e.txt").write_bytes(KO.replace("\n", "\r").encode())
    (tmp_path / "f").write_text("From batch Mon Nov 23 05:42:00 2026\n" + KO)
    (tmp_path / "client.yaml").write_text("from: here\nname: x\n")
    (tmp_path / "notes.md").write_text(f"# Notes\n\n{KO}")
    (tmp_path / "image.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)))
    (tmp_path / "sub/round").symlink_to(tmp_path)
    assert main(["explain", "--json", str(tmp_path)]) == 0
    lines = told(capsys)
    assert [str(line["path"]).removeprefix(f"{tmp_path}/") for line in lines] == [
        "a.txt", "b", "c.eml.gz.dat", "f:1", "sub/d.EML", "sub/e.txt",
    ]  # fmt: skip
    assert {line["verdict"] for line in lines} == {"ko"}


def test_a_link_into_nothing_and_a_folder_that_is_refused_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "gone.eml").symlink_to(tmp_path / "nowhere")
    assert main(["explain", str(tmp_path), str(tmp_path / "gone.eml")]) == 1
    assert capsys.readouterr().err == (
        f"{tmp_path / 'gone.eml'}: it cannot be read: No such file or directory.\n"
        f"{tmp_path / 'gone.eml'}: this is a link to a file that is not there.\n"
    )
    refused: list[str] = []
    assert list(_inside(tmp_path / "none", refused)) == []
    assert refused == [f"{tmp_path / 'none'}: this folder cannot be read: No such file or directory."]


STEERING = "From: batch@nordwind.example\nSubject: [KO] \x1b[2J\x9b31mEOD\u202e\x85\u2028 受注\u200d\n\nx\n"


def test_a_mail_does_not_steer_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    odd = tmp_path / "\x1b[2J\u202e.eml"
    odd.write_text(STEERING)
    main(["explain", str(odd)])
    said = capsys.readouterr().out
    assert "  subject  [KO] \ufffd[2J\ufffd31mEOD 受注\u200d\n" in said
    assert said.startswith(f"{tmp_path}/\\x1b[2J\\u202e.eml\n")


def test_a_line_of_json_is_one_line_to_every_reader(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    odd = tmp_path / os.fsdecode(b"\xff\x85\xe2\x80\xa8.eml")
    odd.write_text(STEERING)
    assert main(["explain", "--json", str(odd)]) == 0
    said = capsys.readouterr().out
    assert len(said.splitlines()) == 1
    assert said.encode()  # whatever the name of the file
    assert json.loads(said)["path"] == str(odd)


def test_what_a_flux_prints_is_no_answer(site: Path, mails: Path, capsys: pytest.CaptureFixture[str]):
    (site / "dags/nordwind/eod.py").write_text(FLUX.replace("RULE", "subject='KO'") + "\n\nprint('hello')\n")
    main(["explain", "--json", "--site", str(site), str(mails / "1.eml")])
    said = capsys.readouterr()
    assert json.loads(said.out)["flux"] == "nordwind.eod"
    assert "hello" in said.err


FLUX = """\
from __future__ import annotations

from vigie.authoring import KoMail, Respond, flux


@flux(client="nordwind", stream="x")
def eod():
    KoMail(task_id="ko", mailbox="nordwind_ops", RULE, respond=Respond(severity="high", template="mail_ko"))
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "include", tmp_path / "include")
    (tmp_path / "dags/nordwind").mkdir(parents=True)
    return tmp_path


def test_a_flux_that_is_wrong_is_left_out_and_told(site: Path, mails: Path, capsys: pytest.CaptureFixture[str]):
    (site / "dags/nordwind/eod.py").write_text(FLUX.replace("RULE", 'subject=r"(KO"'))
    assert main(["explain", "--site", str(site), str(mails / "1.eml")]) == 1
    said = capsys.readouterr().err
    assert (
        "dags/nordwind/eod.py is left out: dags/nordwind/eod.py:8: KoMail 'ko': subject: the pattern '(KO' is not a regular"
        in said
    )
    assert said.endswith("./vigie check says more.\nNo flux of this site watches mail.\n")


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        (
            'body=r"x(?=y)"',
            (
                "KoMail 'ko': body: the pattern 'x(?=y)' is not a regular expression of RE2: invalid perl operator: (?=; nothing"
                " looks ahead or behind: match what stands there too, and take your part in a group, (?P<name>…)."
            ),
        ),
        (
            'attachment=r"(a{100}){100}"',
            "KoMail 'ko': attachment: the pattern '(a{100}){100}' is not a regular expression of RE2: ",
        ),
        (
            'body=r"(a{1000}){1000}"',
            (
                "KoMail 'ko': body: the pattern '(a{1000}){1000}' is not a regular expression of RE2: invalid repetition size:"
                " {1000}; repetitions within repetitions multiply: write smaller numbers, or + and *."
            ),
        ),
        (
            'body="KO" * 500_000',
            (
                f"KoMail 'ko': body: the pattern '{'KO' * 50}…' has 1,000,000 characters, and at most 5,000 are read: write"
                " several watches."
            ),
        ),
        (
            'subject="KO", headers={"X-Job": "("}',
            "KoMail 'ko': headers: the pattern '(' is not a regular expression of RE2: missing ): (.",
        ),
        (
            'subject="KO", headers={"X Job": "a"}',
            "KoMail 'ko': headers: 'X Job' is no name of a header; write it without its colon",
        ),
        ('subject="KO", resolves_body=r"\\1"', "KoMail 'ko': resolves_body: the pattern"),
        ('subject="KO", ignores="*"', "KoMail 'ko': ignores: the pattern '*' is not a regular expression of RE2"),
        ('subject=".*"', "ko: the pattern '.*' of subject matches an empty text, and so every mail."),
    ],
)
def test_the_check_refuses_a_rule_with_its_line(site: Path, rule: str, sentence: str, monkeypatch: pytest.MonkeyPatch):
    from vigie.cli.check import problems

    (site / "dags/nordwind/eod.py").write_text(FLUX.replace("RULE", rule))
    monkeypatch.setenv("VIGIE_SITE", str(site))
    told = [str(problem) for problem in problems() if problem.path.startswith("dags")]
    assert len(told) == 1
    assert told[0].startswith(f"dags/nordwind/eod.py:8: {sentence}")


PROPOSED = (
    "nordwind.eod.ko: to hear such mails, write into include/clients/nordwind/client.yaml"
    " 'monitors: [{sender: mailer-daemon@nordwind.example}]', or trust_sender=True into this KoMail"
)


def test_what_is_set_aside_proposes_a_line_and_each_of_them_has_it_heard(
    site: Path, mails: Path, capsys: pytest.CaptureFixture[str]
):
    flux, client = site / "dags/nordwind/eod.py", site / "include/clients/nordwind/client.yaml"
    asked = ["explain", "--json", "--site", str(site), str(mails / "3.eml")]
    flux.write_text(FLUX.replace("RULE", "subject='KO'"))
    assert main(asked) == 0
    (aside,) = told(capsys)
    assert (aside["origin_class"], aside["verdict"], aside["reasons"][-1]) == ("dsn_failed", "ignored", PROPOSED)
    flux.write_text(FLUX.replace("RULE", "subject='KO', trust_sender=True"))
    main(asked)
    (heard,) = told(capsys)
    assert (heard["origin_class"], heard["verdict"]) == ("dsn_failed", "ko")
    assert heard["reasons"][-1] == "nordwind.eod.ko: heard all the same, for its rule says trust_sender=True"
    flux.write_text(FLUX.replace("RULE", "subject='KO'"))
    client.write_text(client.read_text() + "\nmonitors: [{sender: mailer-daemon@nordwind.example}]\n")
    main(asked)
    (heard,) = told(capsys)
    assert heard["verdict"] == "ko"
    assert heard["reasons"][-1] == (
        "nordwind.eod.ko: heard all the same, for it is one of the monitors of nordwind (sender mailer-daemon@nordwind.example)"
    )


def test_a_monitor_that_matches_every_mail_is_refused_and_trusts_nobody(
    site: Path, mails: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    from vigie.cli.check import problems

    client = site / "include/clients/nordwind/client.yaml"
    client.write_text(client.read_text() + "\nmonitors:\n  - {sender: '*'}\n")
    line = client.read_text().splitlines().index("  - {sender: '*'}") + 1
    (site / "dags/nordwind/eod.py").write_text(FLUX.replace("RULE", "subject='KO'"))
    main(["explain", "--json", "--site", str(site), str(mails / "3.eml")])
    assert told(capsys)[0]["verdict"] == "ignored"
    monkeypatch.setenv("VIGIE_SITE", str(site))
    assert [str(each) for each in problems() if "monitors" in str(each)] == [
        (
            f"include/clients/nordwind/client.yaml:{line}: monitors: sender: '*' matches every mail. Write the monitor's whole"
            " address, as 'nagios@acme.example', or its domain, as '@acme.example'."
        )
    ]


def test_a_person_reads_of_doubt_and_of_the_appeal(site: Path, mails: Path, capsys: pytest.CaptureFixture[str]):
    (site / "dags/nordwind/eod.py").write_text(FLUX.replace("RULE", "subject='KO'"))
    (mails / "5.eml").write_text(KO.replace("batch@", "postmaster@"))
    main(["explain", "--site", str(site), str(mails / "5.eml")])
    said = capsys.readouterr().out
    assert "\n  doubt    its sender is postmaster\n" in said
    assert (
        "\n  appeal   nordwind.eod.ko: told as doubtful; if it is a monitor's, write into include/clients/nordwind/"
        in said
    )
    main(["explain", "--site", str(site), str(mails / "3.eml")])
    assert "\n  withheld nordwind.eod.ko, trigger: subject 'KO' found 'KO'; but set aside: " in capsys.readouterr().out


@pytest.mark.needs("corpus")
def test_four_hundred_mails_take_some_seconds():
    """Also that it runs as a program, Airflow's own lines kept out of its output."""
    corpus = Path(os.environ.get("VIGIE_CORPUS") or ROOT.parent / "shared" / "corpus")
    ran = subprocess.run(
        [sys.executable, "-m", "vigie", "mail", "explain", "--json", str(corpus / "mail")],
        env=os.environ | {"PYTHONPATH": str(ROOT / "plugins")}, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (ran.returncode, ran.stderr) == (0, "")
    lines = [json.loads(line) for line in ran.stdout.splitlines()]
    verdicts = {(Path(str(line["path"])).parent.name, line["verdict"]) for line in lines}
    assert len(lines) == 438
    assert {each for each in verdicts if each[0] != "cases"} == {
        ("bounces", "ignored"),
        ("bounces", "unclassified"),  # the few that nothing proves
        ("notices", "unclassified"),
    }
