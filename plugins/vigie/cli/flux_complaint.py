"""What a file of ``dags/`` that cannot be loaded is told, in the words of its author rather than of Python."""

from __future__ import annotations

import re

from vigie.core.errors import Problem
from vigie.documents.findings import did_you_mean

_MISSING = re.compile(r"(\w+)(?:\.__init__)?\(\) missing \d+ required \S+ arguments?: (.+)")
_DECORATOR = 'Write @flux(client="…", stream="…").'


def complaint(path: str, line: int | None, wrong: Exception) -> Problem:
    """The problem of a file that raised; ``line`` is where the author's own file was."""
    if isinstance(wrong, SyntaxError):
        message, remedy = _not_python(wrong)
        return Problem(path=path, line=wrong.lineno, message=message, remedy=remedy)
    message, remedy = _raised(wrong)
    return Problem(path=path, line=line, message=message, remedy=remedy)


def _not_python(wrong: SyntaxError) -> tuple[str, str]:
    said = wrong.msg
    if "codec can't decode" in said:
        return "the file is not UTF-8 text.", "Save it as UTF-8."
    remedy = "Mend the line."
    if said.startswith("leading zeros"):
        remedy = "Put a time of day in quotes: '06:00'."
    elif re.match("invalid character '[“”‘’«»„]'", said):
        remedy = "Write straight quotes: \"…\" or '…'."
    elif isinstance(wrong, IndentationError):
        remedy = "Indent it as the lines beside it, with spaces."
    elif said.endswith("?"):
        said, _, remedy = said.partition(". ")
    return f"this is not Python: {said}.", remedy


def _raised(wrong: Exception) -> tuple[str, str]:
    from vigie import authoring

    told = str(wrong)
    if isinstance(wrong, NameError) and wrong.name:
        return f"nothing is called '{wrong.name}'.", did_you_mean(wrong.name, authoring.__all__)
    if wanted := re.match(r"cannot import name '(\w+)' from 'vigie\.authoring'", told):
        return f"vigie.authoring has no '{wanted[1]}'.", did_you_mean(wanted[1], authoring.__all__)
    if type(wrong).__name__ == "DuplicateTaskIdFound" and (name := re.search("'(.+)'", told)):
        return f"two watches are called '{name[1]}'.", "Give each a task_id of its own."
    if isinstance(wrong, TypeError):
        if told.startswith("flux() takes 0 positional"):
            return "flux has no client and no stream.", _DECORATOR
        if told == "'DAG' object is not callable":
            return "a flux is called here.", "Delete the call: @flux runs the function by itself."
        if wanted := re.match(r"missing keyword arguments? (.+)", told):
            return (
                f"{wanted[1]} {'are' if ', ' in wanted[1] else 'is'} missing.",
                "Write it in the call that begins here, or mend its spelling.",
            )
        if missing := _MISSING.match(told):
            word, names = missing[1], missing[2].replace(", and ", ", ").replace(" and ", ", ")
            are = "are" if ", " in names else "is"
            return f"{word}: {names} {are} missing.", _DECORATOR if word == "flux" else "Write what is missing."
    return f"{type(wrong).__name__}: {told}.", ""
