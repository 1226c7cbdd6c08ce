"""The app on a demo server, driven by keys."""
