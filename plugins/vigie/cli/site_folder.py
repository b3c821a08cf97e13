"""The folder that a command works on: it must be there, and something in it must be watched."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from vigie.cli.remedy import RemedyError


def require_folder(site: Path, parts: tuple[str, ...] = ("dags", "include")) -> None:
    """Raise RemedyError unless the site is a folder with ``dags/`` and ``include/``, or what a command needs of them."""
    if not site.is_dir():
        raise RemedyError(
            f"There is no folder {site}.",
            "VIGIE_SITE or --site names the folder that holds your dags/ and include/; without them it is the checkout.",
        )
    missing = [name for name in parts if not (site / name).is_dir()]
    if missing:
        raise RemedyError(
            f"{site} is no site: it has no {' and no '.join(f'{name}/' for name in missing)}.",
            "VIGIE_SITE or --site names the folder that holds both.",
        )


def require_flux(site: Path) -> None:
    """Raise RemedyError unless the site is there and has a flux: without one all is healthy and nobody is ever called."""
    require_folder(site)
    if not has_flux(site):
        raise RemedyError(
            f"{site / 'dags'} has no flux: nothing would be watched, and nobody called.",
            "Write one: see docs/authors/fluxes.md.",
        )


def has_flux(site: Path) -> bool:
    """Whether a file below ``dags/`` has a function that is a flux, as far as can be read without running it."""
    return any(_is_flux(path) for path in sorted((site / "dags").rglob("*.py")))


def flux_files(site: Path) -> dict[str, str]:
    """The files below ``dags/`` that hold a flux, as people know them, and the name of each one's DAG."""
    fluxes = (path.relative_to(site) for path in sorted((site / "dags").rglob("*.py")) if _is_flux(path))
    return {path.as_posix(): f"{path.parent.name}.{path.stem}" for path in fluxes}


def _is_flux(path: Path) -> bool:
    text = path.read_text("utf-8", errors="replace")
    if "vigie.authoring" not in text:
        return False
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):  # it is told when it is loaded
        return re.search(r"^@(\w+\.)*flux\b", text, re.MULTILINE) is not None
    names = {"flux"} | {
        each.asname
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "vigie.authoring"
        for each in node.names
        if each.name == "flux" and each.asname
    }
    functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))
    return any(_name(decorator) in names for function in functions for decorator in function.decorator_list)


def _name(decorator: ast.expr) -> str:
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    return called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
