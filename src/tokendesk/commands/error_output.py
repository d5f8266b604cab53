"""Error messages on standard error."""

import os


def print_error(words: str) -> None:
    from tokendesk.commands.stdout import urgent_stderr

    print(f"tokendesk: {hide_keys(words)}", file=urgent_stderr())


def hide_keys(words: str) -> str:
    """Return `words` without keys: an argument, a setting or a file may contain one that was pasted there."""
    from tokendesk.config import key_of
    from tokendesk.model.redaction import redact_text
    from tokendesk.model.secret import hide_unknown_keys

    # An error may come before the settings are read, and so before these are known.
    held = [key_of(os.environ, name) for name in ("TOKENDESK_API_KEY", "TOKENDESK_REVOKE_KEY")]
    hidden = hide_unknown_keys(redact_text(words))
    del held
    return hidden
