"""A table as text: the cells of a row side by side, a space apart, and nothing padded."""

from __future__ import annotations

from vigie.core.text_flow import TextFlow


class TextTable:
    """A table that is being written: its finished lines, and the cells of its last row."""

    __slots__ = ("beside", "cells", "lines")

    def __init__(self) -> None:
        self.lines = TextFlow()
        self.beside = TextFlow()
        self.cells: list[TextFlow] = []

    def end_row(self) -> None:
        """Lay the cells of the row side by side."""
        cells = []
        for cell in self.cells:
            cell.begin_line()
            if cell.lines:
                cells.append(cell.lines)
        self.cells = []
        if cells:
            self.lines.take(_side_by_side(cells))


def _side_by_side(cells: list[list[str]]) -> list[str]:
    """The lines of cells, one space apart. The tallest is not copied, so that it may be passed up through many tables."""
    tallest = max(range(len(cells)), key=lambda number: len(cells[number]))
    lines = cells[tallest]
    left: list[list[str]] = []
    for cell in cells[:tallest]:
        left += [[] for _ in range(len(cell) - len(left))]
        for number, line in enumerate(cell):
            left[number].append(line)
    for number, pieces in enumerate(left):
        lines[number] = " ".join(filter(None, [*pieces, lines[number]]))
    right: list[list[str]] = []
    for cell in cells[tallest + 1 :]:
        right += [[] for _ in range(len(cell) - len(right))]
        for number, line in enumerate(cell):
            right[number].append(line)
    for number, pieces in enumerate(right):
        lines[number] = " ".join(filter(None, [lines[number], *pieces]))
    return lines
