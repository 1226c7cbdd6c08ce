"""What the shop has: its tables with their sizes, and everything else in the nightly backup, as plain data.

Sizes are those of today; ``shop`` works out what older snapshots held. They are invented, and meant to look
like those of a middling web shop.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class TableSpec(NamedTuple):
    """``records`` as of today, ``width`` in bytes per record, ``growth`` per day as a fraction of the records.

    ``days`` is how many days ago the table came into being; ``gone`` how many days ago it was dropped for good.
    ``emptied`` is how many days ago all its records were deleted, ``overloaded`` how many days ago a bad load made it
    ten times as large. ``references`` are the tables that its foreign keys point at.
    """

    name: str
    records: int
    width: int
    growth: float = 0.0
    subscription: str = ""
    days: float = 10_000.0
    gone: float = -1.0
    references: tuple[str, ...] = ()
    emptied: float = -1.0
    overloaded: float = -1.0

    def records_at(self, age: float) -> int:
        """How many records it had so many days ago."""
        if age <= self.emptied:
            return 0
        records = max(round(self.records * (1 - self.growth * age)), self.records // 20)
        return 10 * records if age <= self.overloaded else records


@dataclass(frozen=True)
class Stock:
    """Tables (views have no records), and the objects of the other types as (type, name)."""

    tables: tuple[TableSpec, ...]
    others: tuple[tuple[str, str], ...]


NIGHTLY_SHOP = Stock(
    tables=(
        TableSpec("sales.customers", 412_806, 340, 0.0011),
        TableSpec("sales.orders", 5_871_042, 212, 0.0024, "active"),
        TableSpec("sales.order_items", 19_530_377, 96, 0.0025),
        TableSpec("sales.payments", 5_902_118, 148, 0.0024, "active"),
        TableSpec("sales.refunds", 203_551, 164, 0.0021),
        TableSpec("sales.shipments", 5_640_226, 188, 0.0023, "paused"),
        TableSpec("sales.invoices", 5_866_910, 260, 0.0024),
        TableSpec("sales.returns", 611_097, 172, 0.0022),
        TableSpec("sales.promotions", 1_284, 420, 0.0009),
        TableSpec("sales.price_list", 88_412, 76, 0.0004),
        TableSpec("sales.gift_cards", 9_377, 132, 0.011, "", 6.0),
        TableSpec("sales.legacy_coupons", 41_020, 90, 0.0, "", 10_000.0, 5.0),
        TableSpec("sales.v_daily_revenue", 0, 0),
        TableSpec("sales.v_open_orders", 0, 0),
        TableSpec("sales.v_top_customers", 0, 0),
        TableSpec("inventory.warehouses", 38, 310),
        TableSpec("inventory.stock_levels", 1_204_300, 64, 0.0002),
        TableSpec("inventory.stock_movements", 33_870_559, 84, 0.0019),
        TableSpec("inventory.suppliers", 2_117, 380, 0.0003),
        TableSpec("inventory.purchase_orders", 148_902, 205, 0.0016),
        TableSpec("inventory.v_low_stock", 0, 0),
        TableSpec("web.page_views", 241_668_190, 118, 0.0052, "active"),
        TableSpec("web.sessions", 27_340_771, 142, 0.0049),
        TableSpec("web.cart_events", 61_027_448, 104, 0.0051),
        TableSpec("web.search_terms", 8_445_120, 58, 0.0037),
        TableSpec("web.campaigns", 3_190, 510, 0.0008),
        TableSpec("web.v_funnel", 0, 0),
    ),
    others=(
        ("context", "sales.ctx_orders"),
        ("credential", "sales.erp_login"),
        ("datasink", "sales.invoice_bucket"),
        ("datasource", "sales.order_feed"),
        ("function_environment", "sales.py_forecast"),
        ("graph", "sales.delivery_routes"),
        ("monitor", "sales.new_orders_stream"),
        ("stored_procedure", "sales.close_day"),
        ("user_defined_function", "sales.forecast_demand"),
        ("credential", "inventory.supplier_sftp"),
        ("datasource", "inventory.supplier_files"),
        ("datasink", "inventory.reorder_webhook"),
        ("monitor", "inventory.low_stock_alerts"),
        ("stored_procedure", "inventory.reorder_stock"),
        ("context", "web.ctx_behaviour"),
        ("datasource", "web.click_feed"),
        ("user_defined_function", "web.parse_user_agent"),
        ("user", "ana"),
        ("user", "bjorn"),
        ("user", "chen"),
        ("user", "etl_loader"),
        ("user", "report_reader"),
        ("role", "analysts"),
        ("role", "loaders"),
        ("role", "seasonal_staff"),
        ("resource_group", "rg_batch"),
        ("resource_group", "rg_interactive"),
        ("resource_group", "rg_campaign"),
    ),
)

LIVE_OF_NIGHTLY = frozenset(
    {
        "inventory.warehouses",
        "inventory.stock_levels",
        "inventory.stock_movements",
        "web.page_views",
        "web.sessions",
        "web.cart_events",
        "inventory.supplier_sftp",
        "inventory.supplier_files",
        "inventory.reorder_stock",
        "web.click_feed",
        "ana",
        "bjorn",
        "etl_loader",
        "report_reader",
        "analysts",
        "loaders",
        "rg_batch",
        "rg_interactive",
    }
)
"""What is still there of the nightly backup. The schema ``sales`` was dropped this afternoon, with all in it."""

DROPPED_TABLE, EMPTIED_TABLE, OVERLOADED_TABLE = "sales.orders", "sales.payments", "inventory.stock_levels"
"""What has become of them in the story *find*."""


def shop_of_find(dropped: float) -> Stock:
    """The shop in the story *find*: the one table was dropped so many days ago."""

    def changed(spec: TableSpec) -> TableSpec:
        if spec.name == DROPPED_TABLE:
            return spec._replace(gone=dropped)
        if spec.name == EMPTIED_TABLE:
            return spec._replace(emptied=2.0)
        return spec._replace(overloaded=3.0) if spec.name == OVERLOADED_TABLE else spec

    return Stock(tuple(map(changed, NIGHTLY_SHOP.tables)), NIGHTLY_SHOP.others)


def sales_and_inventory(shop: Stock) -> Stock:
    """The part of the shop that the backup of the story *find* holds."""
    schemas = ("sales.", "inventory.")
    return Stock(
        tuple(spec for spec in shop.tables if spec.name.startswith(schemas)),
        tuple(other for other in shop.others if other[1].startswith(schemas)),
    )


LIVE_IN_FIND = (
    LIVE_OF_NIGHTLY
    | {
        spec.name
        for spec in NIGHTLY_SHOP.tables
        if spec.name.startswith("sales.") and spec.name != DROPPED_TABLE and spec.gone < 0
    }
    | {name for _, name in NIGHTLY_SHOP.others if name.startswith("sales.")}
)

NIGHTLY_CRM = Stock(
    tables=(
        TableSpec("crm.accounts", 60_233, 420, 0.0008),
        TableSpec("crm.contacts", 188_940, 366, 0.0009),
        TableSpec("crm.tickets", 1_466_021, 640, 0.0031, references=("crm.accounts",)),
        TableSpec("crm.calls", 902_775, 230, 0.0028),
        TableSpec("crm.notes", 3_120_448, 512, 0.0026),
        TableSpec("crm.v_open_tickets", 0, 0),
    ),
    others=(
        ("datasource", "crm.mailbox_feed"),
        ("context", "crm.ctx_support"),
        ("monitor", "crm.escalations"),
        ("role", "support_agents"),
    ),
)
LIVE_OF_CRM = frozenset({"crm.accounts", "crm.contacts", "crm.mailbox_feed", "support_agents"})
DAMAGED_IN_CRM = "crm.tickets"

AUDIT_TRAIL = Stock(
    tables=(
        TableSpec("audit.logins", 4_812_077, 180, 0.0031),
        TableSpec("audit.permission_changes", 48_210, 260, 0.0012),
        TableSpec("audit.data_exports", 19_344, 410, 0.0022),
        TableSpec("audit.api_calls", 26_775_903, 150, 0.004),
    ),
    others=(("monitor", "audit.failed_logins"),),
)
LIVE_OF_AUDIT = frozenset({"audit.logins", "audit.permission_changes"})
DAMAGED_IN_AUDIT = "audit.logins"
EMPTY_IN_AUDIT = "audit.permission_changes"

NEVER_BACKED_UP = (TableSpec("billing.reminders", 4_120, 310, references=("crm.accounts",)),)
"""Live tables that no backup holds."""

PLATFORM_CONFIG = Stock(
    tables=(TableSpec("ki_home.release_notes", 212, 900), TableSpec("ki_home.feature_flags", 96, 140)),
    others=(
        ("user", "ci_runner"),
        ("user", "dba_oncall"),
        ("user", "ldap_sync"),
        ("user", "m.okafor"),
        ("role", "auditors"),
        ("role", "dba"),
        ("role", "read_everything"),
        ("resource_group", "rg_default"),
        ("resource_group", "rg_etl_night"),
        ("credential", "ki_home.azure_sas"),
        ("credential", "ki_home.kafka_login"),
        ("credential", "ki_home.s3_writer"),
        ("datasink", "ki_home.audit_topic"),
        ("datasink", "ki_home.export_bucket"),
        ("datasource", "ki_home.landing_zone"),
        ("function_environment", "py311_geo"),
        ("function_environment", "py311_ml"),
        ("user_defined_function", "geocode"),
        ("stored_procedure", "ki_home.rotate_partitions"),
        ("monitor", "ki_home.login_failures"),
        ("graph", "ki_home.network_map"),
        ("context", "ki_home.ctx_platform"),
        ("catalog", "lakehouse"),
        ("directory", "ci_artifacts"),
        ("directory", "~dba_oncall"),
    ),
)
LIVE_OF_PLATFORM = frozenset(
    {
        "ki_home.feature_flags",
        "ki_home.s3_writer",
        "ki_home.landing_zone",
        "py311_geo",
        "~dba_oncall",
        "ci_runner",
        "dba_oncall",
        "dba",
        "rg_default",
    }
)

PERMISSIONS: dict[str, tuple[tuple[str, str], ...]] = {
    "chen": (
        ("table_read", "sales.orders"),
        ("table_read", "sales.customers"),
        ("table_read", "web.sessions"),
    ),
    "seasonal_staff": (("table_read", "sales.orders"), ("table_insert", "sales.gift_cards")),
    "analysts": (("table_read", "sales.orders"), ("table_read", "web.sessions")),
    "loaders": (("table_insert", "sales.orders"), ("system_write", "")),
    "support_agents": (("table_read", "crm.tickets"),),
    "dba": (("system_admin", ""),),
}
"""What users and roles may do: (permission, the object that it is on, or empty for the whole system)."""

HR_QUARTERLY = Stock(
    tables=(
        TableSpec("hr.employees", 1_914, 610, 0.0004),
        TableSpec("hr.contracts", 2_630, 1_180, 0.0004),
        TableSpec("hr.absences", 48_207, 92, 0.0011),
    ),
    others=(("role", "hr_team"), ("credential", "hr.payroll_login")),
)

EMEA_ORDERS = Stock(
    tables=(
        TableSpec("emea.orders", 2_240_019, 218, 0.0018),
        TableSpec("emea.order_items", 7_630_552, 97, 0.0018),
        TableSpec("emea.vat_rates", 412, 60),
        TableSpec("emea.stores", 186, 720, 0.0001),
    ),
    others=(("datasource", "emea.pos_feed"), ("context", "emea.ctx_vat")),
)

BIG_SCHEMAS = ("dw_audit", "dw_core", "dw_finance", "dw_history", "dw_mart", "dw_staging")
BIG_SUBJECTS = (
    "fact_sales",
    "fact_clicks",
    "fact_stock",
    "fact_returns",
    "dim_customer",
    "dim_product",
    "agg_daily",
    "agg_store",
    "bridge_campaign",
    "log_changes",
)
