"""What goes over the wire for a plan."""

from __future__ import annotations

import dataclasses
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from restore_tui.kinetica import reference
from restore_tui.restore.export import LANGUAGES, ConnectionInfo, snippet
from restore_tui.restore.plan.plan import NeverSentError, PinnedSnapshot, RestorePlan
from restore_tui.restore.plan.request import fingerprint, restore_body
from restore_tui.restore.plan.schema_map import parse_schema_map
from tests.harness.plans import ID, TARGET, plan, plans

NEVER_SENT = [
    (option.name, value.name) for option in reference.OPTIONS for value in option.explanation.never_sent
]
"""(option, value) of what newer servers take and this program must not send."""


def with_option(made: RestorePlan, name: str, value: str) -> RestorePlan:
    """The plan with an option that no choice let in."""
    return dataclasses.replace(made, options={**made.options, name: value})


@given(plans(), st.sampled_from(NEVER_SENT), st.booleans())
def test_a_policy_that_drops_what_nobody_selected_is_never_sent(
    made: RestorePlan, never: tuple[str, str], dry_run: bool
) -> None:
    """clean and clean_all get into no plan by choice, and no request, dry run or fingerprint is made of a plan that has
    them all the same."""
    assert {value for _, value in NEVER_SENT} == {"clean", "clean_all"}
    name, value = never
    assert restore_body(made, dry_run=dry_run)["options"].get(name) not in ("clean", "clean_all")
    with pytest.raises(NeverSentError, match="never sent"):
        made.choose_option(name, value)
    forced = with_option(made, name, value)
    with pytest.raises(NeverSentError):
        restore_body(forced, dry_run=dry_run)
    with pytest.raises(NeverSentError):
        fingerprint(forced, TARGET)
    for language in LANGUAGES:
        with pytest.raises(NeverSentError):
            snippet(language, forced, ConnectionInfo(), dry_run=dry_run)


@given(plans(), st.text(max_size=9).filter(lambda text: text not in ("none", "replace", "rename")))
def test_an_option_goes_out_with_a_value_that_it_may_have(made: RestorePlan, value: str) -> None:
    """Also not in another spelling, such as CLEAN or with a space."""
    for text in (value, "CLEAN", " clean", "clean_all "):
        with pytest.raises(NeverSentError):
            restore_body(with_option(made, "restore_policy", text), dry_run=False)


@given(plans())
def test_dry_run_and_restore_differ_in_dry_run_only(made: RestorePlan) -> None:
    """What was rehearsed is what is restored: one word differs, in either direction."""
    dry, real = restore_body(made, dry_run=True), restore_body(made, dry_run=False)
    assert (dry["options"].pop("dry_run"), real["options"].pop("dry_run")) == ("true", "false")
    assert json.dumps(dry) == json.dumps(real)


@given(plans())
def test_only_what_differs_from_the_defaults_is_sent(made: RestorePlan) -> None:
    """No option goes out with its default, none that the server would not read, and each as text."""
    sent = restore_body(made, dry_run=True)["options"]
    for name, value in sent.items():
        assert isinstance(value, str)
        assert name == "dry_run" or value != reference.option(name).default
    for name, value in made.options.items():
        if reference.option(name).needs is None and name not in ("backup_id", "dry_run", "target_schema_map"):
            assert sent[name] == value


@given(plans())
def test_the_old_objects_schema_goes_out_under_rename_only(made: RestorePlan) -> None:
    """renamed_objects_schema is sent when it is named and the policy is rename, and never else."""
    named = made.option("restore_policy") == "rename" and made.option("renamed_objects_schema") != ""
    assert ("renamed_objects_schema" in restore_body(made, dry_run=False)["options"]) is named


@given(plans())
def test_foreign_keys_are_cascaded_under_replace_only(made: RestorePlan) -> None:
    """cascade_foreign_keys is sent when it is chosen and the policy is replace, and never else."""
    chosen = made.option("restore_policy") == "replace" and made.option("cascade_foreign_keys") == "true"
    assert (restore_body(made, dry_run=False)["options"].get("cascade_foreign_keys") == "true") is chosen


@given(plans())
def test_the_map_names_ticked_schemas_only(made: RestorePlan) -> None:
    """An entry that was made for a schema that is not selected any more is kept in the plan, and does not go out."""
    kept = parse_schema_map(made.option("target_schema_map"))
    sent = parse_schema_map(restore_body(made, dry_run=False)["options"].get("target_schema_map", ""))
    assert sent == {source: target for source, target in kept.items() if source in made.objects.schemas}


@given(plans())
def test_the_snapshot_is_pinned_or_left_to_the_server(made: RestorePlan) -> None:
    """The id comes from the step Snapshot; the newest one is requested by leaving it out."""
    sent = restore_body(made, dry_run=False)["options"].get("backup_id")
    assert sent == (made.snapshot.id if isinstance(made.snapshot, PinnedSnapshot) else None)


@given(plans())
def test_names_split_back_to_what_was_ticked(made: RestorePlan) -> None:
    """Joined by commas, the names are the selected ones, no more and no less; empty types are left out."""
    sent = restore_body(made, dry_run=False)["restore_objects_map"]
    assert {kind: frozenset(names.split(",")) for kind, names in sent.items()} == dict(made.objects.by_type)
    assert all(sent.values())


def test_a_request_as_the_reference_has_it() -> None:
    """One example, whole."""
    made = plan(
        {"table": ["sales.orders", "sales.items"], "user": ["ada"]},
        {
            "restore_policy": "rename",
            "renamed_objects_schema": "old",
            "checksum": "true",
            "ddl_only": "false",
        },
    )
    assert restore_body(made, dry_run=True) == {
        "backup_name": "nightly",
        "restore_objects_map": {"table": "sales.items,sales.orders", "user": "ada"},
        "datasource_name": "s3",
        "options": {
            "backup_id": ID,
            "restore_policy": "rename",
            "renamed_objects_schema": "old",
            "checksum": "true",
            "dry_run": "true",
        },
    }
