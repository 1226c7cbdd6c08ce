"""The keys of the screen, on one line."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

from textual import events
from textual.content import Content
from textual.reactive import reactive
from textual.screen import Screen
from textual.style import Style
from textual.widget import Widget


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
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "key-line--key",
        "key-line--what",
        "key-line--disabled",
        "key-line--hover",
    }
    DEFAULT_CSS = """
    KeyLine {
        dock: bottom;
        width: 100%;
        height: 1;
        text-wrap: nowrap;
        color: $footer-foreground;
        background: $footer-background;
    }
    .key-line--key { color: $footer-key-foreground; background: $footer-key-background; text-style: bold; }
    .key-line--what { color: $footer-description-foreground; background: $footer-description-background; }
    .key-line--hover { color: $footer-key-foreground; background: $block-hover-background; }
    .key-line--disabled { text-style: dim; }
    """

    keys: reactive[tuple[_Shown, ...]] = reactive((), init=False)
    hovered: reactive[int | None] = reactive(None, init=False)

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, self._look)
        self._look(self.screen)

    def on_unmount(self) -> None:
        self.screen.bindings_updated_signal.unsubscribe(self)

    def _look(self, screen: Screen[object]) -> None:
        """Which keys there are now: one for each action, in the order of the bindings."""
        found: dict[str, _Shown] = {}
        for _node, binding, enabled, _tooltip in screen.active_bindings.values():
            if binding.show:
                written = self.app.get_key_display(binding)
                found.setdefault(binding.action, _Shown(binding.key, written, binding.description, enabled))
        self.keys = tuple(found.values())

    def render(self) -> Content:
        parts: list[str | tuple[str, Style]] = []
        for index, key in enumerate(self.keys):
            more = [] if key.enabled else ["key-line--disabled"]
            more += ["key-line--hover"] if index == self.hovered else []
            parts += [" "] if index else []
            parts.append((key.as_written, self.get_visual_style("key-line--key", *more, partial=True)))
            parts.append((f" {key.what}", self.get_visual_style("key-line--what", *more, partial=True)))
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
