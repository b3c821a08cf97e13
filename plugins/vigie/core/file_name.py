"""The path of an expected file: ``outbound/REPL_{site.code}_{business_date:%Y%m%d}.csv``."""

from __future__ import annotations

import posixpath
from datetime import date
from string import Formatter

from vigie.core.site import Site


def check_path(template: str) -> str:
    """Return the template, or raise ValueError with a sentence that says what to write."""
    try:
        pieces = list(Formatter().parse(template))
    except ValueError as wrong:
        raise ValueError(f"path '{template}': {wrong}; write a brace itself as '{{{{'") from None
    for _, field, spec, conversion in pieces:
        if field is None:
            continue
        written = field + (f"!{conversion}" if conversion else "") + (f":{spec}" if spec else "")
        if conversion or field == "site." or not (field == "business_date" or (field.startswith("site.") and not spec)):
            raise ValueError(
                f"path '{template}': '{{{written}}}' is not known; write {{site.<column>}} or {{business_date:%Y%m%d}}"
            )
    if not template or template.endswith("/"):
        raise ValueError(f"path '{template}': it names a folder; write the name of the file too")
    return template


def site_columns(template: str) -> frozenset[str]:
    """The columns of the table of sites that a path uses."""
    fields = (field for _, field, _, _ in Formatter().parse(template) if field)
    return frozenset(field.removeprefix("site.") for field in fields if field.startswith("site."))


def expected_path(template: str, site: Site, business_date: date) -> str:
    """The path of one occurrence. KeyError where the site has no such column."""
    written = []
    for literal, field, spec, _ in Formatter().parse(template):
        written.append(literal)
        if field == "business_date":
            written.append(business_date.strftime(spec or "%Y-%m-%d"))
        elif field:
            written.append(site.attribute(field.removeprefix("site.")))
    return "".join(written)


def folder_and_name(path: str) -> tuple[str, str]:
    """The folder to list and the name to find in it."""
    folder, name = posixpath.split(path)
    return folder or ".", name
