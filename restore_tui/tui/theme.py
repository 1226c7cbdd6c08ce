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
LIGHT = Theme(
    name="restore-tui-light",
    primary="#1f5fb8",
    accent="#6b3fd4",
    success="#1f7a45",
    warning="#8a6100",
    error="#c0322b",
    foreground="#1c2230",
    background="#fbfbfd",
    surface="#eef0f5",
    panel="#e3e7ef",
    dark=False,
    variables={"footer-key-foreground": "#6b3fd4", "pane": "#9aa5b5"},
)
"""The same roles, for a terminal whose background is light. ``$pane`` is the frame of a pane without focus."""
