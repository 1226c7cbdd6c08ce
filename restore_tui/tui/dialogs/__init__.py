"""Dialogs over a step."""
