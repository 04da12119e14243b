"""Everything that knows SQL: one writer with group commit, separate readers, one module of functions per table."""
