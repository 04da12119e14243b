"""How decisions reach the customer's system: signed, at least once, in order per review, independently of Slack."""
