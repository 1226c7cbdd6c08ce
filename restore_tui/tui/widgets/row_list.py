"""The one list of this app: rows in columns, drawn line by line as far as they are visible.

It moves on all six keys and on j k g G, takes one row (Enter), or ticks rows (Space). What it shows comes from plain
functions of an item, so that a list of a hundred thousand names costs as much as the lines on the screen.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from restore_tui.kinetica.sanitize import SHORTENED, sanitize
from restore_tui.tui.breakpoints import WIDE

Item = TypeVar("Item")

_CURSOR, _GAP = "› ", 2
_NOWHERE = -1
"""The cursor of a list in which no row is highlighted."""
ROLES = ("information", "success", "warning", "danger")


@dataclass(frozen=True)
class Column(Generic[Item]):
    """A column. ``width`` in cells; None for one that takes what is left, but not less than ``least``.
    Where there is no room, the columns with the highest ``drop`` go first; those with 0 stay."""

    title: str
    cell: Callable[[Item], str]
    width: int | None = None
    right: bool = False
    least: int = 14
    drop: int = 0
    cut: Callable[[str, int], str] | None = None
    """Shortens a text to so many cells; without it the middle is left out."""
    wide: bool = False
    """Whether it is shown on a wide screen only."""
    role: Callable[[Item], str] | None = None
    """The role of an item's cell, which gives its color: one of ``ROLES``, or empty for none."""

    def fitted(self, item: Item, width: int) -> str:
        """What it shows of an item, in exactly ``width`` cells."""
        text = self.cell(item)
        return fit(self.cut(sanitize(text), width) if self.cut else text, width, right=self.right)


_BAR = 8
_COMPARED = 400
"""Characters of a text that are compared with its neighbors."""


def bar_column(share: Callable[[Item], float | None], *, drop: int) -> Column[Item]:
    """A bar for a number: ``share`` is its part of the largest one, None where it is unknown. It says nothing that the
    number beside it does not say."""
    return Column(
        "", lambda item: _bar(share(item)), _BAR, drop=drop, wide=True, role=lambda _: "information"
    )


def part_of(number: int | None, largest: int) -> float | None:
    """The share of a number for its bar; None where either is unknown or nothing."""
    return number / largest if number and largest else None


def _bar(share: float | None) -> str:
    if not share:
        return ""
    whole, half = divmod(max(round(min(share, 1.0) * _BAR * 2), 1), 2)
    return "━" * whole + "╸" * half


def fit(text: str, width: int, *, right: bool = False) -> str:
    """``text`` in exactly ``width`` cells: padded, or with its middle left out."""
    safe = sanitize(text, 4 * max(width, 1))
    length = cell_len(safe)
    if length > width:
        if width <= 1:
            return SHORTENED[:width]
        head = width // 2
        tail, taken = "", 0
        for character in reversed(safe):
            taken += cell_len(character)
            if taken > width - 1 - head:
                break
            tail = character + tail
        safe = set_cell_size(set_cell_size(safe, head) + SHORTENED + tail, width)
        length = width
    padding = " " * (width - length)
    return padding + safe if right else safe + padding


_WORD = re.compile(r"[^\W_]+")


def fit_apart(text: str, width: int, others: Sequence[str]) -> str:
    """``text`` in exactly ``width`` cells. Where it would look like one of the ``others`` beside it, the word in which
    it differs from them stays, between what fits of its beginning and its end."""
    plain = fit(text, width)
    safe = _compared(text)
    alike = [other for other in map(_compared, others) if other != safe and fit(other, width) == plain]
    if not alike or cell_len(safe) != len(safe):
        return plain
    start = max(_common(safe, other) for other in alike)
    end = len(safe) - max(_common(safe[start:][::-1], other[start:][::-1]) for other in alike)
    for word in _WORD.finditer(safe):
        if word.start() <= start < word.end() or word.start() < end <= word.end():
            start, end = min(start, word.start()), max(end, word.end())
    room = width - 2 * len(SHORTENED)
    end = min(max(end, start + 1), start + room)
    head = (room - (end - start)) // 2
    tail = room - (end - start) - head
    rest = safe[len(safe) - tail :] if tail else ""
    return fit(f"{safe[:head]}{SHORTENED}{safe[start:end]}{SHORTENED}{rest}", width)


