"""Hostile input from strangers, colleagues and broken servers."""
