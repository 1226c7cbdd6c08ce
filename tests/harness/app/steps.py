"""How to open a step, at once or key by key, and to confirm and await a restore."""

from __future__ import annotations

from textual.pilot import Pilot
from textual.widget import Widget

from restore_tui.kinetica import reference
from restore_tui.kinetica.backups import newest_of
from restore_tui.restore.plan.plan import PinnedSnapshot
from restore_tui.restore.plan.selection import Selection
from restore_tui.tui.app import RestoreApp
from restore_tui.tui.screens.connect import ConnectScreen
from restore_tui.tui.screens.result import ResultScreen
from tests.harness.app.pilot import at_rest, burst, is_settled, press, ready, settled, text, until

SIZE = (80, 24)
SALES = ("right", "down", "space", "ctrl+n")
INVENTORY = ("right", "space", "ctrl+n")
"""What ticks a schema of nightly_shop on Objects, and goes on. All of sales is gone from the server, much of
inventory is still there."""
CRM = ("down", "right", "a", "space", "down", "down", "space", "ctrl+n")
"""What ticks the tables of nightly_crm that are gone, crm.tickets with its damaged file among them."""

CHECKSUM = ("home", *["down"] * 5, "left")
"""What sets checksum on Options."""


# The way

_TICKED = {SALES: "sales", INVENTORY: "inventory"}
"""The schema of nightly_shop that these keys tick."""


async def walk(
    pilot: Pilot[None], to: str, *, backup: str = "nightly_shop", tick: tuple[str, ...] = SALES
) -> None:
    """From the start to the step with that title, key by key, with ``tick`` pressed on Objects."""
    choose = {"nightly_shop": (), "nightly_crm": ("up",)}[backup]
    way = (
        ("Connect", ()),
        ("Data source", ("enter",)),
        ("Backup", ("enter",)),
        ("Snapshot", (*choose, "enter")),
        ("Objects", ("enter",)),
        ("Options", tick),
        ("Dry run", ("ctrl+n",)),
        ("Restore", ("ctrl+n",)),
    )
    await ready(pilot)
    for title, keys in way:
        await press(pilot, *keys)
        if title == to:
            return
    raise AssertionError(f"no step is called {to}")


async def go(
    pilot: Pilot[None], to: str, *, backup: str = "nightly_shop", tick: tuple[str, ...] = SALES
) -> None:
    """Where ``walk`` leads, at once: connected, and with the same plan and the same answers in the session, but without
    the screens in between, which are most of what a walk costs. Where ``tick`` needs Objects, it is pressed there."""
    app = app_of(pilot)
    steps = {step.title: step.key for step in app.road.steps}
    assert to in steps, f"no step is called {to}"
    if to in ("Connect", "Data source"):
        await walk(pilot, to)
        return
    await ready(pilot)
    await connect(app)
    await _choose_snapshot(app, backup, to)
    if to in ("Backup", "Snapshot", "Objects"):
        await _open(pilot, steps[to])
        return
    names = list((await app.session.contents()).names("all").names)
    schema = _TICKED.get(tick)
    if schema in names:
        app.session.plan = app.session.plan.choose_objects(Selection.of({"all": [schema]}))
    else:
        await _open(pilot, "objects")
        await press(pilot, *tick)
        if to == "Options":
            return
    if to == "Restore":
        await app.session.run_dry_run()
        assert app.session.staleness_reason() is None
    await _open(pilot, steps[to])


async def connect(app: RestoreApp) -> None:
    """What Enter on Connect does."""
    assert isinstance(app.screen, ConnectScreen)
    await app.load_the_rest()
    await app.session.connect(app.screen._link())


async def _choose_snapshot(app: RestoreApp, backup: str, to: str) -> None:
    """Choose as Enter does on each list, up to the step ``to``: the first data source, the backup of that name or else
    the one with the newest snapshot, and its newest snapshot."""
    session = app.session
    session.plan = session.plan.choose_data_source((await session.data_sources())[0].name).plan
    if to == "Backup":
        return
    backups = await session.backups()
    chosen = next((each for each in backups if each.name == backup), None)
    if chosen is None:
        newest = newest_of([each.newest for each in backups if each.newest is not None])
        chosen = next(each for each in backups if each.newest is newest)
    session.plan = session.plan.choose_backup(chosen.name).plan
    if to == "Snapshot":
        return
    snapshot = newest_of(await session.snapshots())
    assert snapshot is not None
    session.plan = session.plan.choose_snapshot(PinnedSnapshot(snapshot.id)).plan


async def _open(pilot: Pilot[None], step: str) -> None:
    """Put that step in place of the one that shows, and wait until it has loaded, or failed to."""
    app = app_of(pilot)
    app.go(step)
    await settled(app)
    await at_rest(pilot)


async def confirm(pilot: Pilot[None], name: str = "nightly_shop") -> None:
    """Type the name on the confirmation, and Enter."""
    await burst(pilot, *name)
    await press(pilot, "enter")


async def ended(pilot: Pilot[None]) -> None:
    """Wait for the result: it is loaded and shown, takes keys, and is not looking for anything any more."""
    await until(pilot, lambda: has_ended(app_of(pilot)) and "Receipt:" in text(pilot))
    await at_rest(pilot)


def has_ended(app: RestoreApp) -> bool:
    """Whether the result has come, and what there was to look for was looked for."""
    screen = app.screen
    return isinstance(screen, ResultScreen) and screen.loaded and is_settled(app)


def app_of(pilot: Pilot[None]) -> RestoreApp:
    assert isinstance(pilot.app, RestoreApp)
    return pilot.app


def focused(pilot: Pilot[None]) -> Widget:
    """What has the focus."""
    widget = pilot.app.focused
    assert widget is not None
    return widget


async def tab_to(pilot: Pilot[None], id: str) -> None:
    """Press Tab until the focus is there."""
    for _ in range(12):
        if pilot.app.focused is not None and pilot.app.focused.id == id:
            return
        await press(pilot, "tab")
    raise AssertionError(f"Tab never comes to #{id}")


def highlighted(pilot: Pilot[None]) -> str:
    """The line of the list in which the cursor stands, without the cursor."""
    lines = [line for line in text(pilot).splitlines() if line.lstrip().startswith("› ")]
    assert lines, text(pilot)
    return lines[0].lstrip()[2:]


# What the server does instead


def row_of(text_: str, option: str) -> str:
    """The line of an option."""
    return next(line for line in text_.splitlines() if line.strip().lstrip("█•› ").startswith(option))


async def focus_option(pilot: Pilot[None], name: str) -> None:
    """↓ until that option has the focus."""
    await press(pilot, "home")
    for _ in range(14):
        if getattr(focused(pilot), "option", None) is reference.option(name):
            return
        await press(pilot, "down")
    raise AssertionError(f"↓ never comes to {name}")
