"""The real program on a pseudo-terminal, and what a terminal shows."""
