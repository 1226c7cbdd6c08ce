"""The input from the terminal."""
