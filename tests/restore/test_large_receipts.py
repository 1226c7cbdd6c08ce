"""Receipts of more than a thousand objects: small on disk, the same when read, and no way to break the reader."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from restore_tui.restore.receipts import model
from restore_tui.restore.receipts.model import Receipt, ReceiptObject
from restore_tui.restore.receipts.render import as_json
from restore_tui.restore.receipts.store import ReceiptStore
from tests.harness.receipts import RUN, outcome, receipt

STATUSES = ("restored", "failed", "not mentioned", "")


def objects(number: int) -> list[ReceiptObject]:
    return [
        ReceiptObject(type="table", name=f"sales.part_{n:05}", dry_run="restored", restore=STATUSES[n % 4])
        for n in range(number)
    ]


def large(number: int = 1_001) -> Receipt:
    return receipt(outcome(objects=objects(number)), objects=objects(number), version=3)


def test_a_large_receipt_is_small_and_comes_back_as_it_was(tmp_path: Path) -> None:
    """As JSON for scripts it has a map for each object, like every other."""
    store = ReceiptStore(tmp_path)
    place = store.write(large(5_000))
    assert place.stat().st_size < 110 * 5_000
    assert place.stat().st_mode & 0o777 == 0o600
    assert store.read(RUN) == large(5_000)
    assert len(json.loads(as_json(store.read(RUN)))["objects"]) == 5_000


def test_a_thousand_objects_stand_as_before(tmp_path: Path) -> None:
    """One map each, in the format that older versions read."""
    written = json.loads(ReceiptStore(tmp_path).write(receipt(objects=objects(1_000))).read_text())
    assert (written["version"], len(written["objects"])) == (2, 1_000)
    one_more = json.loads(receipt(objects=objects(1_001)).as_json())
    assert (one_more["version"], one_more["objects"]["columns"]["type"]) == (3, "table")


LINES = st.builds(ReceiptObject, type=st.text(), name=st.text(), dry_run=st.text(), restore=st.text())
EXTRA = st.text(min_size=1).filter(lambda key: key not in ReceiptObject.model_fields)


@given(
    st.lists(LINES, min_size=1, max_size=3),
    st.dictionaries(EXTRA, st.text() | st.lists(st.text()), max_size=2),
)
def test_whatever_stands_in_an_object_comes_back(some: list[ReceiptObject], extra: dict[str, object]) -> None:
    """Also what another version has written there."""
    lines = [ReceiptObject.model_validate({**line.model_dump(), **extra}) for line in some]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(model, "_MAX_LISTED", 0)
        text = receipt(objects=lines).as_json()
    assert Receipt.model_validate_json(text.encode("utf-8", "surrogatepass")).objects == lines


@pytest.mark.parametrize(
    "columns",
    [
        {"columns": {"name": "x", "type": "table"}},
        {"columns": {"type": ["table"]}},
        {"columns": {"name": ["a", "b"], "type": ["table"]}},
        {"columns": ["name"]},
        {"columns": {"name": ["a"], "type": "table", "dry_run": 7, "restore": ""}},
        {"count": 10**12},
        {},
    ],
)
def test_columns_that_are_none_are_no_receipt(columns: Any, tmp_path: Path) -> None:
    """It is listed with what is wrong, whatever it claims."""
    store = ReceiptStore(tmp_path)
    store.write(large())
    broken = {**json.loads(store.path(RUN).read_text()), "objects": columns}
    store.path(RUN).write_text(json.dumps(broken))
    (found,) = store.runs()
    assert found.problem.startswith("it is not a receipt")
