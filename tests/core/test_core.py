"""What import-linter cannot see: what the core loads when it runs, and that it never asks what time it is."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

import vigie.core

CORE = Path(vigie.core.__path__[0])
MODULES = sorted(CORE.glob("*.py"))

ALLOWED = {
    "vigie", "pydantic", "re2", "holidays", "charset_normalizer", "lxml",
    "__future__", "binascii", "bisect", "codecs", "collections", "dataclasses", "datetime", "difflib", "email", "functools", "hashlib", "html", "inspect",
    "itertools", "json", "math", "posixpath", "re", "string", "types", "typing", "tzdata", "unicodedata", "zoneinfo",
}  # fmt: skip
"""What a core module may import: nothing of it reaches a disk or a network, but for the table of time zones."""

CLOCKS = {"now", "utcnow", "today", "time", "time_ns", "monotonic", "perf_counter", "localtime", "gmtime", "sleep"}


def imports(tree: ast.AST) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        if isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
    return found


def clocks(tree: ast.AST) -> list[str]:
    """Calls such as ``datetime.now()`` and ``date.today()``; the class ``datetime.time`` may be called."""
    return [
        f"line {node.lineno}: {ast.unparse(node.func)}()"
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CLOCKS
    ]


def test_the_scans_can_see():
    assert len(MODULES) > 20
    assert imports(ast.parse("import os\nfrom socket import x\nimport a.b")) == {"os", "socket", "a.b"}
    guilty = "datetime.now(UTC); datetime.datetime.utcnow(); time.time(); date.today()"
    assert [call.partition(": ")[2] for call in clocks(ast.parse(guilty))] == [
        "datetime.now()", "datetime.datetime.utcnow()", "time.time()", "date.today()",
    ]  # fmt: skip


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.stem)
def test_a_module_imports_only_the_core_and_harmless_things(module: Path):
    found = imports(ast.parse(module.read_text(encoding="utf-8")))
    assert {name.partition(".")[0] for name in found} <= ALLOWED
    assert all(name.startswith("vigie.core.") for name in found if name.partition(".")[0] == "vigie")


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.stem)
def test_a_module_asks_no_clock(module: Path):
    assert clocks(ast.parse(module.read_text(encoding="utf-8"))) == []


def test_the_core_loads_neither_airflow_nor_the_means_of_a_network():
    names = [f"vigie.core.{path.stem}" for path in MODULES if path.stem != "__init__"]
    program = f"import importlib, json, sys\nfor n in {names!r}: importlib.import_module(n)\nprint(json.dumps(list(sys.modules)))"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, timeout=60,
                         env={"PYTHONPATH": str(CORE.parents[1])})  # fmt: skip
    loaded = {name.partition(".")[0] for name in json.loads(ran.stdout)}
    assert "pydantic" in loaded
    # (the standard library's email.utils loads socket itself)
    assert loaded & {
        "airflow", "sqlalchemy", "alembic", "yaml", "jinja2", "markdown_it", "slack_sdk", "requests", "httpx", "aiohttp",
        "imaplib", "imapclient", "smtplib", "asyncssh", "asyncio", "ssl", "http", "hvac", "psutil", "holidays",
    } == set()  # fmt: skip
