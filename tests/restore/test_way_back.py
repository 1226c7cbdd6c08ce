"""After a restore: what can be undone, and the requests for it, in an order in which each of them works."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from restore_tui.kinetica.sanitize import sanitize
from restore_tui.restore.outcome.way_back import way_back_script
from restore_tui.restore.receipts.model import NOT_SENT, Receipt, ReceiptObject
from restore_tui.restore.receipts.render import as_markdown, as_text
from restore_tui.restore.receipts.way_back import WayBack, requests_as_text, way_back
from tests.harness.receipts import outcome, receipt
from tests.harness.servers.faulty_server import good
from tests.harness.snippets import LOGIN, access_to, needs_curl, recording, run_in_shell

ASIDE = "restored_20261125T140000Z_abc123"


def ended(
    policy: str, objects: Iterable[ReceiptObject], verdict: str = "Restored", *, run: str = "", **options: str
) -> Receipt:
    request = {
        "backup_name": "nightly",
        "datasource_name": "s3",
        "restore_objects_map": {"table": "sales.orders"},
        "options": {**({"restore_policy": policy} if policy else {}), **options},
    }
    return receipt(
        outcome(verdict, objects=list(objects)), request=request, run=run or "20261125T140000Z-abc123"
    )


def table(name: str = "sales.orders", moved_to: str = "", **more: Any) -> ReceiptObject:
    fields: dict[str, Any] = {"type": "table", "dry_run": "restored", "restore": "restored"}
    return ReceiptObject(name=name, moved_to=moved_to, **{**fields, **more})


def found(one: Receipt) -> WayBack:
    back = way_back(one)
    assert back is not None
    return back


def said(one: Receipt) -> str:
    return " ".join(found(one).sentences)


# After rename


def test_the_old_object_moves_back_after_the_restored_one_has_made_room() -> None:
    back = found(ended("rename", [table(moved_to="backup_7f3a.orders")]))
    assert back.sentences[0] == "1 old object is now in the schema backup_7f3a."
    assert requests_as_text(back).splitlines() == [
        f'POST /create/schema {{"schema_name": "{ASIDE}", "options": {{}}}}',
        f'POST /alter/table {{"table_name": "sales.orders", "action": "move_to_schema", "value": "{ASIDE}", '
        '"options": {}}',
        'POST /alter/table {"table_name": "backup_7f3a.orders", "action": "move_to_schema", "value": "sales", '
        '"options": {}}',
        f'# POST /clear/table {{"table_name": "{ASIDE}.orders", "authorization": "", "options": {{}}}}',
    ]


def test_under_target_schema_map_the_old_object_returns_to_where_it_was() -> None:
    """It was in the way of the name that the restored object gets."""
    back = found(ended("rename", [table(lands="copy.orders", moved_to="attic.orders")]))
    assert json.loads(back.move_back[0].body)["value"] == "copy"
    assert json.loads(back.make_room[0].body)["table_name"] == "copy.orders"


def test_an_old_object_is_found_although_the_restore_of_the_new_one_failed() -> None:
    """It moved before. Nothing is there to make room for; that is for a person to check."""
    back = found(ended("rename", [table(moved_to="attic.orders", restore="failed")], "Partly restored"))
    assert [request.endpoint for request in (*back.new_schemas, *back.make_room, *back.drops)] == []
    assert json.loads(back.move_back[0].body) == {
        "table_name": "attic.orders",
        "action": "move_to_schema",
        "value": "sales",
        "options": {},
    }
    assert "Not reported as restored: sales.orders. Check that nothing has the name" in " ".join(
        back.sentences
    )


def test_what_no_request_is_documented_for_is_named_without_one() -> None:
    """Other types; a name that differs; a place that the response does not give."""
    one = ended(
        "rename",
        [
            table("sales.feed", "attic.feed", type="monitor"),
            table("sales.orders", "attic.orders_1"),
            table("sales.items", "another schema"),
        ],
        renamed_objects_schema="attic",
    )
    words = said(one)
    assert (
        "No documented request moves 1 old object back, only tables and views: monitor sales.feed." in words
    )
    assert "differs in more than the schema: sales.orders." in words
    assert (
        "does not say where 1 old object went: sales.items. Look in the schema attic, as requested." in words
    )
    assert requests_as_text(found(one)) == ""


@pytest.mark.parametrize(
    "place", ["attic", "attic.", ".orders", "a.b.orders", "sales.orders", "another schema"]
)
def test_no_request_is_made_for_a_place_that_is_none(place: str) -> None:
    assert requests_as_text(found(ended("rename", [table(moved_to=place)]))) == ""


@pytest.mark.parametrize("options", [{}, {"renamed_objects_schema": "attic"}])
def test_an_unknown_outcome_proves_no_move(options: dict[str, str]) -> None:
    """What a response says that proves nothing, and what the dry run said, are no reason for a request."""
    place = (
        "the schema attic, as requested" if options else "a schema backup_<UUID> that the server has named"
    )
    for lines in ([table(moved_to="attic.orders")], [table(moved_to="attic.orders", restore="")]):
        one = ended("rename", lines, "Outcome unknown", **options)
        assert said(one) == f"Whether old objects were moved is not known. If so, they are in {place}."
        assert requests_as_text(found(one)) == ""


def test_nothing_was_moved() -> None:
    assert said(ended("rename", [table()])) == "The response reports no old object as moved."


_NAMES = st.text(st.characters(exclude_characters=".,", exclude_categories=("Cs",)), min_size=1, max_size=12)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(
    data=st.data(),
    names=st.lists(st.tuples(_NAMES, _NAMES), min_size=1, max_size=6, unique=True),
)
def test_every_request_works_in_its_turn(data: st.DataObject, names: list[tuple[str, str]]) -> None:
    """On a server that takes nothing that is not there, and no name that is: the old objects end where they were, and
    every restored one exists."""
    lines, live = [], {}
    schemas = {schema for schema, _ in names}
    for at, (schema, base) in enumerate(names):
        old = f"backup-{at}.{base}"
        restored = data.draw(st.booleans())
        lines.append(table(f"{schema}.{base}", old, restore="restored" if restored else "failed"))
        live[old] = f"old {at}"
        schemas.add(f"backup-{at}")
        if restored:
            live[f"{schema}.{base}"] = f"new {at}"
    back = found(ended("rename", lines, "Partly restored"))
    for request in (*back.new_schemas, *back.make_room, *back.move_back):
        body = json.loads(request.body)
        if request.endpoint == "/create/schema":
            assert body["schema_name"] not in schemas
            schemas.add(body["schema_name"])
            continue
        assert (request.endpoint, body["action"]) == ("/alter/table", "move_to_schema")
        assert body["value"] in schemas
        target = f"{body['value']}.{body['table_name'].partition('.')[2]}"
        assert target not in live
        live[target] = live.pop(body["table_name"])
    for at, (schema, base) in enumerate(names):
        assert live[f"{schema}.{base}"] == f"old {at}"
    dropped = [json.loads(request.body)["table_name"] for request in back.drops]
    assert sorted(live[name] for name in dropped) == sorted(kept for kept in live.values() if "new" in kept)


@given(schema=_NAMES, base=_NAMES, attic=_NAMES)
def test_no_name_acts_on_a_terminal_or_leaves_its_line(schema: str, base: str, attic: str) -> None:
    one = ended("rename", [table(f"{schema}.{base}", f"{attic}.{base}")])
    for text in (requests_as_text(found(one)), way_back_script(found(one), access_to("http://db:9191"))):
        assert all(sanitize(line) == line for line in text.splitlines())
        drops = [line for line in text.splitlines() if "/clear/table" in line]
        assert all(line.startswith("# ") for line in drops)
        assert len(drops) == (schema != attic)


# After replace


def test_after_replace_there_is_no_way_back() -> None:
    one = ended("replace", [table(seen="would be replaced"), table("sales.items", seen="new")])
    assert (
        said(one)
        == "No way back for 1 replaced object: sales.orders. A restore that replaces objects keeps no copy."
    )
    assert found(one).is_lossy
    assert requests_as_text(found(one)) == ""


@pytest.mark.parametrize(
    ("objects", "verdict", "words"),
    [
        ([table(seen="not checked")], "Restored", "is not known"),
        ([table()], "Restored", "is not known"),
        ([], "Restored", "is not known"),
        ([table(restore="failed")], "Restore failed", "If it replaced objects, there is no way back"),
        ([table(restore="")], "Outcome unknown", "If it replaced objects, there is no way back"),
    ],
)
def test_after_replace_it_says_no_more_than_is_known(
    objects: list[ReceiptObject], verdict: str, words: str
) -> None:
    one = ended("replace", objects, verdict)
    assert words in said(one)
    assert found(one).is_lossy


def test_under_replace_nothing_is_lost_where_nothing_existed() -> None:
    one = ended("replace", [table(seen="new")])
    assert "so nothing was replaced" in said(one)
    assert not found(one).is_lossy


# Where nothing is to be undone, and where it is told


def test_without_a_policy_or_a_request_that_left_there_is_nothing_to_undo() -> None:
    assert way_back(ended("", [table()])) is None
    assert way_back(ended("rename", [table(moved_to="a.orders")], NOT_SENT)) is None


def test_the_report_has_it_in_both_forms() -> None:
    one = ended("rename", [table(moved_to="attic.orders")])
    requests = requests_as_text(found(one)).splitlines()
    text, markdown = as_text(one, Path("/r.json")), as_markdown(one, Path("/r.json"))
    assert "\nWay back\n  1 old object is now in the schema attic.\n" in text
    assert "\n## Way back\n\n`1 old object is now in the schema attic.`\n" in markdown
    for line in requests:
        assert f"\n  {line}\n" in text
        assert f"\n{line}\n" in markdown
    assert "Way back" not in as_text(ended("", [table()]), None)


# As a script


@needs_curl
@settings(max_examples=10, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(schema=_NAMES, base=_NAMES)
def test_the_script_posts_the_requests_in_their_order_and_drops_nothing(
    tmp_path: Path, schema: str, base: str
) -> None:
    back = found(ended("rename", [table(f"{schema}.{base}", f"attic {schema}.{base}")]))
    with recording() as server:
        server.on("/create/schema", good({}))
        server.on("/alter/table", good({}))
        ran = run_in_shell(way_back_script(back, access_to(server)), tmp_path)
        arrived = [(one.path, one.json) for one in server.received]
        assert all(one.headers["authorization"] == LOGIN.header() for one in server.received)
    assert ran.code == 0, ran.complained
    steps = (*back.new_schemas, *back.make_room, *back.move_back)
    assert arrived == [(one.endpoint, json.loads(one.body)) for one in steps]
    assert len(back.drops) == 1


def test_without_requests_the_script_is_a_comment() -> None:
    script = way_back_script(found(ended("replace", [table()])), access_to("http://db:9191"))
    assert all(line.startswith("# ") for line in script.splitlines())
