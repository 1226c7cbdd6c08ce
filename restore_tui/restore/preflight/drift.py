"""Compare what exists now with what the conflict check beside the dry run found. A change makes the dry run stale."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from restore_tui.kinetica.identifiers import schema_of
from restore_tui.kinetica.reference import Effect, may_have_schema
from restore_tui.kinetica.sanitize import sanitize
from restore_tui.restore.preflight.conflict_check import Inventory, Key, Rules
from restore_tui.restore.preflight.conflict_report import inventory_for, rules_of
from restore_tui.restore.preflight.dry_run import DryRun
from restore_tui.restore.text_format import first_few

if TYPE_CHECKING:
    from restore_tui.kinetica.client import KineticaClient
    from restore_tui.kinetica.inventory import Listing


@dataclass(frozen=True)
class Drift:
    """What is different between two looks: (type, name), with ``all`` for a schema, and in ``unclear`` the sentences on
    what could not be compared."""

    appeared: tuple[Key, ...] = ()
    vanished: tuple[Key, ...] = ()
    unclear: tuple[str, ...] = ()
    unclear_endpoints: frozenset[str] = frozenset()
    """The endpoints that the sentences in ``unclear`` are about: the reasons in them may differ from read to read."""

    def __bool__(self) -> bool:
        """Whether something has changed for certain."""
        return bool(self.appeared or self.vanished)

    @property
    def sentences(self) -> tuple[str, ...]:
        """What changed, sanitized, and after it what could not be compared."""
        told = [
            f"Since the dry run {first_few(keys, _name)} {'has' if len(keys) == 1 else 'have'} {verb}."
            for keys, verb in ((self.appeared, "appeared"), (self.vanished, "vanished"))
            if keys
        ]
        return (*told, *self.unclear)


def _name(key: Key) -> str:
    kind, name = key
    return f"{'schema' if kind == 'all' else sanitize(kind, 40)} {sanitize(name, 80)}"


def relevant_objects(keys: Iterable[Key], rules: Rules) -> frozenset[Key]:
    """What has to stay as it is for a dry run to hold: the objects under the names that they get, their schemas, and
    where those in the way would be moved to."""
    found: set[Key] = set()
    for kind, asked in keys:
        name = rules.name_of(kind, asked)
        found.add((kind, name))
        schema = schema_of(name) if may_have_schema(kind) else None
        if schema is not None:
            found.add(("all", schema))
            if Effect.MOVES_AWAY in rules.effects and rules.renamed_schema:
                found.add((kind, rules.backup_location(name)))
    return frozenset(found)


def compare(before: Inventory, now: Inventory, within: Collection[Key] | None = None) -> Drift:
    """What appeared or vanished between two looks, within these objects or at all. What only one of them could read is
    unclear, and no change."""
    was: list[tuple[Listing, Listing]] = []
    unclear: list[str] = []
    endpoints: set[str] = set()
    for endpoint in sorted({*before.listings, *before.unread}):
        if endpoint in before.listings and endpoint in now.listings:
            was.append((before.listings[endpoint], now.listings[endpoint]))
        elif endpoint in before.listings:
            endpoints.add(endpoint)
            why = now.unread[endpoint].why if endpoint in now.unread else "It was not checked again."
            unclear.append(f"What changed in {endpoint} since the dry run is not known: {why}")
        elif endpoint in now.listings:
            endpoints.add(endpoint)
            why = before.unread[endpoint].why
            unclear.append(
                f"What changed in {endpoint} since the dry run is not known. It could not be read then: {why}"
            )
    gone = [key for old, new in was for key in _difference(old, new, within)]
    come = [key for old, new in was for key in _difference(new, old, within)]
    return Drift(tuple(sorted(come)), tuple(sorted(gone)), tuple(unclear), frozenset(endpoints))


def _difference(one: Listing, other: Listing, within: Collection[Key] | None) -> list[Key]:
    """What ``one`` shows and ``other`` does not."""
    keys = [(kind, name) for kind, names in one.names.items() for name in names - other.names[kind]]
    keys += [("all", schema) for schema in one.schemas - other.schemas]
    return [key for key in keys if within is None or key in within]


@dataclass(frozen=True)
class DriftCheck:
    """The look before the confirmation, compared with the one beside the dry run. ``dry_run`` is the dry run as it
    is now: void where something has changed."""

    dry_run: DryRun
    changes: Drift


async def recheck(client: KineticaClient, dry_run: DryRun) -> DriftCheck:
    """Look at the same things as beside the dry run, and compare. Raises nothing but cancellation."""
    before = dry_run.conflicts.existing
    now = await inventory_for(client, dry_run.plan, dry_run.contents)
    return await asyncio.to_thread(_compared, dry_run, before, now)


def _compared(dry_run: DryRun, before: Inventory, now: Inventory) -> DriftCheck:
    within = relevant_objects(dry_run.conflicts.seen, rules_of(dry_run.plan))
    changes = compare(before, now, within)
    if changes:
        dry_run = dry_run.voided(" ".join(changes.sentences))
        dry_run.results().precompute()  # the results are made here, where it holds up no screen
    return DriftCheck(dry_run, changes)
