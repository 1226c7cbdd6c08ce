"""Phrases that the glossary has replaced do not appear on the screens, nor in the documentation.

The screens are read from their committed pictures, from the table of faults and from the string literals of the
package. What servers say and what objects are called is exempt: it is not our text.
"""

from __future__ import annotations

import ast
import html
import re
from collections import defaultdict
from functools import cache
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
EXEMPT_PAGES = ("glossary.md",)  # it names the phrases that it replaces

SERVER_TEXT = (
    "writes cannot be cancelled",
    "not cancelled",
    "reply to the cancel: cancelled",
    "Job was cancelled",
    "Internal error while answering",
)
"""What the demo server or a recorded server says, in words that we would not use."""

RETIRED = {
    "answer": ("answer(s|ed|ing)?", "response, respond"),
    "as all": ("as all", "whole schema"),
    "as one long request": ("as one long request", "mode: direct"),
    "As the server says it": ("As the server says it", "raw server fields"),
    "ask": (r"f5 Ask|\| Ask \||Ask again|Asking", "refresh, load"),
    "asked for": ("asked for", "selected, requested"),
    "begun": ("begun|began", "started"),
    "beyond the reference": ("beyond the reference", "not in the 7.2.3.14 API reference"),
    "British spelling": (
        r"(authoris|behaviour|colour|honour|practis)\w*|cancelled|cancelling",
        "US spelling",
    ),
    "catalogue": ("catalogues?", "reference; the object type is catalog"),
    "closed": (r"(schema|map|keys|permissions|subscriptions) closed", "not available"),
    "come back": ("(brought|bring|brings|come|comes|coming) back", "restore; reattach"),
    "did not get to": ("did not get to", "could not"),
    "fate": ("fates?", "result"),
    "fold": ("fold(s|ed)?", "collapse"),
    "foresight": ("foresights?|foresees?|foreseen", "conflict check"),
    "Goes with": ("Goes with", "related options"),
    "journal": ("journals?", "receipts"),
    "ledger": ("ledgers?", "results"),
    "Left alone": ("Left alone", "default behavior"),
    "lets nothing through": ("lets nothing through", "no match"),
    "line, for connection": ("(the|this) line (holds|lives|breaks|drops)", "connection"),
    "look": ("looks? again|looked|looks? what|our (own )?look", "check"),
    "mend": ("mend(s|ed)?", "fix"),
    "misbehave": (r"misbehav\w+", "fault injection"),
    "met an error of its own": ("met an error of its own", "crashed"),
    "newest, no id": ("newest, no id", "latest at restore time"),
    "news": ("news", "drift"),
    "No server was asked": ("No server was asked", "no request was sent"),
    "nobody": ("nobody|somebody", "you, the operator, a user"),
    "noted": ("noted", "recorded"),
    "offer": ("offer(s|ed)?", "available, shown"),
    "overtaken": ("overtaken", "stale"),
    "permit": ("permit(s|ted)?", "confirmation"),
    "put aside": (r"(put|puts|set|sets)( \w+)? aside", "dismiss"),
    "question": ("questions?", "request"),
    "real one": ("the real ones?", "the restore"),
    "rehearse": ("rehears(e|es|ed|al|als)", "dry run"),
    "Rests on": ("Rests on", "evidence"),
    "road": ("road", "steps"),
    "room": ("rooms?", "package; free disk space"),
    "said to": ("said to", "reported as"),
    "sitting": ("sitting", "session"),
    "stage": ("stages?", "step"),
    "take up": ("(take|takes|taking|took|taken) up", "reattach"),
    "takes no job": ("takes? no job|took no job", "does not support background jobs"),
    "throw away": ("thr(ow|ows|own|ew) away", "discard"),
    "Through which one": ("Through which one", "where is the backup stored?"),
    "tick": ("(un)?tick(s|ed|ing)?", "select, selected"),
    "turn round": (r"turns? (\S+ ){1,8}round", "invert the selection"),
    "Type it, please": ("Type it, please", "type the name"),
    "under the policy": ("under the policy", "with restore_policy="),
    "untold": ("untold|is not told", "unknown"),
    "void": ("void", "stale"),
    "way": (r"way: \w+|no way on|(another|the) way (is|that)|another way", "mode"),
    "we see": ("we see|we do not see|we cannot look", "conflict check"),
    "what came of it": ("(became|becomes|came) of", "result, outcome"),
    "What goes wrong": ("What goes wrong", "pitfalls"),
    "Where it is written": ("Where it is written", "documentation"),
    "Which moment": ("Which (moment|series)", "point in time; backup"),
}
"""Phrase → pattern for whole words, in either case, and what to write instead."""

