"""What a release is made of: absolute links on the package index, and one file for a host without a network."""

from __future__ import annotations

import re
import runpy
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from release.carry import PREAMBLE, preamble

ROOT = Path(__file__).parent.parent
REPOSITORY = "https://git.example/owner/name"


@pytest.fixture
def build_metadata(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run hatch_build.py as hatchling does, which is not installed here: only its base class is needed."""

    class Interface:
        def __init__(self, root: str) -> None:
            self.root = root

    for name in ("hatchling", "hatchling.metadata", "hatchling.metadata.plugin"):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    interface = ModuleType("hatchling.metadata.plugin.interface")
    interface.MetadataHookInterface = Interface  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, interface.__name__, interface)

    def build() -> dict[str, Any]:
        metadata: dict[str, Any] = {"version": "1.2.3"}
        runpy.run_path(str(ROOT / "hatch_build.py"))["RepositoryLinks"](str(ROOT)).update(metadata)
        return metadata

    return build


def test_links_of_a_release_are_absolute(build_metadata: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package index has no other files: every link and image leads to the repository, at the tag."""
    monkeypatch.setenv("RESTORE_TUI_REPOSITORY", f"{REPOSITORY}/")
    metadata = build_metadata()
    text = metadata["readme"]["text"]
    assert f"]({REPOSITORY}/raw/v1.2.3/screenshots/find.svg)" in text
    assert f"]({REPOSITORY}/blob/v1.2.3/docs/steps.md)" in text
    assert all(target.startswith(("https://", "#")) for target in re.findall(r"\]\(([^)]+)\)", text))
    assert metadata["urls"]["Issues"] == f"{REPOSITORY}/issues"


def test_without_a_repository_the_readme_is_as_it_is(
    build_metadata: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RESTORE_TUI_REPOSITORY", raising=False)
    metadata = build_metadata()
    assert metadata["readme"]["text"] == (ROOT / "README.md").read_text(encoding="utf-8")
    assert "urls" not in metadata


def test_carried_file_runs_here() -> None:
    exec(preamble(), {})


def test_carried_file_names_the_python_that_it_needs() -> None:
    """On another version: one sentence that names both, and how to make the file for this one."""
    other = PREAMBLE.format(made=(3, 99, sys.platform, "x86_64"))
    with pytest.raises(SystemExit, match=r"is made for Python 3\.99 on .*, and this is Python 3\.\d+ on"):
        exec(other, {})
