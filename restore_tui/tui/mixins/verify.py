"""Is the snapshot readable? What ``/verify/backup`` finds, on the steps where one may ask for it."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.widgets import Button

from restore_tui.kinetica.errors import KineticaError
from restore_tui.kinetica.sanitize import sanitize
from restore_tui.restore.preflight.verification import (
    NOT_PROVEN,
    FailedVerification,
    VerificationResult,
    VerificationStatus,
    state_words,
    why_unavailable,
)
from restore_tui.tui import formatting
from restore_tui.tui.screens.step import StepScreen

_SIGNS = {VerificationStatus.READABLE: "✓", VerificationStatus.DAMAGED: "✗", VerificationStatus.UNKNOWN: "?"}
VERIFY_HELP = (
    "v asks the server to verify the snapshot, always by its id (/verify/backup, from server 7.2.3.14 on). Nothing is "
    f"changed by it. {NOT_PROVEN}"
)


def verification_sign(verified: VerificationResult | FailedVerification) -> str:
    """One character for what came of a verification."""
    return "?" if isinstance(verified, FailedVerification) else _SIGNS[verified.status]


def verified_text(verified: VerificationResult | FailedVerification | None) -> str:
    """What is known of a snapshot's files, in a line or two."""
    if verified is None:
        return "not run; press v"
    if isinstance(verified, FailedVerification):
        return f"? The verification failed: {sanitize(verified.message, 300)}"
    finding = verified.status
    said = [f"{_SIGNS[finding]} {finding.value} by /verify/backup.", *verified.sentences]
    return " ".join([*said, NOT_PROVEN if finding is VerificationStatus.READABLE else ""]).strip()


class VerifyMixin(StepScreen):
    """A step on which a snapshot can be verified. It goes on while one looks at something else here."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("v", "verify", "Verify the snapshot", show=False, id="step.verify"),
    ]

    _verifying: tuple[str, float] | None = None
    """The id of the snapshot, and since when."""
    _told_of = ""
    """Of which snapshot the line above the buttons tells a finding."""

    def snapshot_to_verify(self) -> str:
        """Its id; empty where there is none to verify."""
        raise NotImplementedError

    def why_not_verify(self) -> str:
        """Why there is no snapshot here that could be verified; empty where there is."""
        return ""

    def show_verified(self) -> None:
        """Show what is known now."""
        raise NotImplementedError

    @staticmethod
    def verify_button() -> Button:
        return Button("Verify", id="verify", compact=True)

    @on(Button.Pressed, "#verify")
    def action_verify(self) -> None:
        if not self.loaded:
            return
        snapshot = self.snapshot_to_verify()
        why = self.why_not_verify() or why_unavailable(self.session.server_version, snapshot)
        if why or self._verifying is not None:
            self.notify_user(why or "A snapshot is being verified: wait for the result.")
            return
        self._verifying = (snapshot, self.wizard.clock.monotonic())
        self.run_worker(self._verify(snapshot), group="verify")

    async def _verify(self, snapshot: str) -> None:
        self._say_that_it_runs()
        try:
            verified = await self.session.verify(snapshot)
        except KineticaError as error:
            words = f" The server says: {sanitize(error.server_message, 200)}" if error.server_message else ""
            self.notify_user(f"Snapshot {sanitize(snapshot, 24)} was not verified: {error.what}{words}")
            self.show_verified()
        else:
            finding = verified.status
            what = sanitize(verified.verification.errors[0], 200) if verified.verification.errors else ""
            limits = state_words(self.session.snapshot_state(snapshot))
            said = [f"{_SIGNS[finding]} {finding.value} in snapshot {sanitize(snapshot, 24)}.", what, limits]
            self.notify_user(" · ".join(part for part in said if part))
            self._told_of = snapshot
            self.show_verified()
        finally:
            self._verifying = None

    def _say_that_it_runs(self) -> None:
        if self._verifying is None:
            return
        snapshot, since = self._verifying
        seconds = self.wizard.clock.monotonic() - since
        took = f" {formatting.elapsed(seconds)}" if seconds >= 1 else ""
        self.notify_user(f"{self.verifying_words(snapshot)} …{took}")

    def verifying_words(self, snapshot: str) -> str:
        """What is being verified."""
        return f"Verifying snapshot {sanitize(snapshot, 24)}"

    def forget_finding(self) -> None:
        """Another snapshot is looked at: what was said of one must not seem to be of it."""
        if self._told_of and self._told_of != self.snapshot_to_verify():
            self._told_of = ""
            self.notify_user("")

    def forget_finding_of_all(self) -> None:
        """Something else is said from here on: moving the highlight must not clear that."""
        self._told_of = ""

    def tick(self) -> None:
        super().tick()
        self._say_that_it_runs()
