"""The order of the steps, and only that."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from restore_tui.tui.screens.step import StepScreen


@dataclass(frozen=True)
class StepSpec:
    """A step. ``screen`` is ``module:class`` below ``screens``, imported when the step is first reached."""

    key: str
    title: str
    screen: str

    def make(self) -> StepScreen:
        """A new screen for this step. It takes everything that it shows from the session."""
        module, _, name = self.screen.partition(":")
        screen: StepScreen = getattr(import_module(f"restore_tui.tui.screens.{module}"), name)()
        return screen


STEPS = (
    StepSpec("connect", "Connect", "connect:ConnectScreen"),
    StepSpec("data_source", "Data source", "data_source:DataSourceScreen"),
    StepSpec("backup", "Backup", "backup:BackupScreen"),
    StepSpec("snapshot", "Snapshot", "snapshot:SnapshotScreen"),
    StepSpec("objects", "Objects", "objects:ObjectsScreen"),
    StepSpec("options", "Options", "options:OptionsScreen"),
    StepSpec("dry_run", "Dry run", "dry_run:DryRunScreen"),
    StepSpec("restore", "Restore", "confirm:ConfirmScreen"),
)
TITLES = tuple(step.title for step in STEPS)


class StepSequence:
    """The steps in order; with ``dry_run_only`` it ends before the real restore."""

    def __init__(self, *, dry_run_only: bool = False) -> None:
        self.steps = STEPS[:-1] if dry_run_only else STEPS

    def titles(self, current: str) -> tuple[str, ...]:
        """The titles to show on a step. The result of an earlier restore is a step also where none can be sent."""
        return tuple(step.title for step in STEPS[: max(len(self.steps), self.index(current) + 1)])

    def index(self, key: str) -> int:
        """Raises KeyError for what is no step."""
        for index, step in enumerate(STEPS):
            if step.key == key:
                return index
        raise KeyError(key)

    def step(self, key: str) -> StepSpec:
        return STEPS[self.index(key)]

    def after(self, key: str) -> StepSpec | None:
        """The next step; None after the last one."""
        index = self.index(key) + 1
        return self.steps[index] if index < len(self.steps) else None

    def before(self, key: str) -> StepSpec | None:
        """The step before; None before the first one."""
        index = self.index(key) - 1
        return self.steps[index] if index >= 0 else None
