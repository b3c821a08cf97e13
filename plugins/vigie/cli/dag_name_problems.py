"""Names of DAGs that are made twice, or that are Vigie's own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from vigie.core.errors import Problem

if TYPE_CHECKING:
    from vigie.cli.flux_file import MadeDag


def name_problems(made: Sequence[MadeDag], root: Path) -> Iterator[Problem]:
    """What is wrong with the names of the DAGs that the files of a site make; a file is told once of Vigie's own."""
    from vigie.tasks.dag_names import OWN_PREFIXES, taken

    of_vigie: dict[Path, list[Problem]] = defaultdict(list)
    files: dict[str, list[MadeDag]] = defaultdict(list)
    for each in made:
        problem = taken(each.dag_id, each.file)
        if problem is None:
            files[each.dag_id].append(each)
        elif each.dag_id.startswith(OWN_PREFIXES):
            of_vigie[each.file].append(problem)
        else:
            yield problem
    for problems in of_vigie.values():
        first, more = min(problems, key=lambda each: (each.line or 0, each.message)), len(problems) - 1
        message = first.message if not more else first.message.replace(" comes ", f" and {more} more come ")
        yield first.model_copy(update={"message": message})
    for dag_id, (first_one, *others) in files.items():
        place = f"{first_one.file.relative_to(root)}:{first_one.line}"
        for each in others:
            yield Problem(
                path=str(each.file.relative_to(root)),
                line=each.line,
                message=f"'{dag_id}' is made at {place} too: of two DAGs with one name only one would run.",
                remedy="Give one of them another name.",
            )
