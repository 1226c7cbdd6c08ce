"""V: verify the snapshots from the newest backwards, until one of them is readable."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.widgets import Button
from textual.worker import Worker

from restore_tui.kinetica.backups import Snapshot
from restore_tui.kinetica.errors import KineticaError, RequestRejected
from restore_tui.kinetica.sanitize import sanitize
from restore_tui.restore.preflight.verification import VerificationStatus, why_unavailable
from restore_tui.restore.text_format import as_of, pluralize
from restore_tui.tui.mixins.verify import VerifyMixin

VERIFY_BACKWARDS_HELP = (
    "V verifies the listed snapshots one after the other, from the newest backwards, and stops at the first in which "
    "the server finds no error. Those that are deleted, failed, in progress or without their base are left out. Esc "
    "stops it."
)


class VerifyBackwardsMixin(VerifyMixin):
    """A step with a list of snapshots. It goes on while one looks at something else here; leaving the step ends it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "V",
            "verify_backwards",
            "Verify back to the last good one",
            show=False,
            id="step.verify-backwards",
        ),
    ]

    _backwards: Worker[None] | None = None
    _place = ""
    """Which of how many is being verified; empty where one alone is."""

    def snapshots_to_verify(self) -> Sequence[Snapshot]:
        """All that may be restored from, newest first."""
        raise NotImplementedError

    @staticmethod
    def verify_backwards_button() -> Button:
        return Button("Last good", id="verify-backwards", compact=True)

    @on(Button.Pressed, "#verify-backwards")
    def action_verify_backwards(self) -> None:
        if not self.loaded:
            return
        if self._verifying is not None:
            self.notify_user("A snapshot is being verified: wait for the result.")
            return
        version = self.session.server_version
        snapshots = self.snapshots_to_verify()
        sendable = [one for one in snapshots if not why_unavailable(version, one.id)]
        if not sendable:
            why = why_unavailable(version, snapshots[0].id) if snapshots else ""
            self.notify_user(why or "No complete snapshot is listed: there is nothing to verify.")
            return
        self.forget_finding_of_all()
        self._backwards = self.run_worker(self._verify_backwards(sendable), group="verify")

    async def _verify_backwards(self, snapshots: Sequence[Snapshot]) -> None:
        """One at a time. That one is refused does not end it, that the server cannot be reached does."""
        said = ""
        try:
            for number, snapshot in enumerate(snapshots, 1):
                self._place = f"{number:,} of {len(snapshots):,}"
                self._verifying = (snapshot.id, self.wizard.clock.monotonic())
                self._say_that_it_runs()
                try:
                    verified = await self.session.verify(snapshot.id)
                except RequestRejected:
                    self.show_verified()
                    continue  # what the server said of it stands in its details
                self.show_verified()
                if verified.status is VerificationStatus.READABLE:
                    which = as_of(snapshot, snapshot.id, self.wizard.clock.now())
                    newer = pluralize(number - 1, "newer one")
                    rest = f" {newer} did not pass: see the details." if number > 1 else ""
                    said = f"✓ {verified.status.value}: {which}.{rest}"
                    return
            said = f"None of {pluralize(len(snapshots), 'snapshot')} passed: see the details of each."
        except KineticaError as error:
            said = f"Stopped at {self._place}, snapshot {sanitize(snapshot.id, 24)}: {error.what}"
        finally:
            self._place, self._verifying, self._backwards = "", None, None
            if said:
                self.notify_user(said)

    def verifying_words(self, snapshot: str) -> str:
        words = super().verifying_words(snapshot)
        if not self._place:
            return words
        listed = self.session.listed_snapshot(snapshot)
        which = as_of(listed, snapshot, self.wizard.clock.now())
        return f"Verifying {self._place}: {which}; Esc stops"

    def leave_field(self) -> bool:
        """Esc stops it, before it leaves the step."""
        if super().leave_field():
            return True
        if self._backwards is None:
            return False
        self._backwards.cancel()
        self.notify_user(f"Stopped at {self._place}: no snapshot was found readable.")
        return True
