"""What the operator has chosen so far, for the parts of a session: the server, the plan, the execution mode, and the
names that were typed because no list has them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from restore_tui.restore.plan.availability import version_problems
from restore_tui.restore.plan.plan import Part, PlanUpdate, Problem, RestorePlan
from restore_tui.restore.server_reads import ServerReads

if TYPE_CHECKING:
    from restore_tui.kinetica.client import ServerInfo


class Choices:
    """Starts without a server. What a choice had to clear is returned, in words."""

    def __init__(self, mode: str) -> None:
        self.plan = RestorePlan()
        self.mode = mode
        self.manual_names: dict[str, tuple[str, ...]] = {}
        self._manual_places: dict[tuple[str, ...], tuple[str, ...]] = {}
        self._reads: ServerReads | None = None

    # The server

    @property
    def is_connected(self) -> bool:
        return self._reads is not None

    @property
    def reads(self) -> ServerReads:
        """The server in use. Raises RuntimeError before there is one."""
        if self._reads is None:
            raise RuntimeError("connect first")
        return self._reads

    def use_server(self, reads: ServerReads) -> bool:
        """Take a server into use. Returns whether it is another one than before, or another user: then only the options
        of the plan are kept."""
        before, self._reads = self._reads, reads
        if before is None or before.identity == reads.identity:
            return False
        self.manual_names.clear()
        self._manual_places.clear()
        self.plan = RestorePlan(options=self.plan.options)
        return True

    def answers_as(self, server: ServerInfo) -> None:
        """Note what the server in use says of itself now: as another cluster, nothing that was read before is its."""
        if server.cluster == self.reads.server.cluster:
            self.reads.server = server
        else:
            self._reads = ServerReads(self.reads.client, server)

    # The plan

    def adopt(self, update: PlanUpdate) -> str:
        """Take a plan that a choice has made."""
        self.plan = update.plan
        return update.cleared

    def problems(self) -> tuple[Problem, ...]:
        """Everything that keeps the plan from a dry run here: what it lacks, and what the server is too old for."""
        version = self._reads.server.version if self._reads is not None else ""
        return (*self.plan.problems(), *version_problems(self.plan, version))

    def start_over(self) -> None:
        """Keep the data source and the backup, and nothing else of the plan."""
        self.plan = RestorePlan(self.plan.data_source, self.plan.backup)
        self.manual_names.clear()

    # What was typed because the server does not list it

    def manual_names_for(self, part: Part) -> tuple[str, ...]:
        """The names of data sources, backups or snapshots that were typed, in the order of typing: of backups those
        for the plan's data source, of snapshots those for its backup."""
        return self._manual_places.get(self._source_of(part), ())

    def add_manual_names(self, part: Part, name: str) -> None:
        """Keep a name that was typed."""
        place = self._source_of(part)
        self._manual_places[place] = tuple(dict.fromkeys([*self._manual_places.get(place, ()), name]))

    def add_manual_objects(self, kind: str, names: Iterable[str]) -> None:
        """Keep names of objects of a type that were typed, in the order of typing."""
        self.manual_names[kind] = tuple(dict.fromkeys([*self.manual_names.get(kind, ()), *names]))

    def _source_of(self, part: Part) -> tuple[str, ...]:
        above = {"backup": (self.plan.data_source,), "snapshot": (self.plan.data_source, self.plan.backup)}
        return (part, *above.get(part, ()))
