"""The request, live: what F2 shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from restore_tui.kinetica.text import harmless_block
from restore_tui.tui.put import put

if TYPE_CHECKING:
    from restore_tui.restore.plan import RestorePlan

_LONGEST = 6000


class RequestPanel(VerticalScroll, can_focus=True):
    """The body of ``/restore/backup`` as JSON. It scrolls, and Tab reaches it."""

    _text = Content("")

    def compose(self) -> ComposeResult:
        yield Static(self._text, id="request-text", markup=False)

    def show(self, plan: RestorePlan, base_url: str, *, dry_run: bool) -> None:
        """Draw the request of a plan; ``base_url`` is empty before one is known."""
        import json  # F2 alone needs it, and the first screen opens without

        from restore_tui.restore.request import restore_body

        body = json.dumps(restore_body(plan, dry_run=dry_run), indent=2, ensure_ascii=False)
        self._text = Content.assemble(
            ("POST ", "bold"),
            f"{base_url}/restore/backup\n",
            ("the dry run\n" if dry_run else "the restore\n", "dim"),
            harmless_block(body, _LONGEST),
        )
        for text in self.query(Static):  # none yet in a panel that was made just now
            put(text, self._text)
