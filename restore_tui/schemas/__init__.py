"""The JSON Schema of what each command prints with ``--json``.

Each output has a ``version``: it changes when a key is removed or changes its meaning. Keys may be added at any time.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

RECEIPT = "receipt"
COMMANDS: Mapping[str, str] = {
    "all-users": "history --all-users --json",
    "attach": "attach RUN --wait --json",
    "explain": "explain [NAME] --json",
    "find": "find NAME... --json",
    "history": "history --json",
    RECEIPT: "history RUN --json",
}
"""Name of a schema → the command whose output it describes."""


def schema(name: str) -> dict[str, Any]:
    """Return the schema with one of the names in ``COMMANDS``. That of the receipt is made from its model."""
    if name == RECEIPT:
        from restore_tui.restore.receipts.model import Receipt

        return {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            **Receipt.model_json_schema(mode="serialization"),
            "title": f"restore-tui {COMMANDS[name]}",
        }
    path = Path(__file__).parent / f"{name}.json"
    read: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return read
