"""A procedure that is not led through step by step: one step that holds all of its text, with *Done* and *Escalate*."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from vigie.core.errors import Problem
from vigie.core.procedure import CLOSE, ESCALATE, Choice, Procedure, Step

DONE = "Done"
"""The answer of whoever has read it and done what it says."""

NOT_APPROVED = (
    (
        "**Draft: nobody has approved this procedure yet.** Read all of it, do what it says, and answer *Done*; or "
        "*Escalate*. Its owner has been written to."
    ),
    (
        "**Brouillon : personne n'a encore approuvé cette procédure.** À lire en entier et à suivre, puis répondre *Fait* ; "
        "ou *Escalate*. Son responsable est prévenu."
    ),
)


def draft_page(written: Procedure, language: str) -> Procedure:
    """What runs in production of a procedure that was never approved: its whole page, as a draft (product rule 4)."""
    body = f"{NOT_APPROVED[language == 'fr']}\n\n---\n\n{_without_head(written.source)}"
    mark = "brouillon" if language == "fr" else "draft"
    return written.model_copy(
        update={"title": f"{written.title} ({mark})", "steps": (_page(body),), "as_page": True, "approval": None}
    )


def broken_page(client: str, name: str, text: str, problems: Iterable[Problem]) -> Procedure:
    """What runs of a procedure that cannot be read: the file as it is, the reasons on top."""
    reasons = "\n".join(f"- {problem}" for problem in problems)
    body = f"**This procedure needs repair; read it as a page.**\n\n{reasons}\n\n---\n\n{text}"
    return Procedure(
        name=name,
        path=f"include/procedures/{client}/{name}.md",
        digest="",
        title=f"{name} (needs repair)",
        client=client,
        severity="high",
        owner="",
        reviewed=date.min,
        meaning="",
        impact="",
        steps=(_page(body),),
        escalate="",
        close="",
        source=body,
        as_page=True,
    )


def _page(body: str) -> Step:
    ends = tuple(Choice(label=label, target=end, line=1) for label, end in ((DONE, CLOSE), ("Escalate", ESCALATE)))
    return Step(anchor="page", title="The page", text=body, line=1, choices=ends)


def _without_head(source: str) -> str:
    _, _, rest = source.partition("---\n")
    _, ends, body = rest.partition("\n---\n")
    return body.strip() if ends else source
