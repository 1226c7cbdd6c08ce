"""Before a restore: how much it restores, and how long the last one took."""

from __future__ import annotations

from textual.pilot import Pilot

from tests.harness.app.app_harness import Stage
from tests.harness.app.pilot import at_rest, flat, press, text
from tests.harness.app.steps import INVENTORY, SIZE, confirm, ended, go
from tests.harness.servers.interceptors import changed, instead, is_dry_run


async def to_dry_run(pilot: Pilot[None]) -> None:
    """On the dry run of ``inventory``, under replace."""
    await go(pilot, "Options", tick=INVENTORY)
    await press(pilot, "right", "ctrl+n")
    await at_rest(pilot)


async def test_the_last_restore_of_the_backup_is_told_before_the_next(stage: Stage) -> None:
    """Nothing at first; after a restore on Dry run and on the confirmation."""
    async with stage.app().run_test(size=(120, 40)) as pilot:
        await to_dry_run(pilot)
        assert "last restore" not in text(pilot).lower()
        await press(pilot, "ctrl+n")
        await at_rest(pilot)
        assert "last restore" not in text(pilot).lower()
        await confirm(pilot)
        await ended(pilot)
    async with stage.app().run_test(size=(120, 40)) as pilot:
        await to_dry_run(pilot)
        assert "The last restore of this backup took 0 s for " in text(pilot)
        await press(pilot, "ctrl+n")
        await at_rest(pilot)
        assert "The last restore of this backup took 0 s for " in text(pilot)
    async with stage.app().run_test(size=SIZE) as pilot:
        await to_dry_run(pilot)
        assert "last restore: 0 s for" in text(pilot)


async def test_the_confirmation_tells_bytes_and_records_of_the_dry_run(stage: Stage) -> None:
    """Only where the dry run counts some: a zero may be no count."""

    def counts(data: dict[str, object]) -> None:
        data.update(restored_bytes=6_900_000_000, restored_records=0)

    instead(stage, is_dry_run, changed(counts))
    async with stage.app().run_test(size=SIZE) as pilot:
        await go(pilot, "Restore")
        assert "(6.9 GB) from backup nightly_shop" in flat(pilot)
