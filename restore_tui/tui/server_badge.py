"""The word for the server, and whether its certificate goes unchecked: on every screen, so that no one is mistaken."""

from __future__ import annotations

from textual.content import Content

from restore_tui.kinetica.sanitize import sanitize

_ROLES = {"red": "error", "yellow": "warning", "green": "success", "blue": "primary", "purple": "accent"}
"""The colors of the config file, as roles of the theme."""


def server_badge(label: str, color: str, *, insecure: bool) -> Content:
    """The label, reversed in its color, then ``insecure`` where that is so. Empty for neither."""
    role = _ROLES.get(color, "warning")
    parts = [(f" {sanitize(label, 40)} ", f"bold reverse $text-{role}")] if label else []
    parts += [(" insecure ", "bold $text-error")] if insecure else []
    return Content.assemble(*parts)
