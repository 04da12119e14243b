"""The HTTP server, one module per caller, and the Unix socket for admin commands."""
