"""Every setting: the environment, the configuration file and its deadlines."""
