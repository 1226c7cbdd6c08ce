"""``restore-tui history``: receipts, what everyone restored, and the end of old receipts."""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
from typing import TYPE_CHECKING

from restore_tui.cli.connected import connected, flags_of
from restore_tui.cli.output import complain, print_text

if TYPE_CHECKING:
    from restore_tui.restore.receipts.store import ReceiptStore


def history(given: argparse.Namespace) -> int:
    """What receipts say. It needs neither a server nor a screen, unless the server's own history is asked for."""
    if given.prune:
        return _prune(given)
    if given.all_users:
        return _server_history(given)
    from restore_tui.config import Settings
    from restore_tui.restore.receipts.store import NoSuchRunError, ReceiptStore

    store = ReceiptStore(Settings(demo=given.demo).receipts)
    try:
        with contextlib.suppress(FileNotFoundError):  # there is none before the first restore
            os.scandir(store.folder).close()  # a folder that may not be read is not an empty one
        text = _all_runs(store, given) if given.run is None else _one_run(store, given)
    except NoSuchRunError as error:
        return complain(str(error))
    except OSError as error:
        return complain(f"{error.filename} cannot be read: {error.strerror}.")
    return print_text(text, ascii_only=given.ascii)


def _one_run(store: ReceiptStore, given: argparse.Namespace) -> str:
    from restore_tui.restore.receipts.render import as_json, as_markdown, as_text

    receipt = store.read(given.run)
    if given.json:
        return as_json(receipt)
    place, watched = store.path(receipt.run), store.is_locked(receipt.run)
    flags = ["--demo"] if given.demo else []
    return (as_markdown if given.markdown else as_text)(receipt, place, watched=watched, flags=flags)


def _all_runs(store: ReceiptStore, given: argparse.Namespace) -> str:
    from restore_tui.restore.receipts.listing import list_as_json, list_as_markdown, list_as_text

    found = store.runs()
    unsettled = [one.run for one in found if one.receipt and one.receipt.is_unsettled]
    watched = [run for run in unsettled if store.is_locked(run)]
    if given.json:
        return list_as_json(found, watched=watched)
    if given.markdown:
        return list_as_markdown(found, store.folder, watched=watched)
    return list_as_text(found, store.folder, watched=watched, width=_list_width())


def _list_width() -> int:
    from restore_tui.restore.receipts.listing import WIDTH

    return max(100, shutil.get_terminal_size((WIDTH, 24)).columns)


def _prune(given: argparse.Namespace) -> int:
    """Delete old receipts, once a person has agreed."""
    if given.run is not None or given.all_users or given.json or given.markdown:
        return complain("history --prune lists and asks: leave out RUN, --all-users, --json and --markdown")
    from restore_tui.config import SettingsError, load
    from restore_tui.prune_command import NotPrunedError, prune

    try:
        return print_text(prune(load(flags_of(given)), width=_list_width()), ascii_only=given.ascii)
    except (NotPrunedError, SettingsError) as problem:
        return complain(str(problem))
    except OSError as error:
        return complain(f"{error.filename} cannot be read: {error.strerror}.")


def _server_history(given: argparse.Namespace) -> int:
    """What everyone restored, by the server's own history."""
    if given.run is not None:
        return complain("history --all-users lists all runs: leave out RUN")
    from restore_tui.config import SettingsError
    from restore_tui.headless import CommandError
    from restore_tui.history_command import execute

    try:
        with connected(given) as settings:
            found = execute(settings, log_level=given.log_level)
    except (CommandError, SettingsError) as error:
        return complain(str(error))
    if given.json:
        return print_text(found.as_json())
    text = found.as_markdown() if given.markdown else found.as_text(_list_width())
    return print_text(text, ascii_only=settings.ascii)
