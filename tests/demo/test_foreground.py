from __future__ import annotations

import json
import os
import signal
import smtplib
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import vigie
from vigie.demo.loopback import PortInUse
from vigie.demo.post_box import PostBox
from vigie.demo.slack_room import SlackRoom
from vigie.demo.smtp_capture import SmtpCapture
from vigie.demo.tcp_gate import tell_gate

PLUGINS = Path(vigie.__file__).parents[1]
SECRETS = {
    "IMAP_PASSWORD": "imap-s3cret",
    "SFTP_PASSWORD": "sftp-s3cret",
    "SMTP_PASSWORD": "smtp-s3cret",
    "SLACK_BOT_TOKEN": "xoxb-s3cret",
    "SLACK_SIGNING_SECRET": "sign-s3cret",
}


@contextmanager
def process(server: str, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A server as a process, and its port."""
    command = [sys.executable, "-m", f"vigie.demo.{server}", "--leash", *arguments]
    environment = os.environ | SECRETS | {"PYTHONPATH": str(PLUGINS)}
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as child:
        try:
            line = child.stdout.readline() if child.stdout else ""
            assert line.startswith("listening on 127.0.0.1:"), (line, child.stderr and child.stderr.read())
            yield child, int(line.rsplit(":", 1)[1])
        finally:
            if child.poll() is None:
                child.terminate()
            child.communicate(timeout=10)


@pytest.mark.parametrize("end", ["stdin", signal.SIGTERM, signal.SIGINT])
def test_a_server_ends_with_its_leash_or_a_signal(end: str | signal.Signals):
    with process("smtp_capture") as (child, port):
        with smtplib.SMTP("127.0.0.1", port) as client:
            assert client.noop()[0] == 250
        if isinstance(end, signal.Signals):
            child.send_signal(end)
            _, errors = child.communicate(timeout=10)
        else:
            _, errors = child.communicate(timeout=10)  # closes its standard input
        assert (child.returncode, errors) == (0, "")
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), timeout=5)


def test_a_port_in_use_is_a_sentence():
    with SmtpCapture() as other:
        done = subprocess.run(
            [sys.executable, "-m", "vigie.demo.smtp_capture", "--port", str(other.port)],
            env=os.environ | {"PYTHONPATH": str(PLUGINS)},
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
        )
        sentence = f"port {other.port} of 127.0.0.1 is in use; stop its owner or choose another port"
        assert (done.returncode, done.stdout, done.stderr) == (2, "", sentence + "\n")
        with pytest.raises(PortInUse):
            SmtpCapture(port=other.port).start()


def test_a_missing_password_is_a_sentence():
    done = subprocess.run(
        [sys.executable, "-m", "vigie.demo.smtp_capture", "--user", "vigie"],
        env={name: value for name, value in os.environ.items() if name != "SMTP_PASSWORD"}
        | {"PYTHONPATH": str(PLUGINS)},
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert done.returncode == 2
    assert done.stderr.endswith("error: the environment variable SMTP_PASSWORD is empty; it holds the password\n")


def test_the_whole_world_as_processes(tmp_path: Path):
    spool, config = tmp_path / "mails.jsonl", tmp_path / "slack.json"
    config.write_text(json.dumps({"channels": [{"name": "platform"}], "users": [{"name": "alice"}]}))
    with (
        process("imap_server", "--user", "ops") as (imap, imap_port),
        process("tcp_gate", "--to", str(imap_port), "--control-port", "0") as (_, gate_port),
        process("sftp_server", "--user", "wms", "--folder", str(tmp_path / "sftp")) as (sftp, sftp_port),
        process("smtp_capture", "--user", "vigie", "--spool", str(spool)) as (_, smtp_port),
        process("slack_stand_in", "--config", str(config), "--mails", str(spool)) as (slack, slack_port),
    ):
        for child in (imap, sftp, slack):
            assert b"s3cret" not in Path(f"/proc/{child.pid}/cmdline").read_bytes()
        assert PostBox(gate_port, "ops", SECRETS["IMAP_PASSWORD"]).deliver(b"Subject: x\r\n\r\n") > 0
        with socket.create_connection(("127.0.0.1", sftp_port), timeout=5) as ssh:
            assert ssh.recv(100).startswith(b"SSH-2.0-AsyncSSH")
        assert (tmp_path / "sftp" / "host_key").stat().st_mode & 0o777 == 0o600
        with smtplib.SMTP("127.0.0.1", smtp_port) as client:
            client.login("vigie", SECRETS["SMTP_PASSWORD"])
            client.sendmail("a@x.example", ["b@x.example"], b"Subject: page\r\n\r\nKO")
        room = SlackRoom(f"http://127.0.0.1:{slack_port}")
        room.say("platform", "alice", "hello")
        assert [each["text"] for each in room.messages("platform")] == ["hello"]
        assert [each["subject"] for each in room._get("mails")] == ["page"]
        room.close()


def test_the_gates_control_port_can_be_chosen(tmp_path: Path):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        control = probe.getsockname()[1]
    with process("tcp_gate", "--to", "9", "--control-port", str(control)) as (_, port):
        assert tell_gate(control, "close") == "closed"
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), timeout=5)
