"""What ``/verify/backup`` says of one snapshot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from restore_tui.kinetica.responses.models import VerifyResponse

SINCE = "7.2.3.14"
"""The first server version that has the endpoint."""


@dataclass(frozen=True)
class Verification:
    """``errors`` are the server's words. ``named`` is True where the response says that it inspected this snapshot;
    ``others`` are the ids that it names besides, whose errors may be among these."""

    backup: str
    snapshot_id: str
    errors: tuple[str, ...] = ()
    named: bool = True
    others: tuple[str, ...] = ()


def read_verification(response: VerifyResponse, backup: str, snapshot_id: str) -> Verification:
    """The entries of this backup, and whatever is not said to be of another one: no error gets lost."""
    elsewhere = {index for index, name in enumerate(response.backup_names) if name not in ("", backup)}

    def ours(lists: list[list[str] | None]) -> list[str]:
        return [text for index, texts in enumerate(lists) if index not in elsewhere for text in texts or ()]

    ids = ours(response.backup_ids)
    return Verification(
        backup=backup,
        snapshot_id=snapshot_id,
        errors=tuple(text for text in ours(response.errors) if text.strip()),
        named=snapshot_id in ids,
        others=tuple(dict.fromkeys(number for number in ids if number != snapshot_id)),
    )
