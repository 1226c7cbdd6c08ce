"""How long an earlier restore took: what the next one of the same backup is estimated by."""

from __future__ import annotations

import math
from dataclasses import dataclass

from restore_tui.kinetica.responses.lenient import is_impossible
from restore_tui.restore.receipts.model import Receipt, ReceiptServer, Verdict
from restore_tui.restore.text_format import elapsed, size


@dataclass(frozen=True)
class PastRestore:
    """What is kept of a settled receipt. ``seconds`` and ``restored_bytes`` are None where they are not known."""

    server: ReceiptServer
    backup: str
    data_source: str
    verdict: str
    seconds: float | None = None
    restored_bytes: int | None = None

    @classmethod
    def of(cls, receipt: Receipt) -> PastRestore:
        outcome = receipt.outcome
        answer = outcome.answer if outcome is not None and outcome.answer is not None else {}
        number = answer.get("restored_bytes")
        # A file can say anything; True is an int as well.
        known = type(number) is int and number > 0 and not is_impossible(str(number))
        return cls(
            receipt.server,
            receipt.backup,
            str(receipt.request.get("datasource_name", "")),
            outcome.verdict if outcome is not None else "",
            outcome.seconds if outcome is not None else None,
            number if isinstance(number, int) and known else None,
        )

    @property
    def is_estimate(self) -> bool:
        """Whether it restored everything, and how long that took is known."""
        return (
            self.verdict == Verdict.RESTORED.value
            and self.seconds is not None
            and math.isfinite(self.seconds)
            and self.seconds >= 0
        )

    @property
    def short_text(self) -> str:
        """``3:07 min for 6.9 GB``."""
        took = elapsed(self.seconds if self.seconds is not None else math.nan)
        return f"{took} for {size(self.restored_bytes)}" if self.restored_bytes is not None else took

    @property
    def text(self) -> str:
        return f"The last restore of this backup took {self.short_text}."
