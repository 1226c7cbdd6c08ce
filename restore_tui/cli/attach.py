"""``restore-tui attach``: which run, and its outcome without a screen."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from restore_tui.cli.connected import with_password
from restore_tui.cli.output import complain, print_text

if TYPE_CHECKING:
    from restore_tui.config import Settings
    from restore_tui.restore.receipts.model import Receipt


class AttachError(Exception):
    """The run that is named cannot be attached to; the text says why."""


def attached_run(given: argparse.Namespace, settings: Settings) -> tuple[Receipt, Settings]:
    """The receipt of the run that was named, and the settings for its server. Raises AttachError."""
    from restore_tui.config import SettingsError
    from restore_tui.restore.receipts.store import NoSuchRunError, ReceiptStore

    if given.json and not given.wait:
        raise AttachError("--json needs --wait")
    try:
        # As it ends a sentence, where it was copied from.
        receipt = ReceiptStore(settings.receipts).read(given.run.rstrip("."))
        insist = given.url is not None or given.server is not None
        return receipt, settings.pointed_at(receipt.server.url, receipt.server.user, insist=insist)
    except (NoSuchRunError, SettingsError) as problem:
        raise AttachError(str(problem)) from problem


def is_followed(receipt: Receipt, settings: Settings) -> bool:
    """Whether another process waits for the response now, as after a hang-up: then there is nothing to do on a screen,
    and its receipt is only read."""
    from restore_tui.restore.receipts.store import ReceiptStore

    return receipt.outcome is None and ReceiptStore(settings.receipts).is_locked(receipt.run)


def wait_for_outcome(given: argparse.Namespace, receipt: Receipt, settings: Settings) -> int:
    """Wait for the outcome without a screen, print it, and return its exit code."""
    from restore_tui.attach_command import execute, output_of
    from restore_tui.config import SettingsError
    from restore_tui.headless import CommandError
    from restore_tui.restore.receipts.store import ReceiptStore

    if receipt.is_unsettled:
        if given.demo:
            return complain(
                f"the demo server of run {receipt.run} ended with its wizard: its outcome cannot be checked"
            )
        try:
            found = execute(receipt, with_password(settings), as_json=given.json, log_level=given.log_level)
        except (CommandError, SettingsError) as error:
            return complain(str(error))
    else:
        found = output_of(receipt, ReceiptStore(settings.receipts).path(receipt.run), as_json=given.json)
    return print_text(found.text, ascii_only=settings.ascii) or found.code
