"""The words that need quotes as a name: those of SQL-92, later ones that databases commonly reserve, and those of the
statement itself. No list of Kinetica's is at hand; one too many costs a pair of quotes, one too few a refusal."""

from __future__ import annotations

_WORDS = """
    absolute action add all allocate alter and any are array as asc asensitive assertion asymmetric at atomic
    authorization avg backup begin between bigint binary bit bit_length blob boolean both by call called cardinality
    cascade cascaded case cast catalog ceil ceiling char char_length character character_length check clob close
    coalesce collate collation collect column commit condition connect connection constraint constraints context
    continue convert corr corresponding count create credential cross cube current current_catalog current_date
    current_path current_role current_row current_schema current_time current_timestamp current_user cursor cycle data
    date day deallocate dec decimal declare default deferrable deferred delete desc describe descriptor deterministic
    diagnostics directory disallow disconnect distinct domain double drop dynamic each element else empty end
    end_exec environment equals escape every except exception exec execute exists exp explain extend external extract
    false fetch filter first first_value float floor for foreign found frame_row free from full function fusion get
    global go goto grant graph group grouping groups having hold hour identity immediate import in indicator initial
    initially inner inout input insensitive insert int integer intersect intersection interval into is isolation join
    json key lag language large last last_value lateral lead leading left level like limit ln local localtime
    localtimestamp lower match matches max measures member merge method min minute mod modifies module month multiset
    names national natural nchar nclob new next no none normalize not nth_value ntile null nullif numeric object objects
    octet_length of offset old omit on one only open option options or order out outer output over overlaps overlay
    pad parameter partial partition pattern per percent percent_rank period permute portion position power precedes
    precision prepare preserve primary prior privileges procedure public range rank read reads real recursive ref
    references referencing relative release replace reset resource restore restrict result return returns revoke right
    role rollback rollup row row_number rows running savepoint schema scope scroll search second section seek select
    sensitive session session_user set show similar sink size skip smallint some source space specific specifictype sql
    sqlcode sqlerror sqlexception sqlstate sqlwarning sqrt start static stream submultiset subset substring succeeds
    sum symmetric system system_time system_user table tablesample temporary then time timestamp timezone_hour
    timezone_minute tinyint to trailing transaction translate translation treat trigger trim true truncate uescape
    union unique unknown unnest update upper upsert usage user using value values varbinary varchar varying versioning
    view when whenever where width_bucket window with within without work write year zone
"""

RESERVED = frozenset(_WORDS.split())
