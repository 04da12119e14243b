"""All that knows Slack: signatures, what a click means, messages, the Web API and the publisher."""
