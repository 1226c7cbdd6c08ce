"""Receipts of every kind, made without a server, and what a reader sees of their Markdown."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt

from restore_tui.restore.receipts.model import (
    Receipt,
    ReceiptDryRun,
    ReceiptFinding,
    ReceiptJob,
    ReceiptLook,
    ReceiptObject,
    ReceiptOutcome,
    ReceiptServer,
)
from tests.harness.clock import NOW
from tests.harness.plans import ID

RUN = "20261123T020000Z-a1b2c3"
SERVER = ReceiptServer(
    url="http://host:9191", version="7.2.3.14", cluster="blue", user="night_operator", way="job"
)
LEDGER = [
    ReceiptObject(
        type="table",
        name="sales.orders",
        dry_run="restored",
        restore="failed",
        why="the file is damaged",
    ),
    ReceiptObject(type="role", name="reader", dry_run="failed", restore="not mentioned"),
    ReceiptObject(
        type="table", name="sales.items", dry_run="restored", restore="restored", moved_to="old.items"
    ),
    ReceiptObject(type="monitor", name="sales.feed", dry_run="restored", restore="restored", asked=False),
]
ANSWER = {
    "backup_name": "nightly",
    "backup_id": int(ID),
    "restored_bytes": 4_096,
    "restored_files": 12,
    "restored_records": 1_234,
}
LOOKS = [
    ReceiptLook(
        at=NOW + timedelta(minutes=4),
        findings=[
            ReceiptFinding(source="background job", text="It runs, 40 %."),
            ReceiptFinding(source="backup history", text="No restore of this backup is listed."),
        ],
    ),
    ReceiptLook(
        at=NOW + timedelta(minutes=9),
        findings=[ReceiptFinding(source="background job", text="It is done.", settles=True)],
    ),
]


def outcome(verdict: str = "Partly restored", **more: Any) -> ReceiptOutcome:
    fields: dict[str, Any] = {
        "verdict": verdict,
        "at": NOW + timedelta(seconds=187),
        "seconds": 187.4,
        "answer": ANSWER,
        "objects": LEDGER,
    }
    return ReceiptOutcome(**{**fields, **more})


def lost(**more: Any) -> ReceiptOutcome:
    """An outcome that is not known."""
    before = [line.model_copy(update={"restore": "", "why": ""}) for line in LEDGER]
    fields: dict[str, Any] = {"what": "The connection broke.", "answer": None, "objects": before}
    return outcome("Outcome unknown", **{**fields, **more})


def receipt(ended: ReceiptOutcome | None = None, **more: Any) -> Receipt:
    """Of a restore of two tables and a role; without ``ended`` it is still being sent."""
    fields: dict[str, Any] = {
        "run": RUN,
        "state": "done" if ended else "sending",
        "begun": NOW,
        "server": SERVER,
        "fingerprint": "ab" * 32,
        "snapshot": "pinned",
        "request": {
            "backup_name": "nightly",
            "restore_objects_map": {"role": "reader", "table": "sales.items,sales.orders"},
            "datasource_name": "s3",
            "options": {
                "backup_id": ID,
                "restore_policy": "replace",
                "ddl_only": "true",
                "dry_run": "false",
            },
        },
        "dry_run": ReceiptDryRun(
            at=NOW - timedelta(minutes=2), seconds=1.5, snapshot_id=ID, answer={"backup_id": int(ID)}
        ),
        "job": ReceiptJob(tag=f"restore-tui-{RUN}-run", id=42),
        "objects": [line.model_copy(update={"restore": "", "why": ""}) for line in LEDGER],
        "outcome": ended,
    }
    return Receipt(**{**fields, **more})


def shown_cells(markdown: str) -> list[list[list[str]]]:
    """Table → row → the cells as they are shown. Fails for any markup but tables, headings and code."""
    shown: list[list[list[str]]] = []
    for token in MarkdownIt("gfm-like").parse(markdown):
        if token.type == "table_open":
            shown.append([])
        elif token.type == "tr_open":
            shown[-1].append([])
        elif token.type == "inline":
            children = token.children or []
            assert {child.type for child in children} <= {"text", "code_inline"}
            if token.level > 2:
                shown[-1][-1].append("".join(child.content for child in children))
        else:
            kind = token.type.removesuffix("_open").removesuffix("_close")
            assert kind in {"table", "thead", "tbody", "tr", "th", "td", "heading", "paragraph", "fence"}
    return shown


PLACE = Path("/state/receipts") / f"{RUN}.json"


def facts(text: str) -> dict[str, str]:
    """Label → value of the lines of a text that have one, up to the first empty line after them."""
    lines = text.split("\n\n")[1].splitlines()
    return {line[:15].strip(): line[15:] for line in lines if line[:15].strip()}
