"""The optional client of Ralio's API."""
