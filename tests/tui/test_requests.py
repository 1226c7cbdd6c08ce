"""How often a whole walk asks the server: each thing once per step and plan, and the same again for nothing."""

from __future__ import annotations

import json
from collections import Counter

from tests.harness.app.app_harness import Stage
from tests.harness.app.pilot import press, text, title
from tests.harness.app.steps import SIZE, confirm, ended, go


def asked(stage: Stage) -> Counter[str]:
    """Endpoint → how many requests for it arrived; those for backups by what they requested. Without the counts of
    tables, which are read beside the keys: left before they have come, a step reads them again."""
    counts: Counter[str] = Counter()
    for received in stage.server.requests:
        if received.endpoint == "/show/table":
            continue
        body = json.loads(received.body)
        detail = ""
        if received.endpoint == "/show/backup":
            options = body["options"]
            detail = f" {body['backup_name']} {options['show_contents']}"
        if received.endpoint == "/restore/backup":
            detail = f" dry_run={body['options']['dry_run']}"
        counts[received.endpoint + detail] += 1
    return counts


UP_TO_THE_DRY_RUN = {
    "/show/system/properties": 1,
    "/show/backup * none": 1,
    "/show/backup nightly_shop none": 1,
    "/show/backup nightly_shop object_names": 1,
    "/restore/backup dry_run=true": 1,
    "/show/schema": 1,  # what exists already, for the types that are asked for
    "/show/datasource": 2,  # the list of the first step, and what exists
    "/show/datasink": 1,
    "/show/credential": 1,
}

WHAT_EXISTS = dict.fromkeys(
    ("/show/schema", "/show/datasource", "/show/datasink", "/show/credential", "/show/security"), 1
)
"""What Objects reads for its column Now, once per snapshot."""


async def test_contents_are_asked_for_only_where_they_are_shown(stage: Stage) -> None:
    """Up to Snapshot nothing is requested contents, which are long; on Objects once, for one snapshot."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Snapshot")
        assert not [what for what in asked(stage) if what.endswith("object_names")]
        await press(pilot, "enter")
    contents = [
        json.loads(received.body)["options"]
        for received in stage.server.received("/show/backup")
        if b"object_names" in received.body
    ]
    assert contents == [{"backup_id": "1795442407056", "show_contents": "object_names"}]


async def test_a_whole_walk_asks_for_each_thing_once(stage: Stage) -> None:
    """For the road, and what a restore needs besides: who else restores, what was there before it, and whether what
    exists is still what it was when it was rehearsed."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Dry run")
        assert "Dry run OK" in text(pilot)
        assert asked(stage) == UP_TO_THE_DRY_RUN
        await press(pilot, "ctrl+n")
        await confirm(pilot)
        await ended(pilot)
    assert asked(stage) - Counter(UP_TO_THE_DRY_RUN) == {
        "/admin/show/jobs": 3,  # twice whether others restore, and what runs before this one is sent
        "/execute/sql": 2,  # the history, and the server's clock
        # Read on arriving at the confirmation, and again when it is given.
        "/show/system/properties": 2,
        "/show/backup nightly_shop none": 2,
        "/show/schema": 2,
        "/show/datasource": 2,
        "/show/datasink": 2,
        "/show/credential": 2,
        "/restore/backup dry_run=false": 1,
    }


async def test_back_and_forward_asks_for_nothing_again(stage: Stage) -> None:
    """Esc five times from the dry run, and forward again: what exists once, and with another snapshot its contents
    and again what exists; nothing else."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Dry run")
        await press(pilot, *("escape",) * 5)
        assert title(pilot) == "Data source"
        await press(pilot, *("ctrl+n",) * 5)
        assert title(pilot) == "Dry run"
        seen = Counter(UP_TO_THE_DRY_RUN) + Counter(WHAT_EXISTS)
        assert asked(stage) == seen
        await press(pilot, "escape", "escape", "escape", "end", "up", "up", "up", "up", "up", "enter")
        assert title(pilot) == "Objects"
    assert asked(stage) - seen == {"/show/backup nightly_shop object_names": 1, **WHAT_EXISTS}
