"""An option says everything about itself in its one entry: nothing else knows an option by its name."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import restore_tui
from restore_tui.explain import explain
from restore_tui.kinetica import reference
from restore_tui.kinetica.reference import Effect, PlanView, PlanWarning
from restore_tui.kinetica.reference.later_options import CASCADE_FOREIGN_KEYS
from restore_tui.restore.plan.request import restore_body
from restore_tui.restore.preflight.key_facts import key_facts
from restore_tui.restore.preflight.plan_warnings import PlanFacts, plan_warnings
from tests.harness.plans import NOW, plan
from tests.harness.source_texts import texts_of

FIELD = "a field of listings, responses and other endpoints has the same name"
SAFETY = "what makes a request a dry run, or sends it once, is spelled out where it happens"
STEP = "the step of the wizard has the same name"
HELP = "a help text tells how the steps use it"
EXAMPLE = "the help shows what can be asked about"
ALLOWED = {
    ("cli/parser.py", "ddl_only"): EXAMPLE,
    ("cli/parser.py", "restore_policy"): EXAMPLE,
    ("doctor/checkup.py", "backup_id"): FIELD,
    ("doctor/guard.py", "dry_run"): SAFETY,
    ("history_command.py", "backup_id"): FIELD,
    ("kinetica/backups_reader.py", "backup_id"): FIELD,
    ("kinetica/client.py", "backup_id"): FIELD,
    ("kinetica/client.py", "dry_run"): SAFETY,
    ("kinetica/inventory.py", "backup_id"): FIELD,
    ("kinetica/responses/echo.py", "dry_run"): FIELD,
    ("kinetica/responses/lenient.py", "backup_id"): FIELD,
    ("restore/outcome/history_evidence.py", "backup_id"): FIELD,
    ("restore/outcome/reattach.py", "backup_id"): FIELD,
    ("restore/outcome/reattach.py", "dry_run"): FIELD,
    ("restore/plan/request.py", "dry_run"): SAFETY,
    ("restore/preflight/verification.py", "checksum"): HELP,
    ("tui/screens/confirm.py", "dry_run"): HELP,
    ("tui/screens/dry_run.py", "dry_run"): STEP,
    ("tui/screens/options.py", "dry_run"): HELP,
    ("tui/steps.py", "dry_run"): STEP,
}
"""(file, option) → why the name stands there. The reference and the demo server, which acts on options, are exempt."""


def test_names_options_in_their_entries_only() -> None:
    """And every exception is still needed."""
    package = Path(restore_tui.__file__).parent
    option = re.compile(rf"\b({'|'.join(known.name for known in reference.OPTIONS)})\b")
    named = set()
    for path in sorted(package.rglob("*.py")):
        file = path.relative_to(package).as_posix()
        if not file.startswith(("kinetica/reference/", "demo/")):
            named |= {
                (file, name)
                for text in texts_of(ast.parse(path.read_text()))
                for name in option.findall(text)
            }
    assert named == set(ALLOWED)


def on_shrinking(view: PlanView) -> Iterator[PlanWarning]:
    if view.option("shrink_tables") == "true" and view.has(Effect.OVERWRITES):
        yield PlanWarning(
            "Shrinks what it replaces.", destructive=True, loss="tables SHRUNK", needs_user_name=True
        )


@pytest.fixture
def invented(monkeypatch: pytest.MonkeyPatch) -> reference.Option:
    """An option that only its entry knows."""
    option = reference.Option(
        "shrink_tables",
        "Shrink tables.",
        CASCADE_FOREIGN_KEYS.explanation,
        default="false",
        needs=("restore_policy", "replace"),
        types=("table",),
        warnings=on_shrinking,
    )
    monkeypatch.setattr(reference, "OPTIONS", (*reference.OPTIONS, option))
    monkeypatch.setitem(reference._OPTIONS, option.name, option)
    return option


def test_an_entry_is_all_that_an_option_needs(invented: reference.Option) -> None:
    """``explain``, the request, the warning, and what the confirmation shows as lost."""
    assert "shrink_tables: option" in explain("shrink_tables", as_json=False)
    made = plan({"table": ["s.a"]}, {"restore_policy": "replace", "shrink_tables": "true"})
    assert restore_body(made, dry_run=False)["options"]["shrink_tables"] == "true"
    assert ("shrink_tables", "Shrinks what it replaces.") in [(w.option, w.text) for w in plan_warnings(made)]
    facts = {fact.label: fact.text for fact in key_facts(made, PlanFacts(), None, None, "1", NOW)}
    assert facts["Lost"].endswith("tables SHRUNK")
    assert "shrink_tables=true" in facts["Options"]


@pytest.mark.parametrize(
    ("objects", "policy", "text"),
    [
        ({"table": ["s.a"]}, "none", "Not sent: it only applies when restore_policy = replace."),
        ({"user": ["u"]}, "replace", "No effect: it acts on tables, and none is selected."),
    ],
)
def test_says_so_where_a_choice_has_no_effect(
    invented: reference.Option, objects: dict[str, list[str]], policy: str, text: str
) -> None:
    """Whatever the option: its condition and its types say it."""
    found = plan_warnings(plan(objects, {"restore_policy": policy, "shrink_tables": "true"}))
    assert [w.text for w in found if w.option == "shrink_tables"] == [text]
