"""The messages about protected names that match nobody."""

from tokendesk.views.never_touch import Protection, describe_unmatched


def test_one_setting_has_one_sentence_for_addresses_and_one_for_names() -> None:
    words = describe_unmatched([Protection(word, "never_touch of profile p") for word in ("a@x", "ci", "b@x", "cd")])
    assert words == (
        "never_touch of profile p names what no token and no user is called, so they protect nothing: ci, cd. "
        "Correct them. never_touch of profile p names addresses that nobody has, so they protect nobody: a@x, b@x. "
        "Correct them."
    )
