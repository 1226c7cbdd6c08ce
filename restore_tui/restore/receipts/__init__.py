"""The record of each restore: its model, files, and the reports made from it."""