NOT_OUR_TEXT = ("demo", "kinetica/responses/server_messages.py")
"""Parts of the package whose string literals are what servers say."""


@cache
def screens() -> dict[str, str]:
    """Name → text of each screen that is kept as a picture, and of the table of faults."""
    pictures = [*HERE.glob("__snapshots__/**/*.svg"), *(ROOT / "screenshots").glob("*.svg")]
    assert len(pictures) > 100, "the pictures of the screens are not where they were"
    told = {str(picture.relative_to(ROOT)): screen_text(picture) for picture in pictures}
    return told | {"fault_table.md": (HERE / "fault_table.md").read_text(encoding="utf-8")}


@cache
def pages() -> dict[str, str]:
    files = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]
    return {file.name: file.read_text(encoding="utf-8") for file in files if file.name not in EXEMPT_PAGES}


def screen_text(picture: Path) -> str:
    """The text of a picture, row by row from the top."""
    rows: dict[float, list[tuple[float, str]]] = defaultdict(list)
    drawn = r'<text class="[^"]*" x="([\d.]+)" y="([\d.]+)"[^>]*>([^<]*)</text>'
    for x, y, text in re.findall(drawn, picture.read_text(encoding="utf-8")):
        rows[float(y)].append((float(x), html.unescape(text)))
    return "\n".join("".join(text for _, text in sorted(row)) for _, row in sorted(rows.items()))


def uses(phrase: str, texts: dict[str, str]) -> list[str]:
    """Where a phrase stands, with the words around it."""
    pattern = re.compile(rf"(?<!\w)(?:{RETIRED[phrase][0]})(?!\w)", re.IGNORECASE)
    return [
        f"{name}: {line[max(0, found.start() - 30) : found.end() + 30]}"
        for name, line in ((name, ours(text)) for name, text in texts.items())
        for found in pattern.finditer(line)
    ]


@cache
def ours(text: str) -> str:
    """A text without what servers say, in one line."""
    line = " ".join(re.sub("[\u2500-\u259f]", " ", text).split())  # also of frames and scrollbars
    for said in SERVER_TEXT:
        line = line.replace(said, "")
    return line


@cache
def literals() -> dict[str, str]:
    """Where → text of each string literal of the package that reads like text: words with spaces between them, or one
    word with a capital letter. Docstrings are for developers, and names of widgets are not shown."""
    package = ROOT / "restore_tui"
    found: dict[str, str] = {}
    for path in sorted(package.rglob("*.py")):
        name = path.relative_to(package).as_posix()
        if name.startswith(NOT_OUR_TEXT):
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        skipped = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        skipped |= {
            id(argument)
            for node in ast.walk(tree)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "TypeVar"
            for argument in node.args
        }
        for node in ast.walk(tree):
            if id(node) in skipped or not isinstance(node, (ast.Constant, ast.JoinedStr)):
                continue
            parts = node.values if isinstance(node, ast.JoinedStr) else [node]
            skipped.update(id(part) for part in parts if part is not node)
            text = "".join(
                part.value if isinstance(part, ast.Constant) and isinstance(part.value, str) else "…"
                for part in parts
            )
            if re.match(r"[^#.].*\w \w|[A-Z][a-z]+$", text, re.DOTALL):
                found[f"{name}:{node.lineno}"] = text
    assert len(found) > 1000, "the string literals are not found"
    return found


def check(phrase: str, texts: dict[str, str]) -> None:
    found = uses(phrase, texts)
    assert not found, f"{phrase!r} is retired, write {RETIRED[phrase][1]!r}:\n" + "\n".join(found)


@pytest.mark.parametrize("phrase", RETIRED)
def test_screens_have_no_retired_phrase(phrase: str) -> None:
    check(phrase, screens())


@pytest.mark.parametrize("phrase", RETIRED)
def test_literals_have_no_retired_phrase(phrase: str) -> None:
    """Also those that no picture shows: errors, help, reports, the command line."""
    check(phrase, literals())


@pytest.mark.parametrize("phrase", RETIRED)
def test_pages_have_no_retired_phrase(phrase: str) -> None:
    check(phrase, pages())


def test_finds_a_phrase_across_rows_and_colors() -> None:
    """A phrase that a screen breaks between two rows, or draws in two colors, is found."""
    assert uses("rehearse", {"s": "the next step Rehearses, the"})
    assert uses("as one long request", {"s": "to a server, as one long\n  request."})
    assert not uses("road", {"s": "broadcast"})
    assert not uses("British spelling", {"s": "The server says: Job was cancelled"})
