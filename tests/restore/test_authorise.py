"""No restore without its rehearsal: of this plan, at this server, fresh, and confirmed by a person."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from restore_tui.restore.execution.confirmation import RestoreBlockedError, confirm, confirmation_phrase
from restore_tui.restore.plan.plan import NewestSnapshot, PinnedSnapshot, RestorePlan
from restore_tui.restore.plan.request import Destination, fingerprint, restore_body
from restore_tui.restore.preflight.dry_run import suggest_step
from tests.harness.clock import NOW
from tests.harness.kinetica_client import USER
from tests.harness.plans import ID, TARGET, answer, plan, plans, rehearsal, targets


@given(st.data())
def test_the_fingerprint_differs_exactly_with_body_or_target(data: st.DataObject) -> None:
    """Two plans have one fingerprint if, and only if, the same request goes to the same place."""
    first = data.draw(plans())
    second = data.draw(
        st.just(first) | plans() | st.builds(first.choose_option, st.just("ddl_only"), st.just("true"))
    )
    here, there = data.draw(targets), data.draw(targets)
    same = restore_body(first, dry_run=False) == restore_body(second, dry_run=False) and here == there
    assert (fingerprint(first, here) == fingerprint(second, there)) is same


@given(plans(), plans(), targets, targets)
def test_any_change_voids_the_dry_run(
    first: RestorePlan, second: RestorePlan, here: Destination, there: Destination
) -> None:
    """A dry run opens the way for its own request at its own server, and for nothing else."""
    made = rehearsal(first, here)
    assert made.staleness_reason(first, here, NOW) is None
    if restore_body(first, dry_run=False) != restore_body(second, dry_run=False):
        assert "plan has changed" in (made.staleness_reason(second, here, NOW) or "")
    if here != there:
        only_the_way = replace(here, mode=there.mode) == there
        why = "The dry run used mode" if only_the_way else "another server"
        assert why in (made.staleness_reason(first, there, NOW) or "")


CHANGES = {
    "data source": lambda p: p.choose_data_source("hdfs").plan,
    "backup": lambda p: p.choose_backup("weekly").plan,
    "snapshot": lambda p: p.choose_snapshot(PinnedSnapshot("1")).plan,
    "newest": lambda p: p.choose_snapshot(NewestSnapshot(ID)).plan,
    "objects": lambda p: p.choose_objects(p.objects.with_names("table", ["sales.items"])),
    "type": lambda p: p.choose_objects(p.objects.with_names("user", ["ada"])),
    "policy": lambda p: p.choose_option("restore_policy", "replace"),
    "checksum": lambda p: p.choose_option("checksum", "true"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_changed_plan_gets_no_leave(change: object) -> None:
    """Each choice on the road counts; taken back, the dry run stands again."""
    made = rehearsal()
    with pytest.raises(RestoreBlockedError):
        allow(made, plan=change(made.plan))  # type: ignore[operator]
    allow(made)


def allow(made: object, **more: object) -> object:
    given = {"plan": plan(), "target": TARGET, "typed": "nightly", "run": "r", "now": NOW}
    return confirm(made, **{**given, **more})  # type: ignore[arg-type]


@pytest.mark.parametrize("field", ["url", "user", "server_version", "cluster", "mode", "label"])
def test_another_target_gets_no_leave(field: str) -> None:
    """Another server, user, version, cluster, way or label is another restore."""
    other = Destination(**{**vars(TARGET), field: "other"})
    with pytest.raises(RestoreBlockedError):
        allow(rehearsal(), target=other)


def test_without_a_dry_run_there_is_no_leave() -> None:
    """No rehearsal, no restore."""
    with pytest.raises(RestoreBlockedError):
        allow(None)


@pytest.mark.parametrize(
    ("minutes", "bound", "allowed"),
    [(0, 15, True), (15, 15, True), (15.001, 15, False), (-0.001, 15, False), (2, 1, False), (59, 60, True)],
)
def test_a_dry_run_ages(minutes: float, bound: float, allowed: bool) -> None:
    """After its time, or with a clock that was set back, the dry run is stale."""
    more = {"now": NOW + timedelta(minutes=minutes), "max_age": timedelta(minutes=bound)}
    if allowed:
        allow(rehearsal(), **more)
    else:
        with pytest.raises(RestoreBlockedError):
            allow(rehearsal(), **more)


@pytest.mark.parametrize(
    ("backup", "phrase"),
    [
        ("nightly", "nightly"),
        ("night ly-2", "night ly-2"),
        ("x" * 40, "x" * 40),
        ("x" * 41, "000000"),
        ("nächtlich", "000000"),
        ("a\nb", "000000"),
        ("trailing ", "000000"),
        ("\u202ename", "000000"),
    ],
)
def test_what_has_to_be_typed(backup: str, phrase: str) -> None:
    """The backup's name, or the end of the snapshot's id where the name cannot be typed."""
    assert confirmation_phrase(rehearsal(plan(backup=backup))) == phrase


@pytest.mark.parametrize(
    ("objects", "policy", "phrase"),
    [
        ({"user": [USER]}, "replace", f"nightly {USER}"),
        ({"role": ["any"]}, "replace", f"nightly {USER}"),
        ({"user": ["somebody"], "table": ["sales.orders"]}, "replace", "nightly"),
        ({"user": [USER], "role": ["any"]}, "rename", "nightly"),
    ],
)
def test_asks_for_user_name_if_user_may_be_replaced(
    objects: dict[str, list[str]], policy: str, phrase: str
) -> None:
    """Any role may be one that the user has."""
    made = rehearsal(plan(objects, {"restore_policy": policy}))
    assert confirmation_phrase(made) == phrase


@pytest.mark.parametrize(
    ("backup", "objects", "phrase"),
    [
        ("nightly", {}, "PRODUCTION nightly"),
        ("x" * 41, {}, "PRODUCTION 000000"),
        ("nightly", {"user": [USER]}, f"PRODUCTION nightly {USER}"),
    ],
)
def test_a_label_comes_before_what_else_has_to_be_typed(
    backup: str, objects: dict[str, list[str]], phrase: str
) -> None:
    """One phrase: the label, the name or the digits, and the user's name where that user may be replaced."""
    options = {"restore_policy": "replace"} if objects else {}
    made = rehearsal(plan(objects or None, options, backup=backup), replace(TARGET, label="PRODUCTION"))
    assert confirmation_phrase(made) == phrase
    more = {"plan": made.plan, "target": made.destination}
    allow(made, typed=phrase, **more)
    for wrong in (
        phrase.removeprefix("PRODUCTION "),
        phrase.lower(),
        phrase.replace(" ", "  ", 1),
        "PRODUCTION",
    ):
        with pytest.raises(RestoreBlockedError):
            allow(made, typed=wrong, **more)


