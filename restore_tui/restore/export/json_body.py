"""The body of the request, as JSON."""

from __future__ import annotations

import json
from typing import Any

from restore_tui.kinetica.sanitize import escape_unsafe
from restore_tui.restore.export.model import ENDPOINT, ConnectionInfo, Snippet, notes_on, title
from restore_tui.restore.plan.plan import RestorePlan
from restore_tui.restore.plan.request import restore_body


def json_body(plan: RestorePlan, access: ConnectionInfo, *, dry_run: bool) -> Snippet:
    """The body alone; where and how it is posted is a note."""
    notes = notes_on(plan, access, dry_run=dry_run)
    notes.append(f"The body of POST {access.base}{ENDPOINT}, Content-Type: application/json.")
    return Snippet(
        "json", title("json", dry_run), body_text(restore_body(plan, dry_run=dry_run)), tuple(notes)
    )


def body_text(body: dict[str, Any]) -> str:
    """Laid out on lines. Letters of any language stay; what is no letter, and could act on a terminal, is escaped."""
    return escape_unsafe(
        json.dumps(body, indent=2, ensure_ascii=False), lambda character: json.dumps(character)[1:-1]
    )
