"""The folder of the demo: emptied at each start, and so only ever one that the demo made itself."""

from __future__ import annotations

import shutil
from pathlib import Path

from vigie.cli.remedy import RemedyError

MARK = ".vigie-demo"
"""A file that says: the demo made this folder, and may delete it."""


def require_own(folder: Path) -> None:
    """Raise RemedyError where the folder holds what the demo did not make; one that is empty or absent is taken."""
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise RemedyError(f"{folder} is no folder.", "Name a new or an empty folder: --state DIR.")
    if folder.is_dir() and any(folder.iterdir()) and not (folder / MARK).is_file():
        raise RemedyError(
            f"The demo did not make {folder}, and it deletes its folder at each start.",
            "Name a new or an empty folder: --state DIR.",
        )


def made_anew(folder: Path) -> None:
    """Empty it, and mark it as the demo's."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARK).write_text("Made by ./vigie demo, which deletes this folder when it starts again.\n", "utf-8")
