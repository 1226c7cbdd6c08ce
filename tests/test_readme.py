"""What the README shows of the catalogue is what the catalogue says."""

from __future__ import annotations

import re

import pytest

from restore_tui.explain import with_tables
from restore_tui.kinetica import catalogue
from screenshots.write_tables import README


def test_the_tables_are_those_of_the_catalogue() -> None:
    """``make readme`` would change nothing."""
    text = README.read_text(encoding="utf-8")
    assert with_tables(text) == text
    rows = re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)
    names = [entry.name for entry in (*catalogue.OBJECT_TYPES, *catalogue.OPTIONS)]
    assert [row for row in rows if row in names] == names


def test_tables_without_their_marks_are_not_guessed() -> None:
    """A README that lost a mark is left alone."""
    with pytest.raises(ValueError, match="make readme"):
        with_tables("# restore-tui\n")
