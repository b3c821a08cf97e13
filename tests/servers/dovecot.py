"""Dovecot without root: the reference mailbox server, with TLS and LMTP."""

from __future__ import annotations

import itertools
import shutil
import smtplib
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.servers.certificate import make_authority, make_certificate
from tests.servers.child import HOST, Child, free_port, greeting

from vigie.demo.post_box import PostBox

_CONFIG = """
base_dir = {folder}/run
state_dir = {folder}/state
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
log_path = {folder}/dovecot.log
info_log_path = {folder}/dovecot.log
protocols = imap lmtp
listen = 127.0.0.1
ssl = yes
ssl_cert = <{folder}/cert.pem
ssl_key = <{folder}/key.pem
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_failure_delay = 0
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%n {folder}/users/%n
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={folder}/mail/%n
}}
mail_location = maildir:~/Maildir
first_valid_uid = 1
mailbox_list_index = yes
mail_max_userip_connections = 0
namespace inbox {{
  inbox = yes
  separator = {separator}
}}
service imap-login {{
  chroot =
  process_min_avail = 1
  service_count = 0
  inet_listener imap {{
    address = 127.0.0.1
    port = {port}
  }}
  inet_listener imaps {{
    address = 127.0.0.1
    port = {tls_port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {lmtp_port}
  }}
}}
protocol lmtp {{
  postmaster_address = postmaster@localhost
  mail_plugins =
}}
"""


JUNK, QUOTA_KIB = "Courrier indésirable", 100

JUNK_AND_QUOTA = f"""
protocol imap {{
  mail_plugins = quota imap_quota
}}
plugin {{
  quota = maildir:User quota
  quota_rule = *:storage={QUOTA_KIB}K
}}
namespace inbox {{
  mailbox "{JUNK}" {{
    auto = create
    special_use = \\Junk
  }}
}}
"""
"""Settings of a Dovecot whose mailboxes have a junk folder (RFC 6154) and a limit (RFC 9208)."""


class Dovecot:
    """A Dovecot with as many users as asked for. It pushes IDLE about half a second after a delivery.

    ``settings`` are lines of dovecot.conf that win over those above; ``token_check`` is the address at which it asks
    whether an access token counts (XOAUTH2).
    """

    _numbers = itertools.count(1)

    def __init__(self, settings: str = "", *, token_check: str | None = None, separator: str = "/") -> None:
        self._settings, self._token_check, self._separator = settings, token_check, separator
        self.port = free_port()
        self.tls_port = free_port()
        self.lmtp_port = free_port()
        self._child = Child("dovecot")
        self.authority = make_authority()
        self.certificate, key = make_certificate(self._child.folder, self.authority)
        self._users = self._child.folder / "users"
        self._users.mkdir()
        self._child.account.own(self.certificate, key, self._users)

    @staticmethod
    def missing() -> str | None:
        """The package that this machine lacks, or None."""
        if shutil.which("dovecot", path="/usr/sbin:/usr/bin") and Path("/usr/lib/dovecot/lmtp").exists():
            return None
        return "dovecot-imapd: apt-get install dovecot-imapd dovecot-lmtpd"

    def add_user(self, user: str | None = None, password: str = "dovecot-secret") -> PostBox:  # noqa: S107
        """A new mailbox; its name is made up when none is given."""
        user = user or f"user{next(self._numbers)}"
        # A file each: Dovecot looks at a passwd-file's change at most once a second.
        (self._users / user).write_text(f"{user}:{{PLAIN}}{password}::::::\n")
        return PostBox(self.port, user, password)

    def deliver(self, user: str, mail: bytes) -> None:
        """Deliver as a mail server does, through LMTP."""
        with smtplib.LMTP(HOST, self.lmtp_port) as lmtp:
            lmtp.sendmail("", [f"{user}@localhost"], mail)

    def start(self) -> Self:
        account = self._child.account
        config = self._child.folder / "dovecot.conf"
        config.write_text(
            _CONFIG.format(
                folder=self._child.folder,
                user=account.name,
                group=account.group,
                port=self.port,
                tls_port=self.tls_port,
                lmtp_port=self.lmtp_port,
                separator=self._separator,
            )
            + (self._tokens() if self._token_check else "")
            + self._settings
        )
        dovecot = shutil.which("dovecot", path="/usr/sbin:/usr/bin") or "dovecot"
        self._child.start([dovecot, "-F", "-c", str(config)], lambda: greeting(self.port).startswith(b"* OK"))
        return self

    def _tokens(self) -> str:
        file = self._child.folder / "oauth2.conf"
        file.write_text(
            f"introspection_mode = post\nintrospection_url = {self._token_check}\nforce_introspection = yes\n"
            "username_attribute = username\nactive_attribute = active\nactive_value = true\n"
        )
        return (
            "auth_mechanisms = plain login xoauth2\n"
            f"passdb {{\n  driver = oauth2\n  mechanisms = xoauth2\n  args = {file}\n}}\n"
        )

    def own(self, *paths: Path) -> None:
        """Give files to the account under which it runs."""
        self._child.account.own(*paths)

    @property
    def log(self) -> str:
        """What it logged."""
        return (self._child.folder / "dovecot.log").read_text(errors="replace")

    def stop(self) -> None:
        """Stop serving; mail and users stay for the next start."""
        self._child.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._child.remove()
