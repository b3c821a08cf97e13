"""Floor 3: the words of a DAG file. What a stream leader may import, and nothing else."""

from __future__ import annotations

from vigie.authoring.flux import flux
from vigie.authoring.respond import Respond
from vigie.tasks.missing_file import MissingFile
from vigie.tasks.missing_mail import MissingMail
from vigie.tasks.watch_sensor import KoMail

__all__ = ["KoMail", "MissingFile", "MissingMail", "Respond", "flux"]


def __getattr__(name: str) -> object:
    if name == "OkMail":
        raise ImportError(
            "there is no OkMail; write MissingMail: an OK mail that is expected by a deadline, whose absence is the "
            "anomaly. A mail that says that something failed is a KoMail's"
        )
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
