"""A place that a file is expected for: a store, a warehouse, a plant."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, field_validator

from vigie.core.window import check_zone


class Site(BaseModel):
    """One row of a client's table of sites.

    ``zone`` is an IANA time zone; ``attributes`` are the table's other columns (``warehouse``, ``brand``…).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str
    name: str = ""
    zone: str
    country: str
    attributes: dict[str, str] = {}

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        return check_zone(zone)

    def attribute(self, name: str) -> str:
        """The value of a column; KeyError where the table has no such column."""
        if name in {"code", "name", "zone", "country"}:
            return str(getattr(self, name))
        return self.attributes[name]
