"""The end of an incident: in the words of its own template, or built-in ones where the template has none for it.

A template that an author wrote for the page alone says at the end what it said at the beginning, ``EOD_POS is KO``.
So a block that writes nothing at the end that it does not write before is not sent: the built-in *resolved* is.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

from jinja2 import nodes

from vigie.core.errors import InvalidDocument, Problem, VigieError
from vigie.core.message import Message
from vigie.core.thread_words import say
from vigie.documents.facts import prepare
from vigie.documents.markdown import reveal_html, to_html
from vigie.documents.mrkdwn import literal, to_mrkdwn
from vigie.documents.sealed_fact import reveal, seal
from vigie.documents.template_file import FOLDER, TemplateFile
from vigie.documents.templates import SUBJECT_LIMIT, Templates

ALL_CLEAR = "all_clear"
"""The name of the template by which a client's contacts are told the end; without one, in our own words."""

RESOLVED = "resolved"
"""The purpose of the message that says the end, and the name of the template that replaces the built-in words."""

_BEFORE: tuple[tuple[str, str], ...] = (
    ("open", "page"),
    ("open", "warning"),
    ("open", "update"),
    ("acknowledged", "update"),
    ("acknowledged", "page"),
)
"""Status and purpose of the messages that are sent before the end."""

_OF_THE_END = ("resolved_at", "ended_by_hand")
"""Facts that an incident has only at its end."""


_WRITTEN = ("subject", "text")
"""The blocks that each template writes itself; the others are made of the text where it does not."""

_CHANNELS = ("html", "slack")


class LastWords(NamedTuple):
    """The message of an incident's end. ``failure`` says why the author's template did not make it; mostly empty."""

    message: Message
    failure: str = ""


class Renders(Protocol):
    """What is needed of the library."""

    templates: Templates

    def find_template(self, name: str, client: str, language: str) -> str: ...
    def render(self, name: str, client: str, language: str, facts: Mapping[str, Any]) -> Message: ...


def last_words(library: Renders, name: str, client: str, language: str, facts: Mapping[str, Any]) -> LastWords:
    """What is sent when an incident has ended. ``facts`` are those of a resolved incident (docs/authors/templates.md).

    It never fails, and never says again what the page said.
    """
    known = {**facts, "status": "resolved", "purpose": RESOLVED}
    try:
        file = library.find_template(name, client, language)
        said = library.templates.render(file, known)
        silent = without_last_words(library.templates, file, known)
    except VigieError as failed:
        return LastWords(_built_in(library, client, language, known), str(failed))
    if not silent:
        return LastWords(said)
    stand_in = _built_in(library, client, language, known)
    blocks = {*silent, *(_CHANNELS if "text" in silent else ())}
    return LastWords(said.model_copy(update={block: getattr(stand_in, block) for block in blocks}))


def all_clear(library: Renders, client: str, language: str, facts: Mapping[str, Any]) -> LastWords:
    """What is written to a client's contact who was told of an incident that has ended. It never fails.

    It holds no address of a page: a client's people have no account.
    """
    known = {**facts, "status": "resolved", "purpose": RESOLVED}
    try:
        library.find_template(ALL_CLEAR, client, language)
    except VigieError:
        return LastWords(_letter(language, prepare(known)))  # the site has no such template
    try:
        return LastWords(library.render(ALL_CLEAR, client, language, known))
    except VigieError as failed:
        return LastWords(_letter(language, prepare(known)), str(failed))


def without_last_words(templates: Templates, file: str, facts: Mapping[str, Any]) -> tuple[str, ...]:
    """The blocks of a template that write nothing at the end that they do not write before it, in their order.

    A block that only leaves something out at the end has no words for it. ``facts`` are those of a resolved incident.
    Raises InvalidDocument where the template fails with them.
    """
    blocks = (*_WRITTEN, *(block for block in _CHANNELS if templates.has_own(file, block)))
    return tuple(block for block in blocks if not _speaks(templates, file, block, facts))


