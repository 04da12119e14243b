"""A Slack on this machine: the Web API, a page to act in, and a control API for tests.

`server.create_simulator` is the entry. Nothing here imports the bot: signing, limits and validation are
written anew, so that a mistake on one side is not repeated on the other.
"""
