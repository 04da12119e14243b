"""Everything that knows Slack: requests (signature, payloads), messages and the Web API."""
