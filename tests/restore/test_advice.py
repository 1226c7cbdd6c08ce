"""Advice: each sentence appears under its condition, and only then."""

from __future__ import annotations

import pytest
from hypothesis import given

from restore_tui.restore.advice import advise
from restore_tui.restore.plan import RestorePlan
from tests.restore.support import plan, plans

TABLE = {"table": ["s.a"]}
USER = {"user": ["ada"]}


@pytest.mark.parametrize(
    ("objects", "options", "about"),
    [
        (TABLE, {}, []),
        (TABLE, {"restore_policy": "replace"}, [("restore_policy", "Overwrites", True)]),
        (TABLE, {"restore_policy": "rename"}, []),
        (USER, {"restore_policy": "rename"}, [("restore_policy", "does not apply to user", True)]),
        (
            {**TABLE, "all": ["s"]},
            {"restore_policy": "rename", "renamed_objects_schema": "s"},
            [("renamed_objects_schema", "being restored itself", True)],
        ),
        ({**TABLE, "all": ["s"]}, {"restore_policy": "rename", "renamed_objects_schema": "t"}, []),
        (TABLE, {"renamed_objects_schema": "old"}, [("renamed_objects_schema", "Not sent", False)]),
        (
            TABLE,
            {"renamed_objects_schema": "old", "restore_policy": "replace"},
            [("restore_policy", "Overwrites", True), ("renamed_objects_schema", "Not sent", False)],
        ),
        (USER, {"create_schema_if_not_exist": "false"}, [("create_schema_if_not_exist", "No effect", False)]),
        (TABLE, {"create_schema_if_not_exist": "false"}, []),
        ({"all": ["s"]}, {"create_schema_if_not_exist": "false"}, []),
        ({}, {"create_schema_if_not_exist": "false"}, []),
        (USER, {"ddl_only": "true"}, [("ddl_only", "neither table nor all", False)]),
        (USER, {"reingest": "true"}, [("reingest", "neither table nor all", False)]),
        (
            USER,
            {"restore_subscriptions": "pause"},
            [("restore_subscriptions", "neither table nor all", False)],
        ),
        ({**USER, **TABLE}, {"ddl_only": "true", "restore_subscriptions": "pause"}, []),
        ({"all": ["s"]}, {"reingest": "true"}, []),
        ({}, {"ddl_only": "true"}, []),
        (TABLE, {"ddl_only": "true", "reingest": "true"}, [("reingest", "together with ddl_only", False)]),
        (TABLE, {"checksum": "true"}, []),
        (TABLE, {"restore_all_permissions": "true"}, [("restore_all_permissions", "No effect", False)]),
        (USER, {"restore_all_permissions": "true"}, [("restore_all_permissions", "Grants again", True)]),
        (TABLE, {"cascade_foreign_keys": "true"}, [("cascade_foreign_keys", "Not sent", False)]),
        (
            TABLE,
            {"cascade_foreign_keys": "true", "restore_policy": "replace"},
            [("restore_policy", "Overwrites", True), ("cascade_foreign_keys", "Drops live tables", True)],
        ),
        (TABLE, {"target_schema_map": "s: old"}, []),
        (TABLE, {"target_schema_map": "t: old"}, [("target_schema_map", "Not sent", False)]),
        (
            {"all": ["s", "t"]},
            {"target_schema_map": "s: old, t: old"},
            [("target_schema_map", "More than one schema goes to old", True)],
        ),
        ({"all": ["s", "t"]}, {"target_schema_map": "s: t"}, [("target_schema_map", "goes to t", True)]),
    ],
)
def test_each_sentence_under_its_condition(
    objects: dict[str, list[str]], options: dict[str, str], about: list[tuple[str, str, bool]]
) -> None:
    """What overwrites is marked as danger; what has no effect is said; nothing else is."""
    given = advise(plan(objects, options))
    assert [(a.option, a.danger) for a in given] == [(option, danger) for option, _, danger in about]
    assert all(words in a.text for a, (_, words, _) in zip(given, about, strict=True))


@given(plans())
def test_who_leaves_the_defaults_is_left_alone(made: RestorePlan) -> None:
    """Advice is about options that were changed, and overwriting is never passed over."""
    said = advise(made)
    assert {a.option for a in said} <= set(made.options)
    assert any(a.danger and a.text.startswith("Overwrites") for a in said) is (
        made.option("restore_policy") == "replace"
    )
