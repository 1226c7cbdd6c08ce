"""The four facts that a restore is decided on, the same wherever they are shown."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from restore_tui.kinetica.backups import Snapshot
from restore_tui.kinetica.contents import BackedUpObject, Contents
from restore_tui.kinetica.verification import Verification
from restore_tui.restore.execution.confirmation import required_phrase
from restore_tui.restore.plan.plan import NewestSnapshot, RestorePlan
from restore_tui.restore.preflight.conflict_check import ConflictStatus, ObjectConflict
from restore_tui.restore.preflight.conflict_report import ConflictReport
from restore_tui.restore.preflight.key_facts import KeyFact, key_facts
from restore_tui.restore.preflight.plan_warnings import PlanFacts
from restore_tui.restore.preflight.verification import FailedVerification, VerificationResult
from restore_tui.restore.receipts.model import Receipt, new_receipt
from restore_tui.restore.receipts.render import as_markdown, as_text
from restore_tui.restore.text_format import as_of, dated_id, parse_timestamp, recorded_time, short_as_of
from tests.harness.clock import NOW
from tests.harness.plans import ID, plan, rehearsal

TABLES = {"table": ["s.a", "s.b", "s.c"]}
TAKEN = Snapshot(ID, kind="full", time=NOW - timedelta(hours=7))


def foresight(made: RestorePlan, records: int = 60) -> ConflictReport:
    """Two of the three tables exist now."""
    seen = {
        ("table", "s.a"): ObjectConflict(ConflictStatus.REPLACED, ""),
        ("table", "s.b"): ObjectConflict(ConflictStatus.REPLACED, ""),
        ("table", "s.c"): ObjectConflict(ConflictStatus.NEW, ""),
    }
    held = Contents.of(BackedUpObject("table", name, 100, records) for _, name in seen)
    return ConflictReport(made, held, seen=seen)


def facts(made: RestorePlan, *, check: bool = True, records: int = 60, **more: Any) -> dict[str, KeyFact]:
    fields: dict[str, Any] = {"verification": None, "snapshot": TAKEN, "snapshot_id": ID, "now": NOW, **more}
    found = PlanFacts(conflicts=foresight(made, records) if check else None, snapshots=(TAKEN,))
    return {fact.label: fact for fact in key_facts(made, found, **fields)}


def test_as_of_is_the_time_its_age_and_the_id() -> None:
    """The time first: thirteen digits say nothing at night."""
    assert facts(plan())["As of"].text == f"2026-11-22 19:00 UTC, 7 h ago, snapshot {ID}"
    unlisted = facts(plan(), snapshot=None)["As of"].text
    assert unlisted == f"time unknown, snapshot {ID}"
    newest = facts(plan(snapshot=NewestSnapshot(ID)))["As of"].text
    assert newest.endswith("(the newest; its id is left empty)")


def verified(**more: Any) -> VerificationResult:
    return VerificationResult(Verification("nightly", ID, **more), NOW)


@pytest.mark.parametrize(
    ("verification", "text", "alarming"),
    [
        (None, "not done", False),
        (verified(), "✓ No error found, 2026-11-23 02:00 UTC.", False),
        (
            verified(errors=("file sales.orders/0000.kdat: checksum mismatch",)),
            "✗ Errors found, 2026-11-23 02:00 UTC. file sales.orders/0000.kdat: checksum mismatch",
            True,
        ),
        (
            FailedVerification("The server refused. No privilege", NOW),
            "failed 2026-11-23 02:00 UTC: The server refused. No privilege",
            True,
        ),
    ],
    ids=["not done", "readable", "damaged", "failed"],
)
def test_what_was_verified(verification: Any, text: str, alarming: bool) -> None:
    """A damaged snapshot never looks better than one that was not verified."""
    assert facts(plan(), verification=verification)["Verified"] == KeyFact("Verified", text, alarming)


def test_every_option_that_differs_is_named() -> None:
    """Also one that was changed by accident."""
    assert facts(plan(TABLES))["Options"].text == "all at their defaults"
    changed = plan(TABLES, {"restore_subscriptions": "cancel", "ddl_only": "true"})
    assert facts(changed)["Options"].text == "ddl_only=true, restore_subscriptions=cancel"


@pytest.mark.parametrize(
    ("options", "records", "text", "alarming"),
    [
        ({}, 60, "nothing is replaced (restore_policy=none)", False),
        ({"restore_policy": "replace"}, 60, "2 existing objects replaced", True),
        ({"restore_policy": "replace"}, 0, "2 existing objects replaced, 2 tables EMPTIED", True),
        (
            {"restore_policy": "replace", "ddl_only": "true"},
            60,
            "2 existing objects replaced, 2 tables EMPTIED",
            True,
        ),
        (
            {"restore_policy": "replace", "cascade_foreign_keys": "true"},
            60,
            "2 existing objects replaced, tables with foreign keys to them DROPPED (number unknown)",
            True,
        ),
        ({"restore_policy": "rename"}, 60, "2 existing objects moved", False),
    ],
)
def test_what_is_lost_is_counted(options: dict[str, str], records: int, text: str, alarming: bool) -> None:
    """Replaced, emptied, moved and dropped."""
    made = plan(TABLES, options)
    assert facts(made, records=records)["Lost"] == KeyFact("Lost", text, alarming)


def test_without_a_check_the_loss_is_not_counted_away() -> None:
    """What was not checked may all be there."""
    made = plan(TABLES, {"restore_policy": "replace"})
    lost = facts(made, check=False)["Lost"]
    assert lost == KeyFact("Lost", "every selected object that exists is replaced (not counted)", True)


def test_the_receipt_and_its_reports_carry_the_facts() -> None:
    """Whole, to the end of the server's message."""
    long = "x" * 200 + " checksum mismatch"
    told = key_facts(plan(), PlanFacts(), FailedVerification(long, NOW), TAKEN, ID, NOW)
    receipt = new_receipt("20261123T020000Z-abc123", rehearsal(), NOW, key_facts=told)
    assert list(receipt.key_facts) == ["As of", "Verified", "Options", "Lost"]
    for report in (as_text(receipt, None), as_markdown(receipt, None)):
        assert "7 h ago" in report
        assert "checksum mismatch" in report


