"""The texts in the source code, which tests of its wording read."""

from __future__ import annotations

import ast
from collections.abc import Iterator


def texts_of(tree: ast.AST) -> Iterator[str]:
    """All string constants, but for docstrings."""
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.value
