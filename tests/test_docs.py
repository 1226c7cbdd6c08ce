"""The documentation says what the code says: its generated blocks are up to date, and its links lead somewhere."""

from __future__ import annotations

import importlib
import pkgutil
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from textual.dom import DOMNode

import restore_tui
import restore_tui.tui
from docs.generate import BLOCKS, KEYS, PAGES, ROOT, bindings, generated
from docs.shell import SHARED
from restore_tui.config import FileSettings, ServerSettings
from restore_tui.docstrings import attribute_docstrings
from restore_tui.kinetica import reference
from restore_tui.tui.steps import TITLES

WRITTEN = (*PAGES, *(ROOT / name for name in ("CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")))
README = ROOT / "README.md"
README_LINES = 160
BASES = (ROOT, ROOT / "restore_tui", ROOT / "restore_tui" / "restore")
"""Where a path in the text may start."""

names = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
all_names = pytest.mark.parametrize("page", WRITTEN, ids=lambda page: page.name)


@names
def test_generated_blocks_are_up_to_date(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert generated(text) == text, f"{page.name} is stale: run `make docs` and commit the result"


@pytest.mark.parametrize("name", SHARED)
def test_completion_and_man_page_are_up_to_date(name: str) -> None:
    written = (ROOT / name).read_text(encoding="utf-8")
    assert SHARED[name]() == written, f"{name} is stale: run `make docs` and commit the result"


@pytest.mark.parametrize(
    ("typed", "completed"),
    [
        (["restore-tui", "fi"], ["find"]),
        (["restore-tui", "--url", "find", "ex"], ["explain"]),
        (["restore-tui", "--log-level", "de"], ["debug"]),
        (["restore-tui", "--demo", "find", "--ty"], ["--type"]),
        (["restore-tui", "find", "--type", "tab"], ["table"]),
        (["restore-tui", "explain", "ddl"], ["ddl_only"]),
        (["restore-tui", "--config", "pyproj"], ["pyproject.toml"]),
        (["restore-tui", "--user", ""], []),
    ],
)
@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
def test_bash_completes(typed: list[str], completed: list[str]) -> None:
    script = next(name for name in SHARED if "bash" in name)
    words = " ".join(map(shlex.quote, typed))
    source = f"source {script}; COMP_WORDS=({words}); COMP_CWORD={len(typed) - 1}; _restore_tui"
    done = subprocess.run(
        ["bash", "-c", f'{source}; printf "%s\\n" "${{COMPREPLY[@]}}"'],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == completed
    assert done.stderr == ""


@pytest.mark.parametrize(("shell", "check"), [("zsh", "-n"), ("fish", "--no-execute")])
def test_other_shells_read_their_completion(shell: str, check: str) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"needs {shell}")
    script = next(name for name in SHARED if shell in name)
    done = subprocess.run([shell, check, script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_every_block_is_on_a_page() -> None:
    text = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    assert set(re.findall(r"<!-- generated: ([\w-]+) -->", text)) == set(BLOCKS)


def test_refuses_block_without_end() -> None:
    with pytest.raises(ValueError, match="no <!-- end -->"):
        generated("<!-- generated: usage -->\n")


def test_refuses_unknown_block() -> None:
    with pytest.raises(ValueError, match="unknown block nope; known are usage,"):
        generated("<!-- generated: nope -->\n<!-- end -->\n")


def test_every_binding_is_in_the_key_list() -> None:
    """A class that binds keys has to be under one of the headings of docs/keys.md."""
    listed = {of for classes in KEYS.values() for of in classes}
    for module in pkgutil.walk_packages(restore_tui.tui.__path__, "restore_tui.tui."):
        for value in vars(importlib.import_module(module.name)).values():
            if (
                isinstance(value, type)
                and issubclass(value, DOMNode)
                and value.__module__.startswith("restore_tui")
            ):
                assert value in listed or not any(bindings(value)), (
                    f"add {value.__name__} to KEYS in docs/generate.py"
                )


def test_every_setting_has_a_meaning() -> None:
    """A config key is described by the docstring below it."""
    for kind in (FileSettings, ServerSettings):
        assert list(attribute_docstrings(kind)) == list(kind.__dataclass_fields__)


def test_reference_has_every_type_and_option() -> None:
    text = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")
    for entry in (*reference.OBJECT_TYPES, *reference.OPTIONS):
        assert f"| `{entry.name}` | {entry.summary} |" in text


def test_pages_have_the_steps_in_order() -> None:
    """The table in the README and the sections of docs/steps.md name the eight steps as the screens do."""
    steps = (ROOT / "docs" / "steps.md").read_text(encoding="utf-8")
    assert (
        tuple(re.findall(r"^\| \*\*(.+)\*\* \|", README.read_text(encoding="utf-8"), re.MULTILINE)) == TITLES
    )
    assert tuple(re.findall(r"^## (.+)$", steps, re.MULTILINE))[: len(TITLES)] == TITLES


def test_readme_is_short() -> None:
    assert len(README.read_text(encoding="utf-8").splitlines()) <= README_LINES


@all_names
def test_links_lead_to_files_and_headings(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if "://" in target:
            continue
        path, _, heading = target.partition("#")
        there = (page.parent / path).resolve() if path else page
        assert there.exists(), f"{page.name} links to {target}, which does not exist"
        assert not heading or heading in anchors(there), f"{page.name} links to {target}: no such heading"


def anchors(page: Path) -> set[str]:
    """The headings of a page, as links name them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@all_names
def test_files_named_on_pages_exist(page: Path) -> None:
    for path in re.findall(r"`([\w/]+\.py)`", page.read_text(encoding="utf-8")):
        if "/" in path:
            assert any((base / path).exists() for base in BASES), (
                f"{page.name} names {path}, which does not exist"
            )


def test_every_package_has_a_line_in_contributing() -> None:
    tree = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    for module in pkgutil.walk_packages(restore_tui.__path__, "restore_tui."):
        if module.ispkg:
            assert re.search(rf"^ *{module.name.rpartition('.')[2]}/ ", tree, re.MULTILINE), module.name
