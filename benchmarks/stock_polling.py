"""What stock Airflow offers to notice a mail: its provider's ImapHook, asked each minute. It only notices; it calls nobody."""

from __future__ import annotations

import contextlib
import json
import os
import re
import threading
import time
from collections.abc import Iterable

from airflow.providers.imap.hooks.imap import ImapHook

from vigie.demo.post_box import PostBox

EVERY = 60.0


class StockPolling:
    """A thread that signs in to each mailbox each minute, as a sensor's poke does, and notes which jobs it sees first when."""

    def __init__(self, boxes: Iterable[PostBox], every: float = EVERY) -> None:
        self._conn_ids = []
        for number, box in enumerate(boxes):
            conn_id = f"bench_stock_{number}"
            os.environ[f"AIRFLOW_CONN_{conn_id.upper()}"] = json.dumps(
                {
                    "conn_type": "imap",
                    "host": "127.0.0.1",
                    "port": box.port,
                    "login": box.user,
                    "password": box.password,
                    "extra": {"use_ssl": False},
                }
            )
            self._conn_ids.append(conn_id)
        self._every = every
        self._end = threading.Event()
        self.seen: dict[str, float] = {}
        """Job -> when its mail was seen first (seconds since 1970)."""
        self._thread = threading.Thread(target=self._poll, name="stock-polling")
        self._thread.start()

    def end(self) -> None:
        """Poll once more, and stop."""
        self._end.set()
        self._thread.join(30)

    def _poll(self) -> None:
        while True:
            ended = self._end.is_set()
            for conn_id in self._conn_ids:
                self._poke(conn_id)
            if ended:
                return
            self._end.wait(self._every)

    def _poke(self, conn_id: str) -> None:
        with contextlib.suppress(OSError), ImapHook(imap_conn_id=conn_id) as hook:
            client = hook.mail_client
            client.select("INBOX", readonly=True)
            _, (numbers,) = client.search(None, "SUBJECT", '"[KO] JOB_"')
            if not numbers:
                return
            _, found = client.fetch(numbers.replace(b" ", b",").decode(), "(BODY.PEEK[HEADER.FIELDS (SUBJECT)])")
            now = time.time()
            for answer in found:
                if isinstance(answer, tuple) and (job := re.search(rb"\[KO\] (JOB_\d+)", answer[1])):
                    self.seen.setdefault(job[1].decode(), now)
