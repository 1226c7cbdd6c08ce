"""What the server lists, as the steps show it: empty, refused, incomplete, contradictory and odd lists."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from textual.pilot import Pilot

from restore_tui.demo.protocol import ok_reply
from restore_tui.demo.server import Received, Reply
from restore_tui.tui import formatting
from tests.harness.app.app_harness import Stage
from tests.harness.app.pilot import flat, press, text, title, typed, until
from tests.harness.app.steps import SIZE, app_of, go, highlighted
from tests.harness.servers.interceptors import at, changed, instead, refused

Data = dict[str, Any]


def shows(stage: Stage, change: Callable[[Data], Any]) -> None:
    """``/show/backup`` is answered with changed data."""
    instead(stage, at("/show/backup"), changed(lambda data: change(data) and None))


def of_shop(stage: Stage, *rows: dict[str, str]) -> None:
    """nightly_shop has these snapshots and no others, in every response."""

    def change(data: Data) -> None:
        others = [row for row in data["backup_ids"] if row["backup_name"] != "nightly_shop"]
        data["backup_ids"] = [*({"backup_name": "nightly_shop", **row} for row in rows), *others]
        if data["backup_contents"]:
            data["backup_ids"] = []
        data["deleted_backup_ids"] = []

    shows(stage, change)


async def to_shop(pilot: Pilot[None]) -> None:
    """To the snapshots of nightly_shop."""
    await go(pilot, "Backup")
    await press(pilot, "slash")
    await typed(pilot, "nightly_shop")
    await press(pilot, "enter", "enter")
    assert title(pilot) == "Snapshot"


# Empty, refused, incomplete


@pytest.mark.parametrize("size", [(80, 24), (60, 20)])
async def test_an_empty_list_is_worded_as_what_it_is(stage: Stage, size: tuple[int, int]) -> None:
    """No backup is listed, and the server says why in its info: both are on the screen."""

    def empty(data: Data) -> None:
        data.update(backup_description=[], backup_ids=[], deleted_backup_ids=[])
        data["info"] = {"error": "Access Denied: s3://vault (403), credential retail.s3_cred has expired"}

    shows(stage, empty)
    async with stage.app().run_test(size=size) as pilot:
        await go(pilot, "Backup")
        said = flat(pilot)
        assert "The server lists no backup here: there is none, or you may not see it." in said
        assert (
            "The server says: error: Access Denied: s3://vault (403), credential retail.s3_cred has expired"
            in said
        )
        assert "Type a name" in said
        await press(pilot, "enter")
        assert title(pilot) == "Backup"


async def test_entries_without_a_known_name_are_shown_and_a_name_is_typed(stage: Stage) -> None:
    """Nothing is recognized: the entries as received, and the name that is typed is requested."""

    def unknown(data: Data) -> None:
        if data["backup_name"] == "*":
            data.update(
                backup_description=[{"a": "night_shift", "b": "x"}], backup_ids=[], deleted_backup_ids=[]
            )

    shows(stage, unknown)
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Backup")
        assert "In 1 entry of the response no backup was recognized" in flat(pilot)
        assert "{'a': 'night_shift', 'b': 'x'}" in text(pilot)
        await press(pilot, "t")
        await typed(pilot, "nightly_shop")
        await press(pilot, "enter")
        assert title(pilot) == "Snapshot"
        assert app_of(pilot).plan.backup == "nightly_shop"
        await press(pilot, "escape")
        assert highlighted(pilot).startswith("nightly_shop")
        assert "(typed)" in text(pilot)
        await press(pilot, "enter")
        assert title(pilot) == "Snapshot"


async def test_a_refused_list_of_data_sources_is_no_dead_end(stage: Stage) -> None:
    """A user without the right to list data sources types the one that was given to them."""
    instead(stage, at("/show/datasource"), refused("Insufficient privileges to list data sources"))
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Data source")
        assert "Insufficient privileges to list data sources" in text(pilot)
        assert "Type a name" in text(pilot)
        await press(pilot, "t", "enter")
        assert "Type the name of the data source first." in text(pilot)
        await typed(pilot, "dr_bucket_s3")
        await press(pilot, "ctrl+n")
        assert title(pilot) == "Backup"
        assert "nightly_shop" in text(pilot)
    (body,) = [received.json() for received in stage.server.received("/show/backup")]
    assert body["datasource_name"] == "dr_bucket_s3"


async def test_a_typed_name_that_is_wrong_gets_the_server_s_words(stage: Stage) -> None:
    """It goes on; the next step shows what the server says, and Esc leads back to the list."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Data source")
        await press(pilot, "t", *"nope", "enter")
        assert title(pilot) == "Backup"
        assert "Data source 'nope' does not exist" in flat(pilot)
        await press(pilot, "escape")
        assert title(pilot) == "Data source"
        assert highlighted(pilot).startswith("nope")


