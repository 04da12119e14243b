"""The audit record: what an entry holds, how it is sealed, and how the chain is checked."""
