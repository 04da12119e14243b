"""The command line's groups that are too long for `__main__`; like it they only parse and call."""
