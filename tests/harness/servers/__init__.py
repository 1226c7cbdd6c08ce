"""Servers that misbehave, and requests to those that do not."""
