"""The colors: one role for each meaning. docs/colors.md tells which is which."""

from __future__ import annotations

from textual.theme import Theme

THEME = Theme(
    name="restore-tui",
    primary="#2f74d0",  # information, and the highlighted row
    accent="#b18cff",  # where the user is: the step, the focused pane and field
    success="#4cbf7a",
    warning="#e5b33b",
    error="#e5534b",  # danger: what is lost, refused or failed
    foreground="#d5dae3",
    background="#0f131a",
    surface="#161b24",
    panel="#1e2530",
    dark=True,
    variables={"footer-key-foreground": "#b18cff", "pane": "#3b4656"},
)
"""``$pane`` is the frame of a pane without focus."""
