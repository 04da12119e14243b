"""The simulated Slack and Ralio of the `demo` command and of the tests; nothing of it runs under `serve`.

It offers the Web API, a page to act in, and a control API (`/_control`) for tests. `server.create_simulator` is the
entry. Nothing here imports the bot: signing, limits and validation are written a second time, so a mistake on one side
is not repeated on the other.

- `web_api/`: what the bot calls. `blocks/`: Slack's rules for what it accepts.
- `interactions/`: what a person does, and what the bot receives for it. `ralio_samples`, `ralio_api/`: Ralio's side.
- `page/`, `page_routes`: the page. `control/`: acting, arranging the workspace, faults, the clock.
"""
