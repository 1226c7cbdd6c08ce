"""What tests share is in ``tests/harness``."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
FILES = [
    path
    for folder in ("tests", "benchmarks", "screenshots", "docs")
    for path in (ROOT / folder).rglob("*.py")
]


def imported_modules(path: Path) -> Iterator[str]:
    """Every module that a file may import, by its full name; of a name in a module also ``module.name``."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: imports are absolute"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_nothing_imports_from_a_test() -> None:
    """Neither from a test module nor from a conftest: what two files need is in the harness."""
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in FILES
        for name in imported_modules(path)
        if name.startswith("tests.")
        and any(p.startswith("test_") or p == "conftest" for p in name.split("."))
    ]
    assert wrong == []


def test_the_harness_has_no_tests() -> None:
    """pytest would run them once for each module that imports them."""
    assert list((ROOT / "tests" / "harness").rglob("test_*.py")) == []
