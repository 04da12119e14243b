"""The two databases and the one writer that both share."""
