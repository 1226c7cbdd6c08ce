"""What a report tells of our own look: a column of its own, and below a line where the dry run contradicts it."""

from __future__ import annotations

from restore_tui.restore.receipts.model import ReceiptConflicts, ReceiptObject
from restore_tui.restore.receipts.render import as_markdown, as_text
from tests.harness.receipts import PLACE, facts, outcome, receipt, shown_cells

SEEN = [
    ReceiptObject(
        type="table",
        name="sales.orders",
        dry_run="restored",
        restore="restored",
        seen="would abort",
        disagrees="The object exists.",
    ),
    ReceiptObject(
        type="table",
        name="sales.items",
        dry_run="restored",
        restore="restored",
        seen="would be moved",
        seen_place="old.items",
    ),
    ReceiptObject(type="graph", name="sales.g", dry_run="restored", restore="restored", seen="not checked"),
]


def test_our_own_look_has_a_column_of_its_own() -> None:
    """What we saw, beside what the dry run said and the restore did; a contradiction is told below the line, and what
    could not be looked at among the facts."""
    sight = ReceiptConflicts(
        unread={"/show/credential": "The response is empty."}, unclear=["What changed is not known."]
    )
    made = receipt(outcome("Restored", objects=SEEN), sight=sight)
    told = as_text(made, PLACE)
    assert facts(told)["Not checked"] == "/show/credential: The response is empty."
    assert facts(told)["Checked again"] == "What changed is not known."
    lines = [line.split() for line in told.splitlines()]
    assert ["Name", "Type", "Conflict", "check", "Dry", "run", "Restore"] in lines
    at = lines.index(["sales.orders", "table", "would", "abort", "would", "restore", "restored"])
    assert lines[at + 1] == ["The", "object", "exists."]
    assert "by the conflict check to old.items" in told
    table = shown_cells(as_markdown(made, PLACE))[1]
    assert [row[2] for row in table] == ["Conflict check", "would abort", "would be moved", "not checked"]
    assert table[1][-1] == "The object exists."


def test_a_receipt_without_our_look_has_no_column_for_it() -> None:
    """Of older receipts it is not known, and nothing is made up."""
    assert "Conflict check" not in as_text(receipt(outcome()), PLACE) + as_markdown(receipt(outcome()), PLACE)
