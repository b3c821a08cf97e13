"""Where the authors' files are: the site, a folder with ``dags/`` and ``include/``."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

from vigie.core.errors import VigieError
from vigie.documents.library import Library

MODES = ("production", "development")
"""What ``VIGIE_MODE`` may be; the first where it is not set."""


def site_root() -> Path:
    """The site's folder: ``VIGIE_SITE``, else the checkout that this package lies in."""
    return Path(os.environ.get("VIGIE_SITE") or Path(__file__).parents[3]).resolve()


def production() -> bool:
    """Whether only approved procedures are led through. Drafts run where somebody asks: ``VIGIE_MODE=development``."""
    mode = os.environ.get("VIGIE_MODE") or MODES[0]
    if mode not in MODES:  # 'dev' must not quietly mean the other
        raise VigieError(f"VIGIE_MODE is '{mode}'. Write 'production' or 'development'.")
    return mode == "production"


@cache
def _library(root: Path) -> Library:
    return Library(root, production=production())


def library() -> Library:
    """The site's documents; it notices changed files by itself."""
    return _library(site_root())


def public_url(path: str = "") -> str:
    """The address at which people reach Vigie's pages, with a path appended."""
    return os.environ.get("VIGIE_PUBLIC_URL", "http://localhost:8080").rstrip("/") + path
