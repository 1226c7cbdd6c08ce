"""Random keys, and how often each is pressed."""

from __future__ import annotations

from typing import Any

KEYS = (
    ("enter", 12), ("ctrl+n", 10), ("space", 8), ("right", 6), ("left", 4), ("down", 8), ("up", 4), ("end", 1),
    ("home", 1), ("pagedown", 1), ("pageup", 1), ("escape", 5), ("tab", 3), ("shift+tab", 2), ("a", 2), ("t", 1),
    ("slash", 1), ("s", 1), ("f1", 1), ("f2", 2), ("f5", 2), ("g", 1), ("G", 1), ("b", 2), ("question_mark", 1),
    ("backspace", 1), ("l", 2), ("y", 1), ("e", 1), ("r", 2), ("n", 2), ("p", 1), ("R", 1), ("j", 1),
    ("ctrl+p", 1),
)  # fmt: skip


NAMES = [name for name, _ in KEYS]


WEIGHTS = [weight for _, weight in KEYS]


def without_dry_run(body: dict[str, Any]) -> dict[str, Any]:
    return {**body, "options": {k: v for k, v in body["options"].items() if k != "dry_run"}}
