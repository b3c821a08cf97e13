"""The account that real servers run under: never root, which Dovecot and PostgreSQL refuse."""

from __future__ import annotations

import os
import pwd
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Account:
    """A user of this machine."""

    name: str
    uid: int
    gid: int

    @classmethod
    def unprivileged(cls) -> Account:
        """The user who runs the tests; when that is root, `daemon`.

        Not `nobody`: nss-systemd says that its account is locked, and sshd then refuses it.
        """
        user = pwd.getpwuid(os.getuid()) if os.getuid() else pwd.getpwnam("daemon")
        return cls(user.pw_name, user.pw_uid, user.pw_gid)

    @property
    def identity(self) -> dict[str, Any]:
        """What `subprocess.Popen` needs to become this account; nothing when we are it."""
        if os.getuid() == self.uid:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    @property
    def group(self) -> str:
        import grp

        return grp.getgrgid(self.gid).gr_name

    def own(self, *paths: Path) -> None:
        """Make these paths the account's."""
        for path in paths:
            os.chown(path, self.uid, self.gid)
