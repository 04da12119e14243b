"""The HTTP side: one module a caller, and the server with its limits."""
