"""`audit`: what an auditor needs. One module per subcommand: verify, export and case."""