def _compared(text: str) -> str:
    return sanitize(text, _COMPARED)


def _common(one: str, other: str) -> int:
    """How many characters two texts begin with that are the same."""
    return next(
        (at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )


class RowList(ScrollView, Generic[Item], can_focus=True):
    """``items`` in ``columns``. ``tick`` gives the mark before an item, ``dim`` tells which are less important,
    ``alarm`` which need to be read first. ``matches`` tells from where to where a text of the first column is what a
    filter looks for."""

    DEFAULT_CSS = """
    RowList { height: 1fr; scrollbar-size-vertical: 1; overflow-x: hidden; }
    RowList > .row-list--header { color: $text-muted; text-style: bold; }
    RowList > .row-list--dim { color: $text-muted; }
    RowList > .row-list--alarm { color: $text-error; text-style: bold; }
    RowList > .row-list--information { color: $text-primary; }
    RowList > .row-list--success { color: $text-success; }
    RowList > .row-list--warning { color: $text-warning; }
    RowList > .row-list--danger { color: $text-error; }
    RowList > .row-list--match { text-style: bold underline; }
    RowList > .row-list--cursor { background: $surface-lighten-2; text-style: bold; }
    RowList:focus > .row-list--cursor { background: $primary; color: $text; text-style: bold; }
    RowList:focus:nocolor > .row-list--cursor { text-style: bold reverse; }
    .-ascii RowList:focus > .row-list--cursor { text-style: bold reverse; }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "row-list--header",
        "row-list--dim",
        "row-list--alarm",
        "row-list--match",
        "row-list--cursor",
        *(f"row-list--{role}" for role in ROLES),
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", show=False, id="list.up"),
        Binding("down,j", "move(1)", "Down", show=False, id="list.down"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="list.page-up"),
        Binding("pagedown", "page(1)", "Page down", show=False, id="list.page-down"),
        Binding("home,g", "first", "First", show=False, id="list.first"),
        Binding("end,G", "last", "Last", show=False, id="list.last"),
        Binding("enter", "choose", "Choose", show=False, id="list.choose"),
        Binding("space", "tick", "Select", show=False, id="list.select"),
        *(
            Binding(
                f"shift+{key}", f"stretch('{action}', {by})", "Select a range", show=False, id="list.stretch"
            )
            for key, action, by in (
                ("up", "move", -1),
                ("down", "move", 1),
                ("pageup", "page", -1),
                ("pagedown", "page", 1),
                ("home", "first", 0),
                ("end", "last", 0),
            )
        ),
    ]

    cursor: reactive[int] = reactive(0, init=False)

    class Highlighted(Message):
        """The cursor is on another item, or the items are others."""

        def __init__(self, row_list: RowList[Any], item: Any) -> None:
            super().__init__()
            self.row_list = row_list
            self.item = item

        @property
        def control(self) -> RowList[Any]:
            return self.row_list

    class Chosen(Highlighted):
        """Enter."""

    class Ticked(Highlighted):
        """Space, or a click on the mark."""

    class Stretched(Message):
        """Shift and a way to move, or a click: the rows from ``first`` to ``last`` are a range now. It is ``new``, or
        the one of before in another length."""

        def __init__(self, row_list: RowList[Any], first: int, last: int, *, new: bool) -> None:
            super().__init__()
            self.row_list = row_list
            self.first = first
            self.last = last
            self.new = new

        @property
        def control(self) -> RowList[Any]:
            return self.row_list

    def __init__(
        self,
        columns: Sequence[Column[Item]],
        *,
        tick: Callable[[Item], str] | None = None,
        dim: Callable[[Item], bool] | None = None,
        alarm: Callable[[Item], bool] | None = None,
        matches: Callable[[str], Sequence[tuple[int, int]]] | None = None,
        empty: str = "Nothing here.",
        id: str | None = None,
    ) -> None:
        super().__init__(id=id)
        self.columns = columns
        self.items: Sequence[Item] = ()
        self.empty = empty
        self._tick = tick
        self._dim = dim
        self._alarm = alarm
        self._matches = matches
        self._anchor: int | None = None
        self.after_move: Callable[[], None] | None = None
        """Called when a key or a click has moved the cursor, at once."""

    # What it shows

    def show(self, items: Sequence[Item], *, cursor: int | None = 0) -> None:
        """Replace the items, with the cursor on one of them, or with None on none."""
        self.items = items
        self._anchor = None
        self.virtual_size = Size(self.size.width, len(items) + 1)
        bounded = _NOWHERE if cursor is None else min(max(cursor, 0), max(len(items) - 1, 0))
        self.set_reactive(RowList.cursor, bounded)
        self.refresh()
        self.call_after_refresh(self._keep_cursor_visible)
        self._tell_highlighted()

    def redraw(self) -> None:
        """The same items look different now."""
        self.refresh()

    @property
    def item(self) -> Item | None:
        """The item under the cursor; None where no row is highlighted."""
        return self.items[self.cursor] if 0 <= self.cursor < len(self.items) else None

    def watch_cursor(self, before: int, now: int) -> None:
        self._anchor = None
        self._refresh_row(before)
        self._refresh_row(now)
        self._keep_cursor_visible(a_step=abs(now - before) == 1)
        if self.after_move is not None:
            self.after_move()
        self._tell_highlighted()

    def _tell_highlighted(self) -> None:
        # Textual takes for the sender whose handler this runs in, and ends at the sender: the filter is our parent.
        self.post_message(self.Highlighted(self, self.item).set_sender(self))

    def validate_cursor(self, cursor: int) -> int:
        return min(max(cursor, 0), max(len(self.items) - 1, 0))

    def on_resize(self, _event: events.Resize) -> None:
        self.virtual_size = Size(self.size.width, len(self.items) + 1)
        self._keep_cursor_visible()

    def _rows_shown(self) -> int:
        return max(self.size.height - 1, 1)

    def _refresh_row(self, index: int) -> None:
        y = index + 1 - self.scroll_offset.y
        if 1 <= y < self.size.height:
            self.refresh(Region(0, y, self.size.width, 1))

    def _keep_cursor_visible(self, *, a_step: bool = False) -> None:
        """Scroll to the cursor. For a step it scrolls on by a third of what is shown: scrolling redraws every row, and
        on a slow line not every step should cost that."""
        if self.cursor == _NOWHERE:
            return
        top, shown = self.scroll_offset.y, self._rows_shown()
        ahead = shown // 3 if a_step else 0
        if self.cursor < top:
            self.scroll_to(y=max(self.cursor - ahead, 0), animate=False, force=True)
        elif self.cursor >= top + shown:
            self.scroll_to(y=self.cursor - shown + 1 + ahead, animate=False, force=True)

    # Drawing

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        base = self.rich_style
        if y == 0:
            return self._header(width, base)
        if not self.items:
            text = fit("  " + self.empty, width) if y == 1 else " " * width
            return Strip([Segment(text, base + self.get_component_rich_style("row-list--dim", partial=True))])
        index = y - 1 + self.scroll_offset.y
        if index >= len(self.items):
            return Strip.blank(width, base)
        return self._row(index, width, base)

    def _row(self, index: int, width: int, base: Style) -> Strip:
        item = self.items[index]
        here = index == self.cursor
        style = base
        if self._dim and self._dim(item):
            style += self.get_component_rich_style("row-list--dim", partial=True)
        if self._alarm and self._alarm(item):
            style += self.get_component_rich_style("row-list--alarm", partial=True)
        if here:
            style += self.get_component_rich_style("row-list--cursor", partial=True)
        mark = fit(self._tick(item), 4) if self._tick else ""
        segments = [Segment((_CURSOR if here else "  ") + mark, style)]
        for number, (column, column_width) in enumerate(self._layout(width)):
            text = (
                self._first_cell(column, index, column_width)
                if not number
                else column.fitted(item, column_width)
            )
            if number:
                segments.append(Segment(" " * _GAP, style))
                role = "" if here or column.role is None else column.role(item)
                segments.append(Segment(text, style + self._style_of(role) if role else style))
            else:
                segments += self._with_matches(text, style)
        return Strip(segments).adjust_cell_length(width, style)

    def _first_cell(self, column: Column[Item], index: int, width: int) -> str:
        """The first cell of a row, told apart from those above and below it."""
        if column.cut is not None:
            return column.fitted(self.items[index], width)
        text = column.cell(self.items[index])
        if cell_len(text) <= width:
            return fit(text, width, right=column.right)
        beside = [at for at in (index - 1, index + 1) if 0 <= at < len(self.items)]
        return fit_apart(text, width, [column.cell(self.items[at]) for at in beside])

    def _style_of(self, role: str) -> Style:
        return self.get_component_rich_style(f"row-list--{role}", partial=True)

    def _with_matches(self, text: str, style: Style) -> list[Segment]:
        """The first cell of a row, with what the filter looks for marked."""
        segments, at = [], 0
        for start, end in self._matches(text) if self._matches is not None else ():
            segments += [
                Segment(text[at:start], style),
                Segment(text[start:end], style + self._style_of("match")),
            ]
            at = end
        return [*segments, Segment(text[at:], style)]

    def _header(self, width: int, base: Style) -> Strip:
        style = base + self.get_component_rich_style("row-list--header", partial=True)
        cells = [
            fit(column.title, column_width, right=column.right)
            for column, column_width in self._layout(width)
        ]
        text = "  " + ("    " if self._tick else "") + (" " * _GAP).join(cells)
        return Strip([Segment(fit_plain(text, width), style)], width)

    def _layout(self, width: int) -> list[tuple[Column[Item], int]]:
        room = width - len(_CURSOR) - (4 if self._tick else 0)
        is_wide = self.app.size.width >= WIDE
        shown = [column for column in self.columns if is_wide or not column.wide]

        def needed() -> int:
            return sum(c.least if c.width is None else c.width for c in shown) + _GAP * (len(shown) - 1)

        while needed() > room and any(column.drop for column in shown):
            shown.remove(max(shown, key=lambda column: column.drop))
        flexible = [column for column in shown if column.width is None]
        each, rest = divmod(max(room - needed(), 0), len(flexible) or 1)
        return [
            (column, column.width)
            if column.width is not None
            else (column, column.least + each + (rest if column is flexible[0] else 0))
            for column in shown
        ]

    # Keys and clicks

    def is_key_available(self, binding: str) -> bool:
        """Whether F1 tells of a key: taking and ticking are the screen's to do, where it does."""
        handler = {
            "list.choose": "on_row_list_chosen",
            "list.select": "on_row_list_ticked",
            "list.stretch": "on_row_list_stretched",
        }.get(binding, "")
        if binding == "list.stretch" and self._tick is None:
            return False
        return not handler or hasattr(self.screen, handler)

    def action_move(self, by: int) -> None:
        self.cursor += by

    def action_page(self, by: int) -> None:
        self.cursor += by * self._rows_shown()

    def action_first(self) -> None:
        self.cursor = 0

    def action_last(self) -> None:
        self.cursor = len(self.items) - 1

    def action_choose(self) -> None:
        self.post_message(self.Chosen(self, self.item))

    def action_tick(self) -> None:
        self.post_message(self.Ticked(self, self.item))

    async def action_stretch(self, mode: str, by: int) -> None:
        """Move, and make what lies between a range; where nothing is selected here, only move."""
        anchor, here = self._anchor, self.cursor
        await self.run_action(f"{mode}({by})" if by else mode)
        self._stretch(anchor, here)

    def _stretch(self, anchor: int | None, here: int) -> None:
        """From the ``anchor`` of the range that there is, or else from ``here``, to the cursor."""
        if self._tick and self.items:
            self._anchor = here if anchor is None else anchor
            self.post_message(self.Stretched(self, self._anchor, self.cursor, new=anchor is None))

    def on_click(self, event: events.Click) -> None:
        """A click moves the cursor; on the mark it ticks. It never takes a row and goes on."""
        row = event.y - 1 + self.scroll_offset.y
        if event.y >= 1 and row < len(self.items):
            if event.shift:
                anchor, here = self._anchor, self.cursor
                self.cursor = row
                self._stretch(anchor, here)
                return
            self.cursor = row
            if self._tick and event.x < len(_CURSOR) + 4:
                self.action_tick()


def fit_plain(text: str, width: int) -> str:
    """Cut or padded to ``width`` cells, for text that is safe already."""
    return set_cell_size(text, width)
