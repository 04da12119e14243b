"""The control API under `/_control`: tests and the page read the state, act and switch faults."""
