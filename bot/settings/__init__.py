"""Every setting: `environment` reads it all, `file` and `deadlines` describe the configuration file."""
