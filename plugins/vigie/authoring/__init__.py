"""Floor 3: the words of a DAG file. What a stream leader may import, and nothing else."""

from __future__ import annotations

from vigie.authoring.flux import flux
from vigie.authoring.respond import Respond
from vigie.tasks.missing_file import MissingFile
from vigie.tasks.watch_sensor import KoMail

__all__ = ["KoMail", "MissingFile", "Respond", "flux"]
