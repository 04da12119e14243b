"""How a message is posted exactly once: leases, attempts, retries and pace."""
