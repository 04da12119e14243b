"""The command line: one module or package per command, named as the command.

`lazy_group` imports a command's module only when the command runs. `errors`, `output`, `parameters` and `stop` hold
what several commands share.
"""
