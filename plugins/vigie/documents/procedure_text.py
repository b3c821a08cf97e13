"""The facts of an incident in the text of a procedure, and in the parameters of its actions.

Only ``{{ … }}``: what depends on a fact is a question, which people answer. A fact that the incident does not have is
shown as ``‹job ?›`` in a text; an action that needs it fails, rather than run with a guess.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Literal
from urllib.parse import quote

from jinja2 import DictLoader, Template, Undefined, nodes, pass_context
from jinja2.exceptions import TemplateSyntaxError
from jinja2.runtime import Context
from markupsafe import Markup
from pydantic import ValidationError

from vigie.core.action import ACTIONS, FactForm, Parameters
from vigie.core.errors import InvalidDocument, Problem
from vigie.core.procedure import Action
from vigie.core.ssh_command import unfit
from vigie.documents.budget import check_length, rendering, start_counting
from vigie.documents.facts import prepare
from vigie.documents.markdown import page_html, reveal_html
from vigie.documents.mrkdwn import literal, to_mrkdwn
from vigie.documents.sandbox import Sandbox, sealed
from vigie.documents.sealed_fact import reveal, seal

Form = Literal["markdown", "html", "slack"]

_BARE = re.compile(r"https?:(?=//)|www(?=\.)|@", re.IGNORECASE)
_PUNCTUATION = re.compile(r"[!-/:-@\[-`{-~]")
_CODE = re.compile(r"(?<![`\\])(`+)(?!`)(?:(?!\n[ \t]*\n).)+?(?<!`)\1(?!`)", re.DOTALL)
_FENCED = re.compile(r"^ {0,3}(`{3,}|~{3,}).*?(?:^ {0,3}\1|\Z)", re.DOTALL | re.MULTILINE)


class _Page(Sandbox):
    """The sandbox of a page: a fact that is not there is shown as such."""

    def __init__(self) -> None:
        super().__init__(DictLoader({}))
        self.finalize = _or_unknown

    def getitem(self, obj: Any, argument: Any) -> Any:
        return obj if isinstance(obj, Undefined) else super().getitem(obj, argument)


@pass_context
def _or_unknown(context: Context, value: Any) -> Markup:
    if isinstance(value, Undefined) or value is None:
        return seal(f"‹{getattr(value, '_undefined_name', None) or ''} ?›")
    return sealed(context, value)


_PAGE = _Page()
SANDBOX = Sandbox(DictLoader({}))
"""The sandbox of parameters, and of the checks: a fact that is not there is an error."""


def parsed(text: str, line: int) -> nodes.Template:
    """The Jinja of a text that begins on this line of its file, for the checks. Raises TemplateSyntaxError."""
    return SANDBOX.parse("\n" * (line - 1) + text)


def more_than_facts(tree: nodes.Template) -> nodes.Node | None:
    """The first that is neither text nor ``{{ … }}``; None where there is none."""
    ours = (nodes.Output, nodes.ExprStmt)  # the second is what the sandbox writes into a tree
    return next((node for node in tree.body if not isinstance(node, ours)), None)


def filled(text: str, facts: Mapping[str, Any], form: Form) -> str:
    """A text of a procedure with the facts in it, as Markdown for Airflow, as HTML for a page, or as Slack's mrkdwn.

    Nothing in a fact is read as formatting or as a link. A text that cannot be filled is shown as it was written.
    """
    try:
        written = _rendered(_PAGE, text, prepare(facts)) if _has_facts(text) else text
    except Exception:  # noqa: BLE001  # whatever a text does, people must have a page to read
        written = text
    match form:
        case "html":
            return reveal_html(page_html(written))
        case "slack":
            return reveal(to_mrkdwn(written), literal)
        case "markdown":
            return _markdown(written)


def parameters_of(action: Action, facts: Mapping[str, Any], path: str) -> Parameters:
    """The parameters of an action with the facts in them. Raises InvalidDocument where one is missing or unfit."""
    kind = ACTIONS[action.name]
    known = prepare(facts) if any(map(_has_facts, action.parameters.values())) else {}
    values = {}
    for name, written in action.parameters.items():
        # Checked as it is written: what a fact has become can no longer be told from the command.
        if kind.form_of(name) == "shell" and (fault := unfit(written)):
            raise _unfit(action, path, f"{action.name}: {fault.message}", fault.remedy)
        try:
            values[name] = reveal(_rendered(SANDBOX, written, known), _ESCAPES[kind.form_of(name)])
        except Exception as error:
            raise _unfit(action, path, f"{action.name}: {name}: {str(error).rstrip('.')}.") from error
    try:
        return kind.read(values)
    except ValidationError as error:
        wrong = error.errors(include_url=False)[0]
        at = ".".join(map(str, wrong["loc"]))
        said = str(wrong.get("ctx", {}).get("error", wrong["msg"]))
        raise _unfit(action, path, f"{action.name}: {at}: {said} (found '{str(wrong['input'])[:60]}').") from error


def _unfit(action: Action, path: str, message: str, remedy: str = "") -> InvalidDocument:
    return InvalidDocument(Problem(path=path, line=action.line, message=message, remedy=remedy))


def _has_facts(text: str) -> bool:
    return "{{" in text or "{%" in text or "{#" in text


def _rendered(sandbox: Sandbox, text: str, facts: Mapping[str, Any]) -> str:
    if not _has_facts(text):
        return text
    template = _template(sandbox, text)
    written, length = [], 0
    with rendering():
        start_counting()
        for piece in template.generate(facts):
            written.append(piece)
            length += len(piece)
            check_length(length)
    return "".join(written)


@lru_cache(maxsize=2_000)
def _template(sandbox: Sandbox, text: str) -> Template:
    tree = sandbox.parse(text)
    if more_than_facts(tree) is not None:
        raise TemplateSyntaxError("only facts, as '{{ facts.job }}', stand in a procedure", 1)
    return sandbox.from_string(text)


def _markdown(text: str) -> str:
    """Markdown with the facts revealed: as character references in text, as they are in code.

    Airflow's pages (remark-gfm) make links of bare addresses after they have read the references: a word joiner, which
    nobody sees, keeps those of a fact apart.

    A character reference is never structure (CommonMark 0.31, 2.5); in code, where it would not be read as one, only
    a backtick or a line end could end the code.
    """
    parts, last = [], 0
    for found in sorted([*_FENCED.finditer(text), *_CODE.finditer(text)], key=lambda found: found.start()):
        if found.start() >= last:
            parts += [reveal(text[last : found.start()], _referenced), reveal(found[0], _in_code)]
            last = found.end()
    return "".join([*parts, reveal(text[last:], _referenced)])


def _referenced(fact: str) -> str:
    apart = _BARE.sub(lambda found: found[0] + "\u2060", " ".join(fact.split()))
    return _PUNCTUATION.sub(lambda found: f"&#{ord(found[0])};", apart)


def _in_code(fact: str) -> str:
    return " ".join(fact.split()).replace("`", "'")


def _path(fact: str) -> str:
    if fact.startswith("/") or ".." in fact.split("/") or not fact.isprintable():
        raise ValueError(f"'{fact[:60]}' is not a file below the folder")
    return fact


def _address(fact: str) -> str:
    if fact in {"", ".", ".."}:  # each would be another path
        raise ValueError(f"'{fact}' is no part of an address")
    return quote(fact, safe="")


def _none(fact: str) -> str:
    raise ValueError("no fact may stand here")


_ESCAPES: Mapping[FactForm, Callable[[str], str]] = {
    "": _none,
    "text": str,
    "path": _path,
    "shell": shlex.quote,
    "address": _address,
    "json": lambda fact: json.dumps(fact, ensure_ascii=False)[1:-1],
}
