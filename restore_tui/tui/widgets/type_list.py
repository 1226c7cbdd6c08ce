"""The object types, with how many names of each are selected."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from restore_tui.kinetica import reference
from restore_tui.picker.object_picker import ObjectPicker
from restore_tui.tui.widgets.row_list import Column, RowList

_AROUND = 7
"""Cursor, gap, and the border and the scrollbar beside them."""
_SHORTEST_TYPE = 8
_NEEDS = "≥ {}"
"""Of a type that came with a later server."""


@dataclass(frozen=True)
class TypeRow:
    """An object type, and how many names of it there are to tick; ``needs`` is the version that a server lacks for it,
    empty where it has the type."""

    kind: str
    listed: int
    needs: str = ""


class TypeList(RowList[TypeRow]):
    """``pick`` gives what is picked so far, ``needed`` the version that the server lacks for a type."""

    def __init__(self, pick: Callable[[], ObjectPicker], needed: Callable[[str], str], *, id: str) -> None:
        self._pick = pick
        self._needed = needed
        super().__init__(self._columns(()), dim=lambda row: not row.listed or bool(row.needs), id=id)

    def _rows(self) -> list[TypeRow]:
        """In the catalogue's order, which is the same for every snapshot; then what only the server knows."""
        pick = self._pick()
        kinds = [kind.name for kind in reference.OBJECT_TYPES]
        kinds += [kind for kind in pick.kinds if kind not in kinds]
        return [TypeRow(kind, len(pick.names(kind).objects), self._needed(kind)) for kind in kinds]

    def show_types(self, kind: str = "") -> None:
        """All of them, with the cursor on one."""
        rows = self._rows()
        self.columns = self._columns(rows)
        counts = self.columns[1].width or 0
        self.styles.min_width = _SHORTEST_TYPE + counts + _AROUND
        self.styles.max_width = max((len(row.kind) for row in rows), default=0) + counts + _AROUND
        self.show(rows, cursor=next((i for i, row in enumerate(rows) if row.kind == kind), 0))

    def _columns(self, rows: Sequence[TypeRow]) -> tuple[Column[TypeRow], ...]:
        """The counts get the room that they need when all is selected."""
        widest = max((len(f"{row.listed:,}/{row.listed:,}") for row in rows if row.listed), default=0)
        if any(row.needs for row in rows):
            widest = max(widest, len(_NEEDS.format("7.2.3.18")))
        return (
            Column("Type", lambda row: row.kind, least=_SHORTEST_TYPE),
            Column("Selected", self._count, max(widest, len("Selected")), right=True),
        )

    def _count(self, row: TypeRow) -> str:
        if row.needs:
            return _NEEDS.format(row.needs)
        ticked = len(self._pick().selection.names(row.kind))
        return f"{ticked:,}/{row.listed:,}" if row.listed or ticked else "none"
