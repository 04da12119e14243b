"""How decisions reach the customer's own system: at least once, signed, in order for each review, beside Slack."""