async def test_only_the_newest_snapshot_is_listed(stage: Stage) -> None:
    """As the reference of backup_id may be read: how many there are is said, and the id of another one is typed."""
    older = str(sorted(s.id for s in stage.server.world.backup("nightly_shop").snapshots)[-3])

    def newest_only(data: Data) -> None:
        if data["backup_name"] != "*" and not data["backup_contents"]:
            data["backup_ids"] = data["backup_ids"][-1:]

    shows(stage, newest_only)
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Snapshot")
        assert "The server reports 20 snapshots and lists 1: t types the id of another one." in flat(pilot)
        await press(pilot, "t")
        await typed(pilot, older)
        await press(pilot, "enter")
        assert title(pilot) == "Objects"
        assert app_of(pilot).plan.snapshot_id == older
    last = [received.json() for received in stage.server.received("/show/backup")][-1]
    assert last["options"]["backup_id"] == older


async def test_a_backup_whose_name_is_a_pattern_is_not_taken(stage: Stage) -> None:
    """`night*` would be read as a prefix: Enter does not take it, and says why."""

    def rename(data: Data) -> None:
        for row in [*data["backup_description"], *data["backup_ids"], *data["deleted_backup_ids"]]:
            if row["backup_name"] == "nightly_shop":
                row["backup_name"] = "night*"

    shows(stage, rename)
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Backup")
        assert not highlighted(pilot).startswith("night*")
        await press(pilot, "home", "down", "down", "down")
        assert highlighted(pilot).startswith("night*")
        await press(pilot, "enter")
        assert title(pilot) == "Backup"
        assert "night*: A name with * is read as a pattern" in flat(pilot)


async def test_contents_of_another_snapshot_are_not_shown(stage: Stage) -> None:
    """The server ignores the id and answers for the newest one: a sentence, no names, and a way back."""

    def other(data: Data) -> None:
        if data["backup_contents"]:
            data["backup_ids"] = [{"backup_id": "1654321012345"}]

    shows(stage, other)
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Objects")
        assert "Not what was requested" in text(pilot)
        assert "The response is about snapshot 1654321012345" in flat(pilot)
        assert "inventory" not in text(pilot)
        await press(pilot, "escape")
        assert title(pilot) == "Snapshot"


# Order, states and numbers of snapshots


async def test_ids_and_times_that_disagree_are_said(stage: Stage) -> None:
    """Above the list and on the backup's row; the newest by time is highlighted."""
    of_shop(
        stage,
        {"backup_id": "903", "time": "2026-09-01T03:00:00Z"},
        {"backup_id": "902", "time": "2026-11-23T03:00:00Z"},
        {"backup_id": "901", "time": "2026-11-22T03:00:00Z"},
    )
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Backup")
        await press(pilot, "slash", *"nightly_shop", "enter")
        assert "! 2026-11-23 03:00" in highlighted(pilot)
        await press(pilot, "enter")
        assert "The ids and the times of the snapshots are not in the same order" in flat(pilot)
        assert highlighted(pilot).startswith("902")
        assert [text(pilot).index(f" {id_} ") for id_ in ("903", "902", "901")] == sorted(
            text(pilot).index(f" {id_} ") for id_ in ("903", "902", "901")
        )


