"""Where the authors' files are: the site, a folder with ``dags/`` and ``include/``."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

from vigie.documents.library import Library


def site_root() -> Path:
    """The site's folder: ``VIGIE_SITE``, else the checkout that this package lies in."""
    return Path(os.environ.get("VIGIE_SITE") or Path(__file__).parents[3]).resolve()


@cache
def _library(root: Path) -> Library:
    return Library(root)


def library() -> Library:
    """The site's documents; it notices changed files by itself."""
    return _library(site_root())


def public_url(path: str = "") -> str:
    """The address at which people reach Vigie's pages, with a path appended."""
    return os.environ.get("VIGIE_PUBLIC_URL", "http://localhost:8080").rstrip("/") + path
