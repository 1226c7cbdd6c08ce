"""The SQL text, read back by a parser of the documented grammar that is written here and knows nothing of ours."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest
from hypothesis import assume, given

from restore_tui.kinetica import reference
from restore_tui.kinetica.sanitize import sanitize
from restore_tui.restore.export import ConnectionInfo, Snippet, snippet
from restore_tui.restore.plan.plan import RestorePlan
from restore_tui.restore.plan.request import restore_body
from tests.harness.plans import plan, plans
from tests.harness.snippets import all_plans, hostile_plans

ACCESS = ConnectionInfo("http://kinetica:9191")

# As documented; graph, catalog and directory have no word, and the others are the API's in capitals.
DIFFERENT = {
    "DATA SINK": "datasink",
    "DATA SOURCE": "datasource",
    "FUNCTION": "user_defined_function",
    "FUNCTION ENVIRONMENT": "function_environment",
    "PROCEDURE": "stored_procedure",
    "RESOURCE GROUP": "resource_group",
    "STREAM": "monitor",
}
WORDLESS = {"graph", "catalog", "directory"}
LATER = {
    "reingest",
    "restore_subscriptions",
    "restore_all_permissions",
    "target_schema_map",
    "cascade_foreign_keys",
}
"""The options of the API that no page on SQL documents."""
TOKEN = re.compile(
    r"""\s*(?:(?P<name>"(?:[^"]|"")*"|[a-z_][a-z0-9_]*)|(?P<text>'(?:[^']|'')*')"""
    r"""|(?P<word>[A-Z_]+)|(?P<sign>[=(),.;]))"""
)


@dataclass
class Statement:
    """``RESTORE BACKUP``, read."""

    backup: str = ""
    source: str = ""
    objects: dict[str, list[str]] = field(default_factory=dict)
    options: dict[str, str] = field(default_factory=dict)


class Parser:
    def __init__(self, text: str) -> None:
        self.tokens: list[tuple[str, str]] = []
        position = 0
        rest = "\n".join(line for line in text.split("\n") if not line.startswith("--")).rstrip()
        while position < len(rest):
            found = TOKEN.match(rest, position)
            assert found is not None, rest[position : position + 40]
            self.tokens.append((str(found.lastgroup), found[str(found.lastgroup)]))
            position = found.end()

    def statement(self) -> Statement:
        read = Statement()
        self.words("RESTORE", "BACKUP")
        read.backup = self.name()
        self.words("DATA", "SOURCE")
        self.sign("=")
        read.source = self.qualified()
        self.words("OBJECTS")
        self.sign("(")
        while self.tokens[0][0] == "word":
            word = self.word()
            while self.tokens[0][0] == "word":
                word += f" {self.word()}"
            self.sign("=")
            kind = DIFFERENT.get(word, word.lower())
            assert kind not in read.objects
            read.objects[kind] = [self.qualified()]
            while self.takes(","):
                if self.tokens[0][0] == "word":
                    break
                read.objects[kind].append(self.qualified())
        self.sign(")")
        self.words("WITH", "OPTIONS")
        self.sign("(")
        while True:
            name = self.word()
            self.sign("=")
            read.options[name.lower()] = self.take("text")[1:-1].replace("''", "'")
            if not self.takes(","):
                break
        self.sign(")")
        self.sign(";")
        assert not self.tokens
        return read

    def take(self, kind: str) -> str:
        assert self.tokens[0][0] == kind, self.tokens[:3]
        return self.tokens.pop(0)[1]

    def takes(self, sign: str) -> bool:
        if self.tokens[0] != ("sign", sign):
            return False
        self.tokens.pop(0)
        return True

    def sign(self, sign: str) -> None:
        assert self.takes(sign), self.tokens[:3]

    def word(self) -> str:
        return self.take("word")

    def words(self, *words: str) -> None:
        assert [self.word() for _ in words] == list(words)

    def name(self) -> str:
        token = self.take("name")
        return token[1:-1].replace('""', '"') if token.startswith('"') else token

    def qualified(self) -> str:
        name = self.name()
        return f"{name}.{self.name()}" if self.takes(".") else name


def sql(made: RestorePlan, *, dry_run: bool = True) -> Snippet:
    return snippet("sql", made, ACCESS, dry_run=dry_run)


def sent(made: RestorePlan, dry_run: bool = True) -> Statement:
    """What the request says."""
    body = restore_body(made, dry_run=dry_run)
    objects = {kind: names.split(",") for kind, names in body["restore_objects_map"].items()}
    return Statement(made.backup, made.data_source, objects, body["options"])


def is_sayable(made: RestorePlan) -> bool:
    """Whether SQL has the words and the letters for all of it."""
    said = sent(made)
    names = [name for names in said.objects.values() for name in names]
    texts = (said.backup, said.source, *names, *said.options.values())
    known = set(said.objects) <= reference.TYPE_NAMES - WORDLESS
    return known and all(sanitize(text) == text for text in texts)


PLANS = all_plans()


@given(plans())
def test_it_reads_back_as_the_plan(made: RestorePlan) -> None:
    assume(made.objects and not WORDLESS & set(made.objects.by_type))
    for dry_run in (True, False):
        assert Parser(sql(made, dry_run=dry_run).text).statement() == sent(made, dry_run)