def test_a_receipt_from_before_the_facts_still_opens() -> None:
    """It has none, and its reports do without."""
    written = json.loads(new_receipt("20261123T020000Z-abc123", rehearsal(), NOW).as_json())
    del written["key_facts"]
    old = Receipt.model_validate(written)
    assert not old.key_facts
    assert "Verified" not in as_text(old, None)


@pytest.mark.parametrize(
    ("objects", "options", "phrase"),
    [
        ({"user": ["night_operator"]}, {"restore_policy": "replace"}, "nightly night_operator"),
        ({"role": ["admins"]}, {"restore_policy": "replace"}, "nightly night_operator"),
        ({"user": ["somebody"]}, {"restore_policy": "replace"}, "nightly"),
        ({"user": ["night_operator"]}, {}, "nightly"),
    ],
)
def test_replacing_oneself_takes_a_longer_phrase(
    objects: dict[str, Any], options: dict[str, str], phrase: str
) -> None:
    """Who restores their own login, or roles that they may have, types their name too: one phrase in one field."""
    assert required_phrase(rehearsal(plan(objects, options))).text == phrase


@given(
    moment=st.datetimes(datetime(1970, 1, 1), timezones=st.just(timezone.utc)).map(
        lambda at: at.replace(second=0, microsecond=0)
    ),
    id=st.integers(min_value=0, max_value=10**18).map(str),
    now=st.datetimes(timezones=st.just(timezone.utc)),
)
def test_the_time_is_read_back_from_what_was_recorded(moment: datetime, id: str, now: datetime) -> None:
    """The receipt has the fact as a text, for the history and for a restore that is taken up again."""
    text = as_of(Snapshot(id, time=moment), id, now)
    assert parse_timestamp(recorded_time(text)) == moment
    assert parse_timestamp(recorded_time(f"{text} (the newest; its id is left empty)")) == moment


def test_what_is_no_time_is_not_read_as_one() -> None:
    without_zone = as_of(Snapshot(ID, time_text="Nov 22, 2026 19:00"), ID, NOW)
    assert recorded_time(without_zone) == "Nov 22, 2026 19:00"
    assert parse_timestamp(recorded_time(without_zone)) is None
    assert recorded_time(as_of(None, ID, NOW)) == ""
    assert recorded_time("") == ""
    assert recorded_time("something else") == ""


def test_short_places_have_the_time_alone() -> None:
    assert short_as_of(TAKEN, ID) == "2026-11-22 19:00 UTC"
    assert short_as_of(None, ID) == f"snapshot {ID}"
    assert short_as_of(Snapshot(ID, time_text="22.11.2026"), ID) == "22.11.2026"
    assert dated_id(TAKEN, ID) == f"{ID} (2026-11-22 19:00 UTC)"
    assert dated_id(None, ID) == ID
