"""A column in order, a portion at a time: a hundred thousand numbers take longer than a key may wait."""

from __future__ import annotations

from collections.abc import Sequence


class Sorting:
    """The indexes of ``column``, the largest number first; of equal ones the lower index first.

    Sorted runs are made, and merged two by two as soon as they have the same length, so that no portion is much longer
    than the last merge. Python's own sort finds the two runs by itself, and merges them.
    """

    def __init__(self, column: Sequence[int]) -> None:
        self._column = column
        self._at = 0
        self._runs: list[tuple[int, list[int]]] = []  # with how many merges made each

    def advance(self, most: int) -> bool:
        """Sort or merge some more, about ``most`` of them. Returns whether that was all."""
        runs = self._runs
        if len(runs) > 1 and (runs[-1][0] == runs[-2][0] or self._at >= len(self._column)):
            (_, later), (merges, earlier) = runs.pop(), runs.pop()
            runs.append((merges + 1, self._in_order([*earlier, *later])))
        else:
            part = range(self._at, min(self._at + most, len(self._column)))
            runs.append((0, self._in_order(part)))
            self._at = part.stop
        return self._at >= len(self._column) and len(runs) == 1

    def _in_order(self, indexes: Sequence[int]) -> list[int]:
        return sorted(indexes, key=self._column.__getitem__, reverse=True)

    def found(self) -> list[int]:
        """All of them, in order."""
        while not self.advance(len(self._column)):
            pass
        return self._runs[0][1]
