"""Event handlers: one module per cause, named after what happened."""