@given(hostile_plans())
def test_what_it_says_is_of_the_plan_and_what_it_leaves_out_is_told(made: RestorePlan) -> None:
    """For any names: either there is no statement, and a reason, or it says nothing that the plan does not, and leaves
    nothing out in silence."""
    written = sql(made)
    if "RESTORE BACKUP" not in written.text:
        assert any(note.startswith("There is no statement:") for note in written.notes)
        return
    read, meant = Parser(written.text).statement(), sent(made)
    assert (read.backup, read.source, read.options) == (meant.backup, meant.source, meant.options)
    assert count(read.objects) <= count(meant.objects)
    for kind, names in read.objects.items():
        assert set(names) <= set(meant.objects[kind])
    told = any("restores less than the request" in note for note in written.notes)
    assert told is (read.objects != meant.objects)


def count(objects: Mapping[str, list[str]]) -> int:
    return sum(map(len, objects.values()))


@pytest.mark.parametrize("name", [name for name, made in PLANS.items() if is_sayable(made)])
def test_every_value_type_and_name_that_can_be_said(name: str) -> None:
    assert Parser(sql(PLANS[name]).text).statement() == sent(PLANS[name])


def test_an_example_whole() -> None:
    made = plan(
        {
            "all": ["sales"],
            "datasink": ["ops.hook"],
            "table": ["My Shop.Order", "sales.orders", "x.user"],
            "user": ["j.doe"],
        },
        {"restore_policy": "rename", "renamed_objects_schema": "it's old"},
    )
    text = sql(made, dry_run=False).text
    assert text[text.index("RESTORE BACKUP") :] == (
        'RESTORE BACKUP "nightly"\n'
        'DATA SOURCE = "s3"\n'
        "OBJECTS (\n"
        "    ALL =\n"
        '        "sales",\n'
        "    DATA SINK =\n"
        '        "ops"."hook",\n'
        "    TABLE =\n"
        '        "My Shop"."Order",\n'
        '        "sales"."orders",\n'
        '        "x"."user",\n'
        "    USER =\n"
        '        "j.doe"\n'
        ")\n"
        "WITH OPTIONS (\n"
        "    BACKUP_ID = '1732000000000',\n"
        "    RESTORE_POLICY = 'rename',\n"
        "    RENAMED_OBJECTS_SCHEMA = 'it''s old',\n"
        "    DRY_RUN = 'false'\n"
        ");\n"
    )


@pytest.mark.parametrize("kind", [*sorted(WORDLESS), "a type of tomorrow"])
def test_a_type_without_a_word_is_left_out_and_named(kind: str) -> None:
    written = sql(plan({kind: ["a.b", "a.c"], "table": ["sales.orders"]}))
    assert Parser(written.text).statement().objects == {"table": ["sales.orders"]}
    assert any(kind in note and "2 objects" in note and "restores less" in note for note in written.notes)


@pytest.mark.parametrize("objects", [{"graph": ["a.b"]}, {"table": ["line\nbreak", "bidi\u202e"]}])
def test_where_nothing_would_be_left_there_is_no_statement(objects: dict[str, list[str]]) -> None:
    """An empty statement might mean everything."""
    written = sql(plan(objects))
    assert all(line.startswith("-- ") for line in written.text.splitlines())
    assert any("There is no statement" in note for note in written.notes)


def test_a_name_that_acts_on_a_terminal_is_left_out() -> None:
    written = sql(plan({"table": ["sales.orders", "sales.\x1b]0;x\x07"]}))
    assert Parser(written.text).statement().objects == {"table": ["sales.orders"]}
    assert any("1 name of the type table cannot be written harmlessly" in note for note in written.notes)


@pytest.mark.parametrize(
    "broken",
    [
        plan(backup="a\nb"),
        plan(options={"restore_policy": "rename", "renamed_objects_schema": "\u202e"}),
    ],
)
def test_a_backup_or_value_that_acts_on_a_terminal_leaves_no_statement(broken: RestorePlan) -> None:
    """Without its backup or one of its options it would be another restore."""
    assert "RESTORE BACKUP" not in sql(broken).text


@given(plans())
def test_options_that_no_page_on_sql_has_are_named_and_no_others(made: RestorePlan) -> None:
    """Seven options are documented in SQL; of the later ones the statement says that they are not."""
    notes = [note for note in sql(made).notes if note.startswith("Not documented in SQL: ")]
    later = [name.upper() for name in sent(made).options if name in LATER]
    if "RESTORE BACKUP" not in sql(made).text or not later:
        assert not notes
        return
    (note,) = notes
    assert note.partition(": ")[2].partition(".")[0] == ", ".join(later)


def test_every_option_is_documented_in_sql_or_is_not() -> None:
    """The two sets are all options of the API."""
    documented = {option.name for option in reference.OPTIONS} - LATER
    assert documented == {
        "backup_id",
        "checksum",
        "create_schema_if_not_exist",
        "ddl_only",
        "dry_run",
        "renamed_objects_schema",
        "restore_policy",
    }
    assert not any("Not documented" in n for n in sql(plan(options={"restore_policy": "replace"})).notes)


def test_that_the_documents_disagree_on_a_functions_schema_is_said() -> None:
    """The statement writes what is selected, and a note says that the form is not certain."""
    written = sql(plan({"user_defined_function": ["s.f", "g"], "table": ["s.a"]}))
    assert Parser(written.text).statement().objects["user_defined_function"] == ["g", "s.f"]
    assert any("FUNCTION" in note and "documents disagree" in note for note in written.notes)
    assert not any("documents disagree" in note for note in sql(plan({"table": ["s.a"]})).notes)
