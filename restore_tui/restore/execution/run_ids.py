"""The id of the run that is being prepared. Its dry runs and its restore share it; no two restores do."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from restore_tui.restore.clock import Clock


class RunIds:
    """``make`` is where an id comes from, where it should not be the usual one: by time, and without collision within
    the second."""

    def __init__(self, clock: Clock, make: Callable[[], str] | None = None) -> None:
        self._clock = clock
        self._make = make or self._by_time
        self._this = ""
        self._dry_runs = 0

    def current(self) -> str:
        """Of the run that is being prepared."""
        if not self._this:
            self._this = self._make()
            self._dry_runs = 0
        return self._this

    def consume(self) -> None:
        """Whatever comes next gets another id: no two submissions share a tag or a receipt."""
        self._this = ""

    def next_dry_run_tag(self) -> str:
        """A tag for the next dry run of this run, of that submission alone."""
        run = self.current()
        self._dry_runs += 1
        return f"restore-tui-{run}-dry-{self._dry_runs}"

    def _by_time(self) -> str:
        return f"{self._clock.now():%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"