def test_a_destination_without_a_label_has_the_fingerprint_of_before() -> None:
    """Receipts that were written before there were labels are reattached."""
    assert fingerprint(plan(), TARGET) == "01b6a47405e768615ffed8acf1237f9c33746be72ef1693792ba13beaecb3ddc"


@pytest.mark.parametrize("typed", ["", "Nightly", "nightly ", "nightl", "yes", "000000"])
def test_what_does_not_match_gets_no_leave(typed: str) -> None:
    """Almost is not enough."""
    with pytest.raises(RestoreBlockedError):
        allow(rehearsal(), typed=typed)


def test_an_empty_confirmation_never_matches() -> None:
    """Even where neither name nor id can be typed, something has to be."""
    made = rehearsal(plan(backup="ü", snapshot=NewestSnapshot("")), response=answer(backup_id=None))
    assert confirmation_phrase(made)


@pytest.mark.parametrize(
    ("snapshot", "told", "used"),
    [(PinnedSnapshot("7"), None, "7"), (NewestSnapshot("8"), None, "8"), (NewestSnapshot("8"), 9, "9")],
)
def test_which_snapshot_the_dry_run_used(
    snapshot: PinnedSnapshot | NewestSnapshot, told: int | None, used: str
) -> None:
    """What the server says goes before what was asked."""
    assert rehearsal(plan(snapshot=snapshot), response=answer(backup_id=told)).snapshot_id == used


@pytest.mark.parametrize(
    ("words", "part"),
    [
        ("Table sales.orders already exists", "options"),
        ("Insufficient PRIVILEGE", "connect"),
        ("No backup_id 5", "snapshot"),
        ("Object not found", "objects"),
        ("Unknown backup nightly", "backup"),
        ("Data source s3 is gone", "data_source"),
        ("?", "objects"),
    ],
)
def test_where_a_refusal_may_be_mended(words: str, part: str) -> None:
    """Server message point to a step."""
    assert suggest_step(words) == part
