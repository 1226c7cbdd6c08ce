"""The world to practise on: a web shop, in the evening of the day on which somebody dropped the schema ``sales``.

Generated from a seed and a moment; the same two give the same world, down to ids and sizes.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone

from restore_tui.demo.model import (
    BackedUpObject,
    Backup,
    DataSource,
    DeletedSnapshot,
    LiveObject,
    World,
    epoch_milliseconds,
)
from restore_tui.demo.seed import BAD_SNAPSHOTS, BUSY, DEFAULT_STORY, FIND, known_story, stock
from restore_tui.demo.seed.snapshots import Series, live_objects

S3 = "dr_bucket_s3"
AZURE = "emea_archive_azure"
GCS = "finance_vault_gcs"
HDFS = "hq_cluster_hdfs"
KAFKA = "orders_topic_kafka"


def build_world(
    *, now: datetime | None = None, seed: int = 7, big_tables: int = 6000, story: str = DEFAULT_STORY
) -> World:
    """A seeded world as of ``now`` (with a zone; default: the current UTC time). Raises ValueError otherwise.

    ``big_tables`` is the number of tables in the backup ``warehouse_big``. ``story`` is one of ``STORIES``; each has
    the backups of the default one.
    """
    known_story(story)
    moment = datetime.now(timezone.utc) if now is None else now
    if moment.utcoffset() is None:
        raise ValueError("now needs a time zone")
    if big_tables < 0:
        raise ValueError(f"the number of tables cannot be negative: {big_tables}")
    moment = moment.astimezone(timezone.utc)
    world = World(now=moment, random=random.Random(seed))
    for source in _datasources():
        world.datasources[source.name] = source
    shop = stock.shop_of_find(_days_since_the_drop(moment)) if story == FIND else stock.NIGHTLY_SHOP
    world.add_backup(_nightly_shop(world, shop))
    world.add_backup(_nightly_crm(world))
    world.add_backup(_weekly_shop(world, shop))
    world.add_backup(_ddl_only(world, shop))
    for build in (_empty, _platform, _hr, _emea):
        world.add_backup(build(world))
    world.add_backup(_warehouse(world, big_tables))
    for held, names in (
        (shop, stock.LIVE_IN_FIND if story == FIND else stock.LIVE_OF_NIGHTLY),
        (stock.NIGHTLY_CRM, stock.LIVE_OF_CRM),
        (stock.PLATFORM_CONFIG, stock.LIVE_OF_PLATFORM),
    ):
        world.add_live(live_objects(held, names, moment))
    never = stock.Stock(stock.NEVER_BACKED_UP, ())
    world.add_live(live_objects(never, frozenset(spec.name for spec in never.tables), moment))
    # A schema may exist without anything in it.
    world.schemas |= {"ki_home", "hr", "dw_core", "dw_staging"}
    if story == BAD_SNAPSHOTS:  # last, so that the backups before it draw the same numbers in every story
        world.add_backup(_audit_trail(world))
        world.add_live(live_objects(stock.AUDIT_TRAIL, stock.LIVE_OF_AUDIT, moment))
    if story == FIND:
        world.add_backup(_sales_full(world, shop))
    if story == BUSY:
        world.busy_schema = "inventory"
    return world


def _days_since_the_drop(now: datetime) -> float:
    """Since yesterday, 16:20 UTC."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return (now - (midnight - timedelta(days=1) + timedelta(hours=16, minutes=20))) / timedelta(days=1)


def _datasources() -> Iterator[DataSource]:
    yield DataSource(
        S3,
        "s3",
        {
            "location": "s3",
            "s3_bucket_name": "shop-dr-backups",
            "s3_region": "eu-central-1",
            "credential": "ki_home.s3_writer",
            "user_name": "",
            "use_https": "true",
            "verify_ssl": "true",
        },
    )
    yield DataSource(
        AZURE,
        "azure",
        {
            "location": "azure",
            "azure_storage_account_name": "emeaarchive",
            "azure_container_name": "kinetica",
            "credential": "ki_home.azure_sas",
            "user_name": "",
        },
    )
    yield DataSource(
        GCS,
        "gcs",
        {
            "location": "gcs",
            "gcs_bucket_name": "finance-vault",
            "gcs_project_id": "shop-finance",
            "user_name": "finance_backup",
        },
        readable=False,
    )
    yield DataSource(
        HDFS,
        "hdfs",
        {
            "location": "hdfs://namenode.hq.example:8020",
            "hdfs_kerberos_keytab": "",
            "user_name": "kinetica",
            "wait_timeout": "30",
        },
    )
    yield DataSource(
        KAFKA,
        "kafka",
        {"location": "kafka://broker1.shop.example:9092", "kafka_topic_name": "orders", "user_name": ""},
    )


