"""The mailboxes of a bench: pymap, one process each, or one Dovecot."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

from bench_site import CHECKOUT
from server_process import ServerProcess

from vigie.demo.post_box import PostBox

KINDS = ("embedded", "dovecot")


@contextmanager
def mail_servers(kind: str, clients: Sequence[str]) -> Iterator[dict[str, PostBox]]:
    """Start them; the mailbox of each client. ``kind`` is one of KINDS."""
    with ExitStack() as stack:
        if kind == "embedded":
            yield _embedded(clients, stack)
        else:
            yield _dovecot(clients, stack)


def _embedded(clients: Sequence[str], stack: ExitStack) -> dict[str, PostBox]:
    passwords = {client: secrets.token_urlsafe(12) for client in clients}
    processes = {
        client: stack.enter_context(
            ServerProcess("imap_server", ["--user", f"ops@{client}.example"], {"IMAP_PASSWORD": password})
        )
        for client, password in passwords.items()
    }
    for process in processes.values():
        process.wait_ready()
    return {
        client: PostBox(process.port, f"ops@{client}.example", passwords[client])
        for client, process in processes.items()
    }


def _dovecot(clients: Sequence[str], stack: ExitStack) -> dict[str, PostBox]:
    sys.path.insert(0, str(CHECKOUT))  # the tests know how to run one without root
    from tests.servers.dovecot import Dovecot

    missing = Dovecot.missing()
    if missing:
        sys.exit(f"--mail-server dovecot needs {missing}")
    server = stack.enter_context(Dovecot())
    return {client: server.add_user(client, secrets.token_urlsafe(12)) for client in clients}
