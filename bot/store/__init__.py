"""All that knows SQL: one writer with group commit, readers of their own, one module of typed functions a table."""