def note_of(templates: Templates, file: str, template: TemplateFile) -> Problem | None:
    """What the author of a template for incidents should know of their end; None where all blocks have words for it."""
    example = {**_EXAMPLE, **template.example, "status": "resolved", "purpose": RESOLVED}
    path = f"{FOLDER}/{file}"
    try:
        silent = without_last_words(templates, file, example)
    except InvalidDocument as failed:
        wrong = failed.problems[0]
        message = (
            f"when the incident has ended the template fails, and the built-in 'resolved' is sent: {wrong.message}"
        )
        return Problem(path=path, line=wrong.line, message=message, remedy=wrong.remedy)
    if not silent:
        return None
    blocks = " and ".join(f"'{block}'" for block in silent)
    tree = templates.sandbox.parse(template.source, filename=template.path)
    line = next((block.lineno for block in tree.find_all(nodes.Block) if block.name in silent), None)
    verb = "have" if len(silent) > 1 else "has"
    message = f"{blocks} {verb} no words for the end of an incident; the built-in 'resolved' is sent in place."
    return Problem(path=path, line=line, message=message, remedy=_REMEDY)


_REMEDY = "Write '{% if purpose == \"resolved\" %} … {% else %} … {% endif %}' where the message says what is wrong."

_EXAMPLE: dict[str, Any] = {
    "client": "Acme",
    "flux": "end_of_day",
    "title": "[KO] EOD_POS",
    "severity": "high",
    "incident": "INC-1",
    "who": "Camille Moreau",
    "resolved_at": "02:41",
    "links": {"incident": "https://vigie.example/vigie/incidents/INC-1"},
}
"""What every incident has at its end; a template's own example goes before it."""


def _speaks(templates: Templates, file: str, block: str, facts: Mapping[str, Any]) -> bool:
    said = {piece for piece in templates.pieces(file, block, facts) if _is_word(piece)}
    before = {name: value for name, value in facts.items() if name not in _OF_THE_END}
    for status, purpose in _BEFORE:
        if not said:
            break
        try:
            said -= templates.pieces(file, block, {**before, "status": status, "purpose": purpose})
        except InvalidDocument:
            continue  # it cannot be sent then, so it says nothing then
    return bool(said)


def _is_word(piece: str) -> bool:
    """Whether a piece is more than punctuation and Markdown's marks; a picture (✅) is."""
    return any(unicodedata.category(sign)[0] in "LN" or unicodedata.category(sign) == "So" for sign in piece)


def _built_in(library: Renders, client: str, language: str, facts: Mapping[str, Any]) -> Message:
    """The site's template ``resolved``; where it has none, or one that fails, our own words."""
    try:
        return library.render(RESOLVED, client, language, facts)
    except VigieError:
        return _own_words(language, prepare(facts))


def _letter(language: str, facts: Mapping[str, Any]) -> Message:
    known = {name: seal(str(facts.get(name, ""))) for name in ("client", "flux", "title", "incident")}
    at = say(language, "ended_at", time=facts["resolved_at"]) if facts.get("resolved_at") else ""
    lines = [
        say(language, "letter_begins"),
        say(language, "letter_over", **known, at=at),
        f"> {known['title']}",
        say(language, "letter_ends", **known),
    ]
    return _message(say(language, "ended_subject", **known), "\n\n".join(lines))


def _own_words(language: str, facts: Mapping[str, Any]) -> Message:
    known = {name: seal(str(facts.get(name, ""))) for name in ("client", "flux", "title", "incident", "who")}
    at = say(language, "ended_at", time=facts["resolved_at"]) if facts.get("resolved_at") else ""
    by_hand = "_by_hand" if facts.get("ended_by_hand") and facts.get("who") else ""
    lines = [say(language, f"ended_text{by_hand}", **known, at=at), say(language, "ended_title"), f"> {known['title']}"]
    links = facts.get("links")
    if isinstance(links, Mapping) and links.get("incident"):
        lines.append(f"[{known['incident']}]({seal(str(links['incident']))})")
    return _message(say(language, f"ended_subject{by_hand}", **known), "\n\n".join(lines))


def _message(sealed_subject: str, text: str) -> Message:
    subject = reveal(sealed_subject)
    return Message(
        subject=subject if len(subject) <= SUBJECT_LIMIT else subject[: SUBJECT_LIMIT - 1] + "…",
        text=reveal(text),
        html=reveal_html(to_html(text)),
        slack=reveal(to_mrkdwn(text), literal),
    )
