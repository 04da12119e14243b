"""All that knows Ralio: its signature, its events, its words."""