async def test_ids_that_are_no_numbers_are_said(stage: Stage) -> None:
    """They are listed by time, and nothing is claimed about what the server takes for newest."""
    of_shop(
        stage,
        {"backup_id": "f3aa", "time": "2026-09-01T03:00:00Z"},
        {"backup_id": "0b77", "time": "2026-11-23T03:00:00Z"},
    )
    async with stage.app().run_test(size=SIZE) as pilot:
        await to_shop(pilot)
        assert "Not all ids are numbers" in flat(pilot)
        assert highlighted(pilot).startswith("0b77")


async def test_unfinished_and_failed_snapshots_are_marked(stage: Stage) -> None:
    """The newest two are in progress and failed: both are marked, and the third one is highlighted."""
    of_shop(
        stage,
        {"backup_id": "1795442407057", "backup_type": "full", "status": "in_progress", "size": "0"},
        {"backup_id": "1795442407056", "backup_type": "full", "status": "failed"},
        {"backup_id": "1795442407055", "backup_type": "full", "status": "completed"},
    )
    async with stage.app().run_test(size=(100, 30)) as pilot:
        await to_shop(pilot)
        assert highlighted(pilot).startswith("1795442407055")
        assert "! 1795442407057" in text(pilot)
        assert "! unfinished" in text(pilot)
        assert "! failed" in text(pilot)
        await press(pilot, "home")
        assert "! in progress: it may not be whole yet" in text(pilot)


FULL, FIRST, SECOND = "1795442407055", "1795442407056", "1795442407057"


@pytest.mark.parametrize("size", [(80, 24), (60, 20)])
@pytest.mark.parametrize("full_is", ["deleted", "not listed"])
async def test_snapshots_without_their_base_are_marked(
    stage: Stage, size: tuple[int, int], full_is: str
) -> None:
    """Two incremental ones whose full one is gone: marked in the list, said above it, and explained on the row."""

    def change(data: Data) -> None:
        rows = [{"backup_id": number, "backup_type": "incremental"} for number in (SECOND, FIRST)]
        data["backup_ids"] = [{"backup_name": "nightly_shop", **row} for row in rows]
        gone = [{"backup_name": "nightly_shop", "backup_id": FULL, "backup_type": "full"}]
        data["deleted_backup_ids"] = gone if full_is == "deleted" else []

    shows(stage, change)
    async with stage.app().run_test(size=size) as pilot:
        await to_shop(pilot)
        assert (
            "! 2 snapshots hold only changes, and what they are based on is deleted or not listed."
            in flat(pilot)
        )
        assert highlighted(pilot).startswith(f"! {SECOND}")
        assert f"! {FIRST}" in text(pilot)
        above = flat(pilot)
        await press(pilot, "right", "down", "down")
        expected = f"as deleted ({FULL})" if full_is == "deleted" else "lists no full snapshot before it"
        assert expected in above or expected in flat(pilot)


async def test_verifying_has_the_right_words_for_every_row(stage: Stage) -> None:
    """What was deleted, and an id that is no number, are not sent; of an unfinished and a failed one it is said what
    the finding leaves open."""

    def change(data: Data) -> None:
        rows = [
            {"backup_id": SECOND, "status": "running"},
            {"backup_id": FIRST, "status": "aborted"},
            {"backup_id": "f3aa", "status": "done"},
        ]
        data["backup_ids"] = [{"backup_name": "nightly_shop", **row} for row in rows]
        data["deleted_backup_ids"] = [{"backup_name": "nightly_shop", "backup_id": FULL}]

    def verified(received: Received) -> Reply:
        named = received.json()["options"]["backup_id"]
        lists = {"backup_names": ["nightly_shop"], "backup_ids": [[named]], "errors": [[]]}
        return ok_reply("verify_backup_response", lists)

    def intercept(received: Received, answer: Callable[[], Reply]) -> Reply:
        if received.endpoint == "/verify/backup":
            return verified(received)
        return changed(change)(answer()) if received.endpoint == "/show/backup" else answer()

    stage.server.intercept = intercept
    async with stage.app().run_test(size=SIZE) as pilot:
        await to_shop(pilot)
        for row, words in (
            (SECOND, "still being taken: what it has so far was verified"),
            (FIRST, "Taking this snapshot failed: what it has was verified"),
            (FULL, "This snapshot was deleted: there is nothing to verify."),
            ("f3aa", "f3aa is not sent: only an id of digits"),
        ):
            await press(pilot, "home")
            for _ in range(5):
                if row not in highlighted(pilot):
                    await press(pilot, "down")
            await press(pilot, "v")
            await until(pilot, lambda words=words: words in flat(pilot))
    sent = [received.json()["options"]["backup_id"] for received in stage.server.received("/verify/backup")]
    assert sent == [SECOND, FIRST]


