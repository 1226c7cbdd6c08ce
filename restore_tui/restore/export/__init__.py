"""The request of a plan in four languages: JSON, ``curl``, Python with ``gpudb``, SQL.

Pure functions from a plan, and from how the server is reached, to text that can be run as it stands. No secret can get
into it: ``ConnectionInfo`` holds none. Nothing in it acts on a terminal: what could is spelt by the language's own
escapes.
"""

from __future__ import annotations

from restore_tui.restore.export.curl import curl
from restore_tui.restore.export.json_body import json_body
from restore_tui.restore.export.model import LANGUAGES, ConnectionInfo, Language, Snippet
from restore_tui.restore.export.preview import Preview, preview
from restore_tui.restore.export.python import python
from restore_tui.restore.export.sql import sql
from restore_tui.restore.plan.plan import RestorePlan

__all__ = ["LANGUAGES", "ConnectionInfo", "Language", "Preview", "Snippet", "preview", "snippet"]

_WRITERS = {"json": json_body, "curl": curl, "python": python, "sql": sql}


def snippet(language: Language, plan: RestorePlan, access: ConnectionInfo, *, dry_run: bool) -> Snippet:
    """The dry run or the restore of a plan in one language; the plan need not be complete."""
    return _WRITERS[language](plan, access, dry_run=dry_run)
