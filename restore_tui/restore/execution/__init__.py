"""The one POST: confirming it, sending it, and keeping track of every run."""
