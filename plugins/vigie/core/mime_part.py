"""A part of a mail that finds its headers by name: the standard library's looks through all of them for each question."""

from __future__ import annotations

from email.message import Message as MimeMessage
from typing import Any


class Part(MimeMessage):
    """As its base, and quicker where much is asked and little is changed: a mail is asked some hundred times for headers."""

    _first: dict[str, tuple[str, Any]] | None = None
    _kind: str | None = None

    def get(self, name: str, failobj: Any = None) -> Any:
        """The first header of this name, in any case."""
        if self._first is None:
            self._first = {}
            for field, value in self.raw_items():
                self._first.setdefault(field.lower(), (field, value))
        found = self._first.get(name.lower())
        return failobj if found is None else self.policy.header_fetch_parse(*found)

    def get_content_type(self) -> str:
        """The type, in lower case."""
        if self._kind is None:
            self._kind = super().get_content_type()
        return self._kind

    def _changed(self) -> None:
        self._first = self._kind = None

    def set_raw(self, name: str, value: Any) -> None:
        """Add a header."""
        super().set_raw(name, value)
        self._changed()

    def set_default_type(self, ctype: str) -> None:
        """What it is where it does not say so."""
        super().set_default_type(ctype)
        self._changed()

    def __setitem__(self, name: str, val: Any) -> None:
        super().__setitem__(name, val)
        self._changed()

    def __delitem__(self, name: str) -> None:
        super().__delitem__(name)
        self._changed()

    def replace_header(self, _name: str, _value: Any) -> None:
        """Change the first header of this name."""
        super().replace_header(_name, _value)
        self._changed()
