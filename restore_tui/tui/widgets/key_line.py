"""The most likely keys of the screen, on one line. Its ``footer`` has which they are, and what they are called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from textual import events
from textual.content import Content
from textual.reactive import reactive
from textual.screen import Screen
from textual.widget import Widget

from restore_tui.tui.key_availability import character_of, is_available

_COLOURS = (
    "bold $footer-key-foreground on $footer-key-background",
    "$footer-description-foreground on $footer-description-background",
)
_HOVERED = (
    "bold $footer-key-foreground on $block-hover-background",
    "$footer-key-foreground on $block-hover-background",
)


MOST_KEYS = 6
"""Of a screen. Help and the menu come on top of them."""
ALWAYS = {"app.help": "Help", "app.palette": "Menu"}
LAST = {
    "filter.down": "To the list",
    "list.clear-filter": "Clear filter",
    "step.back": "Back",
    "app.request": "Request",
    "app.refresh": "Refresh",
    "step.next": "Next",
    "app.leave": "Quit",
}
"""What stands behind the keys that a screen names itself, as far as there is room."""


_WRITTEN = {key: key for key in ("enter", "space", "tab")} | {"pagedown": "pgdn"}


@dataclass(frozen=True)
class _Shown:
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
        """The keys that do something now, in the order of the screen's ``footer``, each label once."""
        focused = screen.focused
        chain = list((focused or screen).ancestors_with_self)
        found: dict[str, _Shown] = {}
        for key, (_node, binding, enabled, _tooltip) in screen.active_bindings.items():
            if binding.id in found or not binding.id or not is_available(binding, chain):
                continue
            if focused is None or not focused.check_consume_key(key, character_of(key)):
                written = _WRITTEN.get(binding.key) or self.app.get_key_display(binding)
                found[binding.id] = _Shown(binding.key, written, binding.description, enabled)
        footer: Mapping[str, str] = getattr(screen, "footer", {})
        labels = {**footer, **{id: label for id, label in LAST.items() if id not in footer}}
        listed: dict[str, _Shown] = {}
        for id, label in labels.items():
            if id in found and id not in ALWAYS:
                listed.setdefault(label, replace(found[id], what=label))
        always = [replace(found[id], what=label) for id, label in ALWAYS.items() if id in found]
        self.keys = (*list(listed.values())[:MOST_KEYS], *always)

    def _fitting(self) -> tuple[_Shown, ...]:
        """The keys that there is room for: the menu has all of them, and is always named."""
        keys = [*self.keys]
        while len(keys) > len(ALWAYS) and sum(key.width + 1 for key in keys) - 1 > self.size.width:
            del keys[-len(ALWAYS) - 1]
        return tuple(keys)

    def render(self) -> Content:
        parts: list[str | tuple[str, str]] = []
        for index, key in enumerate(self._fitting()):
            written, what = _HOVERED if index == self.hovered else _COLOURS
            dim = "" if key.enabled else " dim"
            parts += [" "] if index else []
            parts += [(key.as_written, written + dim), (f" {key.what}", what + dim)]
        return Content.assemble(*parts)

    def _at(self, x: int) -> int | None:
        """The number of the key that is drawn in this column."""
        end = 0
        for index, key in enumerate(self._fitting()):
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
        key = self._fitting()[index]
        if key.enabled:
            self.app.simulate_key(key.key)
        else:
            self.app.bell()
