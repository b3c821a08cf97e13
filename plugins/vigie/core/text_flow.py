"""Text that flows into lines: spaces collapse to one, of several empty lines one stays (as CSS has it, and a rule expects)."""

from __future__ import annotations

import re

_SPACES = re.compile(r"[ \t\f\v\xa0]{2,}|[\t\f\v\xa0]")


class TextFlow:
    """Lines that are being written, one below the other."""

    __slots__ = ("_gap", "_line", "_space", "lines")

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._line: list[str] = []
        self._space = False
        self._gap = False

    def write(self, text: str, *, written_out: bool) -> None:
        """Go on with the line."""
        if written_out:
            first, *others = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
            self._word(first)
            for line in others:
                self.end_line()
                self._word(line)
            return
        words = text.split()
        if not words:
            self._space = True
            return
        self._space = self._space or text[0].isspace()
        self._word(" ".join(words))
        self._space = text[-1].isspace()

    def _word(self, text: str) -> None:
        if text:
            self._line.append(f" {text}" if self._space and self._line else text)
            self._space = False

    def end_line(self) -> None:
        """End the line, be it empty: of several empty ones one stays."""
        line = _SPACES.sub(" ", "".join(self._line)).strip(" ")
        self._line, self._space = [], False
        if line:
            if self._gap and self.lines:
                self.lines.append("")
            self.lines.append(line)
            self._gap = False
        else:
            self._gap = True

    def begin_line(self, *, parted: bool = False) -> None:
        """Go to a new line where this one has begun."""
        if self._line:
            self.end_line()
        self._space = False
        self._gap = self._gap or parted

    def take(self, lines: list[str]) -> None:
        """Add lines that are laid out already."""
        self.begin_line()
        if not lines:
            return
        if self._gap and self.lines:
            self.lines.append("")
        self._gap = False
        if len(lines) > len(self.lines):
            lines[:0] = self.lines
            self.lines = lines
        else:
            self.lines += lines
