"""Errors say what happened and what helps; which key does it, only the screens know."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import restore_tui
from restore_tui.kinetica.errors import Remedy, ServerUnavailable, TimedOut, Unreachable
from restore_tui.tui.widgets.error_panel import error_text
from tests.harness.source_texts import texts_of

KEY = re.compile(r"\b(F\d{1,2}|Esc|Ctrl\+\w|[Pp]ress(es|ed)?)\b")
HEADLESS = ("kinetica", "restore", "picker", "find")


@pytest.mark.parametrize("folder", HEADLESS)
def test_names_no_key_outside_of_the_screens(folder: str) -> None:
    package = Path(restore_tui.__file__).parent
    found = [
        f"{path.name}: {text}"
        for path in sorted((package / folder).rglob("*.py"))
        for text in texts_of(ast.parse(path.read_text()))
        if KEY.search(text)
    ]
    assert found == []


@pytest.mark.parametrize("error", [Unreachable("No."), TimedOut("No."), ServerUnavailable("No.")])
def test_the_panel_adds_the_key(error: Unreachable | TimedOut | ServerUnavailable) -> None:
    assert error.remedy is Remedy.RETRY
    assert error_text(error).plain.endswith(f"→ {error.hint} F5 tries again.")