async def test_a_typed_backup_of_which_more_snapshots_are_reported_than_listed(stage: Stage) -> None:
    """The list of backups was refused; the response about one tells their number in its description."""

    def change(data: Data) -> None:
        data["backup_description"] = [{"BACKUP_NAME": "nightly_shop", "NUM_SNAPSHOTS": "3"}]
        data["backup_ids"] = [{"backup_name": "nightly_shop", "backup_id": FULL}]
        data["deleted_backup_ids"] = []

    def only_one(received: Received, answer: Callable[[], Reply]) -> Reply:
        if received.endpoint != "/show/backup":
            return answer()
        if received.json()["backup_name"] == "*":
            return refused("Insufficient privileges")
        return changed(change)(answer())

    stage.server.intercept = only_one
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Backup")
        await press(pilot, "t", *"nightly_shop", "enter")
        assert "The server reports 3 snapshots and lists 1: t types the id of another one." in flat(pilot)


async def test_changes_and_impossible_numbers_are_marked(stage: Stage) -> None:
    """Δ for what changed; ! and the number as received for what cannot be true."""
    of_shop(
        stage,
        {"backup_id": "3", "backup_type": "incremental", "size": "5000", "records": "1234", "time": "x"},
        {"backup_id": "2", "backup_type": "full", "size": "-1", "records": str(2**63)},
        {"backup_id": "1", "backup_type": "full", "size": "7000", "records": "12"},
    )
    async with stage.app().run_test(size=(180, 40)) as pilot:
        await to_shop(pilot)
        lines = [line[:118] for line in text(pilot).splitlines()]  # without the details
        (third,) = [line for line in lines if " 3 " in line and "incremental" in line and "Δ" in line]
        assert "Δ5.0 kB" in third
        assert "Δ1,234" in third
        (second,) = [line for line in lines if "! -1" in line and "full" in line]
        assert "! 9223…" in second or "! 922337" in second
        (first,) = [line for line in lines if "7.0 kB" in line]
        assert "Δ" not in first


# Times and the filter


async def test_a_time_keeps_its_hour_and_is_found_by_its_date(stage: Stage) -> None:
    """As the server prints its times: only fraction and seconds go; and epochs are found by what is shown of them."""
    of_shop(
        stage,
        {"backup_id": "3", "time": "2026-11-22 03:15:00.123", "backup_type": "full"},
        {"backup_id": "2", "time": "11/21/2026 3:15:00.5 AM", "backup_type": "full"},
        {"backup_id": "1", "time": "1795145400000", "backup_type": "full"},
    )
    async with stage.app().run_test(size=SIZE) as pilot:
        await to_shop(pilot)
        assert "2026-11-22 03:15:00.123" in text(pilot), text(pilot)
        assert "11/21/2026 3:15" in text(pilot)
        await press(pilot, "slash", *"2026-11-20", "enter")
        assert "1 of 4 shown" in text(pilot)
        assert highlighted(pilot).startswith("1 ")
        await press(pilot, "escape", "slash", *"1795145400000", "enter")
        assert "1 of 4 shown" in text(pilot)


async def test_backups_are_found_by_the_date_of_their_newest_snapshot(stage: Stage) -> None:
    """The filter of Backup looks in every column."""
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Backup")
        shown = highlighted(pilot).split()[1]
        await press(pilot, "slash", *shown.replace("-", "-"))
        assert highlighted(pilot).split()[1] == shown
        assert "0 of" not in text(pilot)


