"""The least that a Textual app can be: what the start of the wizard is measured against."""

from textual.app import App, ComposeResult
from textual.widgets import Label

LABEL = "A label, and nothing else."


class BareApp(App[None]):
    """One label."""

    def compose(self) -> ComposeResult:
        yield Label(LABEL)


if __name__ == "__main__":
    BareApp().run()
