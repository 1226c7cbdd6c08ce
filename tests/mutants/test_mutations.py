"""The table of mutations fits the code as it is now. What it is for takes minutes: ``make mutants``."""

from __future__ import annotations

import pytest

from tests.mutants.__main__ import ROOT
from tests.mutants.mutations import MUTATIONS, Mutation


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.consequence)
def test_every_mutation_breaks_one_place(mutation: Mutation) -> None:
    """A change of that place has to take its mutation along."""
    compile(mutation.apply((ROOT / mutation.file).read_text(encoding="utf-8")), mutation.file, "exec")
    for test in mutation.tests:
        file, _, name = test.partition("::")
        assert f"def {name}" in (ROOT / file).read_text(encoding="utf-8")


def test_refuses_ambiguous_text() -> None:
    """A text that occurs twice, or not at all, says nothing about what is broken."""
    mutation = Mutation("x.py", "a = 1", "a = 2", "A is wrong.", ("tests/x.py",))
    for text in ("", "a = 1\na = 1\n"):
        with pytest.raises(ValueError, match=r"x\.py: .* occurs [02] times"):
            mutation.apply(text)
