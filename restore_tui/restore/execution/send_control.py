"""Whether a confirmed restore can still be withdrawn, or its request has left this machine.

Both are decided here, in code that runs without a pause: whichever comes first wins, and the other one is refused.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from restore_tui.restore.execution.confirmation import RestoreBlockedError


class WithdrawnError(RestoreBlockedError):
    """The operator canceled the confirmation while it was being prepared."""

    def __init__(self) -> None:
        super().__init__("You canceled it before anything was sent.")


async def _no_input() -> None:
    """Do nothing: without a terminal no key can be pending."""


class SendControl:
    """One confirmation, from Enter until its request has left.

    ``stop`` withdraws it until then; afterwards it ends the waiting, and nothing takes the request back.
    ``input_settled`` returns once every key that was pressed by now has had its effect. ``stage`` says what is being
    done, for the screen.
    """

    def __init__(
        self,
        stop: asyncio.Event | None = None,
        *,
        input_settled: Callable[[], Awaitable[None]] = _no_input,
    ) -> None:
        self.stop = stop or asyncio.Event()
        self.stage = ""
        self.is_sent = False
        self.last_check: Callable[[], None] | None = None
        """Raises RestoreBlockedError where the request must not leave. Called last of all, directly before it does."""
        self._input_settled = input_settled
        self._on_sent: list[Callable[[], None]] = []
        self._refusal: RestoreBlockedError | None = None

    def on_sent(self, action: Callable[[], None]) -> None:
        """Call ``action`` the moment the request leaves. It must not block."""
        self._on_sent.append(action)

    def withdraw(self) -> bool:
        """Cancel the confirmation. Returns False where the request has left already."""
        if self.is_sent:
            return False
        self.stop.set()
        return True

    def refuse(self, refusal: RestoreBlockedError) -> None:
        """Note why the request was not let go."""
        self._refusal = refusal

    @property
    def refusal(self) -> RestoreBlockedError | None:
        """Why nothing was sent, where this side decided so; None where the request has left, or still may."""
        if self.is_sent:
            return None
        return self._refusal or (WithdrawnError() if self.stop.is_set() else None)

    async def release(self) -> None:
        """Let the request leave; called directly before its first byte. Raises RestoreBlockedError otherwise.

        After the wait for pending keys there is no further pause: between the last check and the mark that the
        request has left, nothing else can run.
        """
        try:
            await self._input_settled()
            if self.stop.is_set():
                raise WithdrawnError
            if self.last_check is not None:
                self.last_check()
        except RestoreBlockedError as refusal:
            self.refuse(refusal)
            raise
        self.is_sent = True
        for action in self._on_sent:
            action()