@pytest.mark.parametrize(
    ("given", "width", "shown"),
    [
        ("2026-11-22 03:15:00.123", 23, "2026-11-22 03:15:00.123"),
        ("2026-11-22 03:15:00.123", 20, "2026-11-22 03:15:00"),
        ("2026-11-22 03:15:00.123", 16, "2026-11-22 03:15"),
        ("11/23/2026 3:15:00 AM", 20, "11/23/2026 3:15 AM"),
        ("2026-11-22 03:15:00.123", 12, "2026-11-22 …"),
        ("a moment long gone by", 10, "a moment …"),
    ],
)
def test_only_the_end_of_a_time_is_dropped(given: str, width: int, shown: str) -> None:
    """Fraction, then seconds; what is still too long is cut at its end."""
    assert formatting.fit_time(given, width) == shown


# Objects


async def test_what_is_listed_oddly_is_said_on_objects(stage: Stage) -> None:
    """A word for two types, a name with two sizes, a table without a size: each in a sentence of its own."""

    def odd(data: Data) -> None:
        if data["backup_contents"]:
            data["backup_contents"] = [
                {"schema_name": "ops", "object_name": "a", "object_type": "table", "size": "5"},
                {"schema_name": "ops", "object_name": "a", "object_type": "table", "size": "6"},
                {"schema_name": "lab", "object_name": "a", "object_type": "table"},
                {"object_name": "ops.f", "object_type": "proc"},
            ]

    shows(stage, odd)
    async with stage.app().run_test(size=(120, 40)) as pilot:
        await go(pilot, "Objects")
        said = flat(pilot)
        assert "Listed as proc, which may be stored_procedure or user_defined_function: ops.f." in said
        assert (
            "Listed more than once, with different sizes or records or without a schema: they may be different "
            "objects, and the last is shown: ops.a." in said
        )
        await press(pilot, "down", "space")
        assert "at least 6 B" in flat(pilot)
        await press(pilot, "ctrl+n", "ctrl+n")
        assert title(pilot) == "Dry run"
    assert stage.sent[0]["restore_objects_map"] == {"table": "lab.a,ops.a"}


async def test_ten_thousand_backups_leave_the_keys_alone(stage: Stage) -> None:
    """A long list is shown whole, filtered and taken from."""

    def many(data: Data) -> None:
        if data["backup_name"] == "*":
            data["deleted_backup_ids"] = []
            data["backup_description"] = [{"backup_name": f"night_{i:05}"} for i in range(10_000)]
            data["backup_ids"] = [
                {"backup_name": f"night_{i:05}", "backup_id": str(1_700_000_000_000 + i)}
                for i in range(10_000)
            ]

    def intercept(received: Received, answer: Callable[[], Reply]) -> Reply:
        return changed(many)(answer()) if received.endpoint == "/show/backup" else answer()

    stage.server.intercept = intercept
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Backup")
        assert highlighted(pilot).startswith("night_09999")
        await press(pilot, "slash", *"00420", "enter")
        assert "1 of 10,000 shown" in text(pilot)
        assert highlighted(pilot).startswith("night_00420")


# Names that cannot be sent, or that look alike, and lists that cannot be read


def name_here(pilot: Pilot[None]) -> str:
    """The highlighted line of the names of Objects."""
    return next(line.rpartition("› ")[2] for line in text(pilot).splitlines() if "› [" in line)


def holds(*names: str) -> Callable[[Data], None]:
    def change(data: Data) -> None:
        if data["backup_contents"]:
            data["backup_contents"] = [
                {
                    "object_name": name,
                    "object_type": "table",
                    "size": str(1500 * at),
                    "records": str(1234 * at),
                }
                for at, name in enumerate(names, 1)
            ]

    return change


