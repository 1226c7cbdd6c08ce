"""The docstrings below the attributes of a class: what the documentation and ``config --example`` say of each."""

from __future__ import annotations

import ast
import inspect
from itertools import pairwise


def attribute_docstrings(of: type) -> dict[str, str]:
    """Return the docstring below each attribute, on one line each; those of its base classes first."""
    found: dict[str, str] = {}
    for base in reversed(of.__mro__):
        if not base.__module__.startswith("restore_tui."):
            continue
        body = ast.parse(inspect.getsource(base)).body[0].body  # type: ignore[attr-defined]
        for statement, following in pairwise(body):
            target = getattr(statement, "target", None) or next(iter(getattr(statement, "targets", ())), None)
            text = getattr(getattr(following, "value", None), "value", None)
            if isinstance(target, ast.Name) and isinstance(text, str):
                found[target.id] = " ".join(text.split()).replace("``", "`")
    return found
