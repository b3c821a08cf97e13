"""An authored file that a command names, and the site that it lies in."""

from __future__ import annotations

import os
from pathlib import Path

from vigie.cli.remedy import RemedyError
from vigie.cli.site_folder import require_folder
from vigie.documents.findings import did_you_mean
from vigie.documents.library import Library
from vigie.documents.procedures import FOLDER


def site_library(site: Path | None) -> Library:
    """The documents of the site that was named, else of ``VIGIE_SITE``, else of this checkout."""
    root = Path(site or os.environ.get("VIGIE_SITE") or Path(__file__).parents[3]).resolve()
    require_folder(root, ("include",))
    return Library(root)


def procedure_file(file: Path, site: Path | None) -> tuple[Library, Path]:
    """The library and the path of a procedure: a path, one below the site, or just ``<client>/<name>``."""
    library = site_library(site)
    root = library.root
    known = {path: path.relative_to(root).as_posix() for path in library.procedure_paths()}
    wanted = (file.resolve(), (root / file).resolve(), (root / FOLDER / f"{file}.md").resolve())
    found = next((path for path in wanted if path in known), None)
    if found is None:
        written = [path if file.suffix else path.removeprefix(f"{FOLDER}/")[:-3] for path in known.values()]
        namesakes = [name for name in written if Path(name).stem == file.stem]
        remedy = did_you_mean(file.as_posix(), namesakes or written)
        raise RemedyError(f"'{file}' is not a procedure of {root}.", remedy)
    return library, found
