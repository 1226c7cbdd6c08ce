"""Data sources, backups and snapshots, as servers list them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from restore_tui.kinetica.backups import (
    Backup,
    DataSource,
    Listed,
    Raw,
    Snapshot,
    moment,
    newest_first,
    state_of,
    total,
)
from restore_tui.kinetica.identifiers import split_names
from restore_tui.kinetica.responses import echo
from restore_tui.kinetica.responses.lenient import get, get_int, is_impossible, matching_key

_NUMBERS = ("size", "files", "records", "objects")


def read_data_sources(
    names: Sequence[str], providers: Sequence[str], infos: Sequence[Raw]
) -> Listed[DataSource]:
    """Three parallel lists, of which the later two may be shorter."""
    sources = []
    unread = []
    for i in range(max(len(names), len(infos))):
        info = infos[i] if i < len(infos) else {}
        if i < len(names) and names[i]:
            sources.append(DataSource(names[i], providers[i] if i < len(providers) else "", info))
        elif info:
            unread.append(info)
    return Listed(tuple(sources), tuple(unread))


def read_snapshot(raw: Raw, *, deleted: bool = False) -> Snapshot | None:
    """One map of ``backup_ids``; None where it has no id."""
    snapshot_id = (get(raw, "id") or "").strip()
    if not snapshot_id:
        return None
    time_text = get(raw, "time") or ""
    return Snapshot(
        id=snapshot_id,
        kind=get(raw, "kind") or "",
        time_text=time_text,
        time=moment(time_text),
        size=get_int(raw, "size"),
        files=get_int(raw, "files"),
        records=get_int(raw, "records"),
        objects=get_int(raw, "objects"),
        comment=get(raw, "comment") or "",
        deleted=deleted,
        state=state_of(get(raw, "state") or ""),
        impossible=_impossible(raw, _NUMBERS),
        raw=raw,
    )


def _impossible(raw: Raw, facts: Iterable[str]) -> dict[str, str]:
    return {fact: text for fact in facts if (text := get(raw, fact)) and is_impossible(text)}


def _spread(raw: Raw) -> list[Raw]:
    """A map of id → text, or with several ids in one value, which a server may send in place of a map per snapshot, as
    maps with an id."""
    if get(raw, "id") is None and raw:
        if all(key.strip().isdecimal() for key in raw):
            return [{"backup_id": key, "comment": value} for key, value in raw.items()]
        several = matching_key(raw, "ids")
        if several is not None:
            rest = {key: value for key, value in raw.items() if key != several}
            return [{**rest, "backup_id": one} for one in split_names(raw[several])]
    return [raw]


def read_snapshots(
    taken: Iterable[Raw], gone: Iterable[Raw], *, backup: str = "", described: Iterable[Raw] = ()
) -> Listed[Snapshot]:
    """All snapshots, newest first; an id that is also listed as deleted counts as deleted. Of a ``backup``, without
    those that name another one; ``described`` may say how many there are."""
    unread = []

    def read(rows: Iterable[Raw], *, deleted: bool) -> dict[str, Snapshot]:
        found = {}
        for raw in rows:
            if backup and get(raw, "of_backup") not in (None, "", backup):
                continue
            for row in _spread(raw):
                snapshot = read_snapshot(row, deleted=deleted)
                if snapshot is not None:
                    found[snapshot.id] = snapshot
                elif row:
                    unread.append(row)
        return found

    alive, deleted = read(taken, deleted=False), read(gone, deleted=True)
    snapshots = [*(s for s in alive.values() if s.id not in deleted), *deleted.values()]
    counts = [get_int(raw, "snapshots") for raw in described if get(raw, "backup") in (None, backup)]
    reported = max((count for count in counts if count is not None), default=None)
    return Listed(tuple(newest_first(snapshots)), tuple(unread), reported=reported)


def read_backups(descriptions: Sequence[Raw], taken: Sequence[Raw], gone: Sequence[Raw]) -> Listed[Backup]:
    """The listing of all backups. A snapshot belongs to the backup that its map names; where none is named
    and there is only one backup, to that one."""
    unread: list[Raw] = []
    described: dict[str, Raw] = {}
    for raw in descriptions:
        name = get(raw, "backup")
        if name:
            described[name] = raw
        elif raw:
            unread.append(raw)
    only = next(iter(described)) if len(described) == 1 and not unread else None
    rows: dict[str, tuple[list[Raw], list[Raw]]] = {name: ([], []) for name in described}
    unowned = 0
    for kind, listed in enumerate((taken, gone)):
        for raw in listed:
            owner = get(raw, "backup") or only
            if owner:
                rows.setdefault(owner, ([], []))[kind].append(raw)
            elif raw:
                unread.append(raw)
                unowned += 1
    lists_snapshots = bool(taken or gone) and not unowned
    backups = tuple(
        _backup(name, described.get(name, {}), *its_own, lists_snapshots=lists_snapshots)
        for name, its_own in rows.items()
    )
    return Listed(backups, tuple(unread))


def _backup(name: str, raw: Raw, taken: list[Raw], gone: list[Raw], *, lists_snapshots: bool) -> Backup:
    snapshots = read_snapshots(taken, gone).items
    alive = [s for s in snapshots if not s.deleted]
    size, reported = get_int(raw, "size"), get_int(raw, "snapshots")
    count = reported
    if count is None and (lists_snapshots or alive):
        count = len(alive)
    impossible = _impossible(raw, ("size", "snapshots"))
    sizes = [s.size for s in alive]
    is_sum = size is None and "size" not in impossible
    return Backup(
        name=name,
        size=total(sizes) if is_sum else size,
        size_is_partial=is_sum and None in sizes and any(s is not None for s in sizes),
        comment=get(raw, "comment") or "",
        snapshot_count=count,
        reported=reported,
        snapshots=snapshots,
        impossible=impossible,
        raw=raw,
    )


def other_than_requested(
    backup: str, snapshot_id: str, named: str, rows: Iterable[Raw]
) -> tuple[echo.Difference, ...]:
    """Return where a response of ``/show/backup`` names only something else than was requested. ``named`` is its own
    ``backup_name``, ``rows`` its ``backup_ids``."""
    listed = [row for raw in rows for row in _spread(raw)]
    names = {named} if named else {owner for row in listed if (owner := get(row, "of_backup"))}
    ids = {found.strip() for row in listed if (found := get(row, "id"))}
    reported = [
        (what, min(values))
        for what, requested, values in ((echo.BACKUP, backup, names), (echo.SNAPSHOT, snapshot_id, ids))
        if values and requested not in values
    ]
    return echo.differences({echo.BACKUP: backup, echo.SNAPSHOT: snapshot_id}, reported)
