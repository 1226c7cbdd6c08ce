"""Choosing among very many names, headless: filter, sort, folds, ticks, and what they come to."""
