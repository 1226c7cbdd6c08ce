"""Data source: through which the backup is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from restore_tui.kinetica.backups import DataSource
from restore_tui.kinetica.identifiers import UNSENDABLE, sending_problem
from restore_tui.kinetica.sanitize import sanitize
from restore_tui.tui.screens.choice_step import SingleChoiceStep
from restore_tui.tui.widgets.details import FactList
from restore_tui.tui.widgets.row_list import Column


class DataSourceScreen(SingleChoiceStep[DataSource]):
    """All data sources that the server lists for this user."""

    step = part = "data_source"
    hint = "Where is the backup stored?"
    noun = "data source"
    loading_text = "Loading the data sources"
    empty_text = "The server lists no data source: there is none, or you may not see it."
    help_topics = (
        "A data source is a named connection to external storage: a bucket, a directory in HDFS. Backups are kept in "
        "storage, and are read through it. Choose the one that the backups were written to.\n\n"
        "The list is what the server shows to this user. Where one is missing, it does not exist or is not yours to "
        "see; t types its name."
    )

    def columns(self) -> Sequence[Column[DataSource]]:
        return (
            Column("Name", lambda s: self.marked(s.name)),
            Column("Provider", lambda s: s.provider, 10),
            Column("Location", lambda s: s.location, least=24, drop=1),
        )

    def raw_of(self, item: DataSource) -> Mapping[str, str]:
        return item.raw

    def typed_item(self, name: str) -> DataSource:
        return DataSource(name, "(typed)", {})

    def typing_problem(self, name: str) -> str:
        return f"{sanitize(name, 60)}: {sending_problem(name)}" if UNSENDABLE in name else ""

    def details_of(self, item: DataSource) -> FactList:
        return FactList((("Name", item.name), ("Provider", item.provider), ("Location", item.location)))

    async def load(self, *, fresh: bool) -> None:
        listed = await self.session.data_sources(fresh=fresh)
        self.with_typed(listed, listed)

    def key_of(self, item: DataSource) -> str:
        return item.name

    def chosen_key(self) -> str:
        return self.wizard.plan.data_source

    def take(self, item: DataSource) -> str:
        return self.session.choose_data_source(item.name)