def _nightly_shop(world: World, shop: stock.Stock) -> Backup:
    """A full backup every week, an incremental one every twelve hours, for eleven days; two were deleted."""
    series = Series(world, "nightly_shop", S3, "Shop: full every week, incremental every 12 hours")
    moments = _last_moments(world, 22, timedelta(hours=12), hours_ago=7)
    fulls = {moments[0], moments[4], moments[18]}
    incrementals = [moment for moment in moments if moment not in fulls]
    comments = {incrementals[-5]: "before the price import", incrementals[-12]: "before release 4.2"}
    for moment in moments:
        if moment in (incrementals[2], incrementals[5]):
            removed = moment + timedelta(days=2, hours=7)
            series.backup.deleted.append(DeletedSnapshot(epoch_milliseconds(moment), removed, "incremental"))
            continue
        kind = "full" if moment in fulls else "incremental"
        series.add(kind, moment, shop, comment=comments.get(moment, ""))
    return series.backup


def _nightly_crm(world: World) -> Backup:
    """The newest snapshot has a damaged file."""
    series = Series(world, "nightly_crm", S3, "CRM: nightly")
    moments = _last_moments(world, 6, timedelta(days=1), hours_ago=18)
    for index, moment in enumerate(moments):
        damaged = stock.DAMAGED_IN_CRM if index == len(moments) - 1 else ""
        series.add("full" if index == 0 else "incremental", moment, stock.NIGHTLY_CRM, damaged=damaged)
    return series.backup


def _weekly_shop(world: World, shop: stock.Stock) -> Backup:
    series = Series(world, "weekly_shop", S3, "Shop: full every four weeks, differential in between")
    for index, moment in enumerate(_last_moments(world, 9, timedelta(days=7), hours_ago=17)):
        series.add("full" if index % 4 == 0 else "differential", moment, shop)
    return series.backup


def _ddl_only(world: World, shop: stock.Stock) -> Backup:
    series = Series(world, "ddl_only_monthly", S3, "Definitions only, no data")
    for moment in _last_moments(world, 4, timedelta(days=30), hours_ago=16):
        series.add("full", moment, shop, ddl_only=True, comment="DDL only")
    return series.backup


def _empty(world: World) -> Backup:
    return Series(world, "empty_backup", S3, "Created for the new region, never run", days=12).backup


def _platform(world: World) -> Backup:
    series = Series(
        world, "platform_config", HDFS, "Users, roles, resource groups, credentials and connections"
    )
    for moment in _last_moments(world, 5, timedelta(days=7), hours_ago=20):
        series.add("full", moment, stock.PLATFORM_CONFIG)
    return series.backup


def _hr(world: World) -> Backup:
    series = Series(world, "hr_quarterly", HDFS, "HR, kept for seven years")
    for moment in _last_moments(world, 3, timedelta(days=91), hours_ago=20):
        series.add("full", moment, stock.HR_QUARTERLY)
    return series.backup


def _emea(world: World) -> Backup:
    """Made by another cluster, of six ranks, whose server tells times without a zone."""
    series = Series(world, "emea_orders", AZURE, "Copied from the EMEA cluster", ranks=6)
    series.backup.zoned = False
    series.backup.cluster_id = "kin-emea-2"
    series.backup.host_name = "kinetica-emea-01"
    for index, moment in enumerate(_last_moments(world, 4, timedelta(days=7), hours_ago=15)):
        series.add("full" if index == 0 else "differential", moment, stock.EMEA_ORDERS)
    return series.backup


def _warehouse(world: World, big_tables: int) -> Backup:
    """Thousands of tables. Its three snapshots share one tuple of objects: what is large is made once."""
    series = Series(world, "warehouse_big", S3, "Data warehouse, all schemas")
    schemas = _big_schemas(big_tables)
    objects = tuple(_big_table(schemas, number, world.random.random) for number in range(big_tables))
    for index, moment in enumerate(_last_moments(world, 3, timedelta(days=7), hours_ago=21)):
        series.add_objects("full" if index == 0 else "differential", moment, objects)
    # Two of them are live: enough for a conflict among thousands.
    world.add_live(LiveObject("table", t.name, t.records, t.bytes) for t in objects[1:3])
    return series.backup


