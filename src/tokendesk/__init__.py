"""A triage desk, in the terminal, for the user API tokens of an Atlassian Cloud organization."""

__version__ = "0.1.0"
