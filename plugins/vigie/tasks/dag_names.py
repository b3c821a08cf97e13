"""Which names of DAGs are taken: Vigie's own, and those that belong to the file of a flux.

Airflow 3.3.2 keeps one DAG of each name, the one that it parsed last, and says nothing of the other.
"""

from __future__ import annotations

import ast
from pathlib import Path

from airflow.exceptions import AirflowClusterPolicyViolation
from airflow.policies import hookimpl
from airflow.settings import get_policy_plugin_manager

from vigie.core.errors import InvalidDocument, Problem
from vigie.tasks.own_place import OWN_FOLDER
from vigie.tasks.site import site_root

OWN_PREFIXES = ("duty.", "procedure.")


def taken(dag_id: str, file: Path) -> Problem | None:
    """Why a DAG of this name may not be made by this file (an absolute path); None where it may."""
    dags = site_root() / "dags"
    if file.is_relative_to(OWN_FOLDER):
        return None
    shown = str(file.relative_to(dags.parent) if file.is_relative_to(dags.parent) else file)
    line = line_of(file, dag_id)
    if dag_id.startswith(OWN_PREFIXES):
        return Problem(path=shown, line=line, message=f"'{dag_id}' comes with Vigie.", remedy=remedy(file))
    client, _, flux = dag_id.partition(".")
    home = dags / client / f"{flux}.py"
    if file != home and "/" not in dag_id and home.is_file():
        return Problem(
            path=shown,
            line=line,
            message=f"'{dag_id}' is the flux of dags/{client}/{flux}.py: of two DAGs with one name only one would run.",
            remedy="Give this one another name.",
        )
    return None


def remedy(file: Path) -> str:
    """What to do with a file whose DAGs come with Vigie."""
    if file.parent == site_root() / "dags" and file.name in {"duty.py", "mail_desk.py", "procedures.py"}:
        return f"Remove dags/{file.name}: the desk, the rounds and the procedures need no file of yours any more."
    return f"Names that begin with {' or '.join(OWN_PREFIXES)} are its own: give it another name."


def line_of(file: Path, dag_id: str) -> int:
    """The line at which a file makes this DAG, as far as can be read without running it; else its first."""
    try:
        tree = ast.parse(file.read_text("utf-8"))
    except (OSError, ValueError, SyntaxError):
        return 1
    found = [node.lineno for node in ast.walk(tree) if isinstance(node, ast.Call) and _names(node, dag_id)]
    found += [node.lineno for node in ast.walk(tree) if isinstance(node, ast.stmt) and _called_so(node, dag_id)]
    return min(found, default=1)


def _names(call: ast.Call, dag_id: str) -> bool:
    first = [*call.args[:1], *(word.value for word in call.keywords if word.arg == "dag_id")]
    return any(isinstance(each, ast.Constant) and each.value == dag_id for each in first)


def _called_so(node: ast.stmt, dag_id: str) -> bool:
    name = dag_id.rpartition(".")[2]
    if isinstance(node, ast.FunctionDef):
        return node.name == name and bool(node.decorator_list)
    return isinstance(node, ast.Assign) and any(isinstance(to, ast.Name) and to.id == name for to in node.targets)


class Policy:
    """Airflow's DAG policy: a DAG whose name is taken is an import error of its file, told with its line."""

    @staticmethod
    @hookimpl
    def dag_policy(dag: object) -> None:
        """Refuse it. Called for each DAG that is parsed, in the process that parses."""
        problem = taken(str(getattr(dag, "dag_id", "")), Path(str(getattr(dag, "fileloc", ""))))
        if problem:
            # Written as Airflow writes the errors of a file that does not load (airflow_api.py reads it so).
            raise AirflowClusterPolicyViolation(f"{InvalidDocument.__name__}: {problem}")


def install_policy() -> None:
    """Let Airflow ask, in this process and in those that are forked from it."""
    manager = get_policy_plugin_manager()
    if not manager.has_plugin("vigie"):
        manager.register(Policy, "vigie")
