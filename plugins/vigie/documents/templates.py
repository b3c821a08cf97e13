"""Templates and facts to messages."""

from __future__ import annotations

import re
import traceback
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from jinja2 import BaseLoader, Environment, TemplateError, TemplateNotFound, TemplateSyntaxError
from jinja2.exceptions import UndefinedError

from vigie.core.errors import InvalidDocument, Problem
from vigie.core.message import Message
from vigie.documents.budget import check_length, rendering, spend_step, start_counting
from vigie.documents.facts import prepare
from vigie.documents.markdown import reveal_html
from vigie.documents.mrkdwn import literal
from vigie.documents.sandbox import Sandbox
from vigie.documents.sealed_fact import reveal
from vigie.documents.template_file import FILE, FOLDER, TemplateFile

SUBJECT_LIMIT = 200
"""Characters of a subject."""


class TemplateFailed(InvalidDocument):
    """A template could not be rendered with the facts of this message; its Problem says where."""


class TemplateFiles(Protocol):
    """Where templates are kept: by their path below the folder of templates, ``mail_ko.md.j2``."""

    def template(self, file: str) -> TemplateFile | None:
        """The file as it is now, None where there is none. Raises InvalidDocument."""

    def template_stamp(self, file: str) -> object:
        """Something that changes with the file; None where there is none."""


class Templates:
    """Renders the templates of a site."""

    def __init__(self, files: TemplateFiles) -> None:
        self._files = files
        self.sandbox = Sandbox(_Loader(files))
        self.sandbox.join_path = self._join_path  # type: ignore[method-assign]

    def render(self, file: str, facts: Mapping[str, Any]) -> Message:
        """Render a template (its path below the folder of templates). Raises InvalidDocument, with file and line."""
        known = prepare(facts)
        with rendering():
            subject = " ".join(reveal(" ".join(self._block(file, "subject", known).split())).split())
            text = re.sub(r"\n{3,}", "\n\n", self._block(file, "text", known)).strip()
            html = self._block(file, "html", known).strip()
            slack = re.sub(r"\n{3,}", "\n\n", self._block(file, "slack", known)).strip()
        if not subject or not text:
            empty = "subject" if not subject else "text"
            raise TemplateFailed(_problem(file, None, f"the block '{empty}' is empty with these facts."))
        if len(subject) > SUBJECT_LIMIT:
            subject = subject[: SUBJECT_LIMIT - 1] + "…"
        return Message(subject=subject, text=reveal(text), html=reveal_html(html), slack=reveal(slack, literal))

    def pieces(self, file: str, block: str, facts: Mapping[str, Any]) -> frozenset[str]:
        """What a block writes, in the pieces between its tags: each constant text, each value. Raises InvalidDocument."""
        known = prepare(facts)
        lines = (line for piece in self._written(file, block, known) for line in reveal(piece).splitlines())
        return frozenset(line.strip() for line in lines)

    def has_own(self, file: str, block: str) -> bool:
        """Whether the file itself writes this block, and does not leave it to its base. Raises InvalidDocument."""
        try:
            return block in self.sandbox.get_template(file).blocks
        except TemplateError as error:
            raise TemplateFailed(_located(file, error)) from error

    def _block(self, file: str, name: str, facts: Mapping[str, Any]) -> str:
        return "".join(self._written(file, name, facts))

    def _written(self, file: str, name: str, facts: Mapping[str, Any]) -> list[str]:
        try:
            return self._rendered(file, name, facts)
        except InvalidDocument:
            raise
        except Exception as error:  # whatever a template does, its message must have a stand-in
            raise TemplateFailed(_located(file, error)) from error

    def _rendered(self, file: str, name: str, facts: Mapping[str, Any]) -> list[str]:
        template = self.sandbox.get_template(file)
        context = template.new_context(dict(facts))
        written: list[str] = []
        try:
            start_counting()
            for _ in template.root_render_func(context):  # runs {% extends %}: afterwards the context has every block
                pass
            length = 0
            for piece in context.blocks[name][0](context) if name in context.blocks else ():
                written.append(piece)
                length += len(piece)
                check_length(length)
        except Exception:  # noqa: BLE001  # without this the traceback shows lines of the compiled code
            self.sandbox.handle_exception()
        return written

    def _join_path(self, template: str, parent: str) -> str:
        """What a template extends or includes: the client's own file before the common one, never another client's."""
        if "/" in template:
            raise TemplateNotFound(template)
        folder = parent.rpartition("/")[0]
        own = f"{folder}/{template}"
        return own if folder and own != parent and self._files.template_stamp(own) is not None else template


class _Loader(BaseLoader):
    def __init__(self, files: TemplateFiles) -> None:
        self._files = files

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Any]:
        spend_step()
        found = self._files.template(template)
        if found is None:
            raise TemplateNotFound(template)
        stamp = self._files.template_stamp(template)
        return found.source, found.path, lambda: self._files.template_stamp(template) == stamp


def _problem(file: str, line: int | None, message: str, remedy: str = "") -> Problem:
    return Problem(path=f"{FOLDER}/{file}", line=line, message=message, remedy=remedy)


def _located(file: str, error: Exception) -> Problem:
    """The problem, at the line of the template that stands last in the traceback."""
    if isinstance(error, TemplateSyntaxError):
        path = error.filename or f"{FOLDER}/{file}"
        return Problem(path=path, line=error.lineno, message=f"{_sentence(error.message or 'not valid Jinja')}.")
    lines = [frame for frame in traceback.extract_tb(error.__traceback__) if FILE.fullmatch(Path(frame.filename).name)]
    path, line = (lines[-1].filename, lines[-1].lineno) if lines else (f"{FOLDER}/{file}", None)
    if lines and isinstance(error, RecursionError):
        # Where the stack ends is chance (and differs from one Python to the next): the line that comes again is the one.
        path, line = Counter((frame.filename, frame.lineno) for frame in lines).most_common(1)[0][0]
    if isinstance(error, TemplateNotFound):
        remedy = "Write its name without a folder." if "/" in (error.name or "") else "Is its name right?"
        return Problem(path=path, line=line, message=f"no template '{error.name}' to extend or include.", remedy=remedy)
    remedy = "Write {% if … %} around it where a message may lack it." if isinstance(error, UndefinedError) else ""
    message = error.message if isinstance(error, TemplateError) else None
    if isinstance(error, RecursionError):
        message = "a block or a macro that calls itself without end"
    return Problem(
        path=path, line=line, message=f"{_sentence(message or str(error) or type(error).__name__)}.", remedy=remedy
    )


def _sentence(message: str) -> str:
    return message.strip().rstrip(".")
