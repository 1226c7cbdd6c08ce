"""Between the terminal and Textual: input, frames and turns of the event loop."""
