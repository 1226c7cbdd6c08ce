"""What one sees: the app, the order of the steps, screens, widgets, styles."""