def _audit_trail(world: World) -> Backup:
    """Of its snapshots only the oldest is healthy, and in that one a table is empty that has records today."""
    series = Series(world, "audit_trail", S3, "Audit: who did what and when")
    healthy, damaged, base, baseless, failed, running = _last_moments(
        world, 6, timedelta(days=1), hours_ago=1
    )
    held = series.objects_at(healthy, stock.AUDIT_TRAIL)
    series.add_objects(
        "full",
        healthy,
        tuple(_without_records(thing) if thing.name == stock.EMPTY_IN_AUDIT else thing for thing in held),
    )
    held = series.objects_at(damaged, stock.AUDIT_TRAIL, damaged=stock.DAMAGED_IN_AUDIT)
    number = epoch_milliseconds(damaged)
    series.add_objects(
        "full",
        damaged,
        tuple(replace(t, damage=_damage(t, number)) if t.damaged_file else t for t in held),
    )
    removed = baseless + timedelta(hours=9)
    series.backup.deleted.append(DeletedSnapshot(epoch_milliseconds(base), removed, "full"))
    series.add("incremental", baseless, stock.AUDIT_TRAIL)
    series.add_objects("full", failed, series.objects_at(failed, stock.AUDIT_TRAIL)[:2], status="failed")
    held = series.objects_at(running, stock.AUDIT_TRAIL)
    series.add_objects("full", running, tuple(map(_without_records, held)), status="in_progress")
    return series.backup


def _sales_full(world: World, shop: stock.Stock) -> Backup:
    """A full backup every six hours, for ten days."""
    series = Series(world, "sales_full", S3, "Sales and inventory: full every 6 hours", days=60)
    for moment in _last_moments(world, 40, timedelta(hours=6), hours_ago=5):
        series.add("full", moment, stock.sales_and_inventory(shop))
    return series.backup


def _without_records(thing: BackedUpObject) -> BackedUpObject:
    return replace(thing, records=0, bytes=0, files=0)


def _damage(thing: BackedUpObject, snapshot_id: int) -> str:
    """A long message, whose last words are the ones that matter."""
    return (
        f"Verification of backup ID '{snapshot_id}' of backup 'audit_trail' via data source '{S3}' read file "
        f"'s3://shop-dr-backups/kinetica/backups/audit_trail/{snapshot_id}/rank_2/tom_0/{thing.damaged_file}' of "
        f"{thing.type} '{thing.name}' 3 times in 3 attempts, each time in full; the checksum recorded when the file "
        "was written is 9f21b6d4, the checksum of the file as it is stored now is 17c04e8a: checksum mismatch"
    )


def _big_schemas(big_tables: int) -> Sequence[str]:
    """Six for up to a thousand tables each; of more tables a schema has 250, as large clusters do."""
    names = stock.BIG_SCHEMAS
    if big_tables <= 1000 * len(names):
        return names
    return [f"{names[n % len(names)]}_{n // len(names):03}" for n in range(big_tables // 250)]


def _big_table(schemas: Sequence[str], number: int, chance: Callable[[], float]) -> BackedUpObject:
    schema = schemas[number % len(schemas)]
    block = number // len(schemas)
    subject = stock.BIG_SUBJECTS[block % len(stock.BIG_SUBJECTS)]
    month = block // len(stock.BIG_SUBJECTS)
    records = int(10 ** (2 + 5 * chance()))
    return BackedUpObject(
        "table",
        f"{schema}.{subject}_{2018 + month // 12}_{month % 12 + 1:02}",
        records=records,
        bytes=records * 96,
        files=1 + records // 2_000_000,
    )


def _last_moments(world: World, number: int, step: timedelta, *, hours_ago: int) -> list[datetime]:
    """The last ``number`` times of a schedule, oldest first, the newest so many full hours ago.

    It counts back from now and knows no hour of the day: which backup is the newest one, and with it where a
    newcomer's first keys lead, is the same at noon and at midnight. Each run starts some seconds late, as cron jobs do.
    """
    newest = world.now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=hours_ago)
    late = [timedelta(milliseconds=world.random.randrange(3_000, 29_000)) for _ in range(number)]
    return [newest - step * (number - 1 - index) + late[index] for index in range(number)]
