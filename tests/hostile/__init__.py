"""What strangers, colleagues and broken servers may send, and what becomes of it."""
