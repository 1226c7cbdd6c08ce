"""Metadata of the package that depends on where the repository is: README and project URLs.

The release workflow names the repository in ``RESTORE_TUI_REPOSITORY``, such as ``https://github.com/OWNER/NAME``. The
links and images of the README, which are relative, then lead there: a package index has none of these files.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

VARIABLE = "RESTORE_TUI_REPOSITORY"
_LINK = re.compile(r"(!?)(\[[^\]]*\])\((?!https?://|#)([^)\s]+)\)")


def with_absolute_links(text: str, repository: str, tag: str) -> str:
    """Return Markdown whose relative links lead to the files of a tag, and its images to their raw contents."""
    return _LINK.sub(
        lambda link: f"{link[1]}{link[2]}({repository}/{'raw' if link[1] else 'blob'}/{tag}/{link[3]})", text
    )


class RepositoryLinks(MetadataHookInterface):
    """Called by hatchling for every build."""

    def update(self, metadata: dict[str, Any]) -> None:
        readme = Path(self.root, "README.md").read_text(encoding="utf-8")
        repository = os.environ.get(VARIABLE, "").rstrip("/")
        if repository:
            tag = f"v{metadata['version']}"
            readme = with_absolute_links(readme, repository, tag)
            metadata["urls"] = {
                "Homepage": repository,
                "Documentation": f"{repository}/tree/{tag}/docs",
                "Changelog": f"{repository}/blob/{tag}/CHANGELOG.md",
                "Issues": f"{repository}/issues",
            }
        metadata["readme"] = {"content-type": "text/markdown", "text": readme}
