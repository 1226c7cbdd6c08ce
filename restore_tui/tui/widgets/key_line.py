"""The keys of the screen, on one line."""

from __future__ import annotations

from typing import NamedTuple

from textual import events
from textual.content import Content
from textual.reactive import reactive
from textual.screen import Screen
from textual.widget import Widget

from restore_tui.tui.key_availability import is_available

_COLOURS = (
    "bold $footer-key-foreground on $footer-key-background",
    "$footer-description-foreground on $footer-description-background",
)
_HOVERED = (
    "bold $footer-key-foreground on $block-hover-background",
    "$footer-key-foreground on $block-hover-background",
)


class _Shown(NamedTuple):
    key: str
    as_written: str
    what: str
    enabled: bool

    @property
    def width(self) -> int:
        return Content(f"{self.as_written} {self.what}").cell_length


class KeyLine(Widget):
    """Looks and works as Textual's compact ``Footer``: a click on a key presses it. But it is one widget that is drawn
    anew when the keys have changed; ``Footer`` makes a widget of each key, and all of them anew with every focus."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    KeyLine {
        dock: bottom;
        width: 100%;
        height: 1;
        text-wrap: nowrap;
        color: $footer-foreground;
        background: $footer-background;
    }
    """

    keys: reactive[tuple[_Shown, ...]] = reactive((), init=False)
    hovered: reactive[int | None] = reactive(None, init=False)

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, self._refresh_bindings)
        self._refresh_bindings(self.screen)

    def on_unmount(self) -> None:
        self.screen.bindings_updated_signal.unsubscribe(self)

    def _refresh_bindings(self, screen: Screen[object]) -> None:
        """Which keys there are now: one for each action, in the order of the bindings."""
        found: dict[str, _Shown] = {}
        chain = list((screen.focused or screen).ancestors_with_self)
        for _node, binding, enabled, _tooltip in screen.active_bindings.values():
            if binding.show and is_available(binding, chain):
                written = self.app.get_key_display(binding)
                found.setdefault(binding.action, _Shown(binding.key, written, binding.description, enabled))
        self.keys = tuple(found.values())

    def render(self) -> Content:
        parts: list[str | tuple[str, str]] = []
        for index, key in enumerate(self.keys):
            written, what = _HOVERED if index == self.hovered else _COLOURS
            dim = "" if key.enabled else " dim"
            parts += [" "] if index else []
            parts += [(key.as_written, written + dim), (f" {key.what}", what + dim)]
        return Content.assemble(*parts)

    def _at(self, x: int) -> int | None:
        """The number of the key that is drawn in this column."""
        end = 0
        for index, key in enumerate(self.keys):
            if end <= x < end + key.width:
                return index
            end += key.width + 1
        return None

    def on_mouse_move(self, event: events.MouseMove) -> None:
        self.hovered = self._at(event.x)

    def on_leave(self) -> None:
        self.hovered = None

    def on_mouse_down(self, event: events.MouseDown) -> None:
        index = self._at(event.x)
        if index is None:
            return
        key = self.keys[index]
        if key.enabled:
            self.app.simulate_key(key.key)
        else:
            self.app.bell()