@pytest.mark.parametrize("bad", ["ops.a,b", "ops.\ud800x", "ops.end "])
async def test_a_name_that_cannot_be_sent_is_marked_where_it_is_selected(stage: Stage, bad: str) -> None:
    """Its row is marked, the highlight says why, it cannot be selected, and nothing else is kept from it."""
    shows(stage, holds("ops.items", bad, "ops.orders"))
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Objects")
        await press(pilot, "down", "space")
        assert "1 name cannot be selected." in flat(pilot)
        assert dict(app_of(pilot).plan.objects.wire) == {"table": "ops.items,ops.orders"}
        await press(pilot, "space")
        assert not app_of(pilot).plan.objects
        await press(pilot, "right", "home")
        for _ in range(2):
            if "[✗]" not in name_here(pilot):
                await press(pilot, "down")
        assert "cannot be selected:" in flat(pilot), text(pilot)
        await press(pilot, "space")
        assert not app_of(pilot).plan.objects
        await press(pilot, "home", "a")
        assert dict(app_of(pilot).plan.objects.wire) == {"table": "ops.items,ops.orders"}
        await press(pilot, "a")
        assert not app_of(pilot).plan.objects


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ops.caf\u00e9", "ops.cafe\u0301"),
        ("ops.Orders", "ops.orders"),
        ("ops.or\u200bders", "ops.orders"),
        ("Ops.orders", "ops.orders"),
    ],
)
async def test_names_that_look_alike_are_marked_as_different(stage: Stage, one: str, other: str) -> None:
    """Both rows have a sign, the highlight spells both, and each is selected and sent as itself."""
    shows(stage, holds("ops.items", one, other))
    async with stage.app().run_test(size=(140, 30)) as pilot:
        await go(pilot, "Objects")
        await press(pilot, "down", "right", "home")
        assert text(pilot).count("≠") == 2
        for _ in range(2):
            if "≠" not in name_here(pilot):
                await press(pilot, "down")
        assert "look alike, and are different names." in flat(pilot)
        assert ascii(one)[1:-1] in flat(pilot)
        assert ascii(other)[1:-1] in flat(pilot)
        await press(pilot, "space")
        (ticked,) = app_of(pilot).plan.objects.names("table")
        assert ticked in (one, other)


async def test_backups_that_look_alike_are_marked_as_different(stage: Stage) -> None:
    """The same on the other lists."""

    def change(data: Data) -> None:
        names = ("NIGHTLY", "nightly", "weekly")
        data["backup_description"] = [{"backup_name": name} for name in names]
        data["backup_ids"] = data["deleted_backup_ids"] = []

    shows(stage, change)
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Backup")
        assert "nightly look alike, and are different names." in flat(pilot)
        assert text(pilot).count("≠ nightly ") == 1
        assert "≠ weekly" not in text(pilot)


@pytest.mark.parametrize("words", ["2,468", "2468", "3.0", "3.0 kb"])
async def test_objects_are_found_by_what_the_columns_show(stage: Stage, words: str) -> None:
    """Records and size, as they are shown or without separators; not only the name."""
    shows(stage, holds("ops.items", "ops.orders", "ops.users"))
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Objects")
        await press(pilot, "down", "right", "slash")
        await typed(pilot, words)
        await press(pilot, "enter")
        assert "1 of 3 shown" in flat(pilot)
        assert "ops.orders" in name_here(pilot)
        await press(pilot, "escape", "slash", *"ops", "enter")
        assert "3 of 3 shown" in flat(pilot)


@pytest.mark.parametrize("refusal", ["refused", "of another snapshot"])
async def test_contents_that_cannot_be_read_are_no_dead_end(stage: Stage, refusal: str) -> None:
    """t goes on without the list: a name is typed, the dry run and the restore are sent with it."""

    def intercept(received: Received, answer: Callable[[], Reply]) -> Reply:
        if received.endpoint != "/show/backup" or not received.json()["options"].get("backup_id"):
            return answer()
        if refusal == "refused":
            return refused("Insufficient privileges to list contents")
        return changed(lambda data: data.update(backup_ids=[{"backup_id": "1654321012345"}]))(answer())

    stage.server.intercept = intercept
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Objects")
        assert "press t: names can be typed without the list" in flat(pilot)
        await press(pilot, "t")
        assert "What this snapshot holds could not be read" in flat(pilot)
        await press(pilot, "down", "t")
        await typed(pilot, "inventory.products")
        await press(pilot, "ctrl+n", "ctrl+n", "ctrl+n")
        assert title(pilot) == "Dry run"
    assert [body["restore_objects_map"] for body in stage.sent] == [{"table": "inventory.products"}]
