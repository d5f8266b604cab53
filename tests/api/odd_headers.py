"""Invalid dates, and the time at which they are read."""

NOW = 1_800_000_000.0
ODD_DATES = (
    "Mon, 01 Jan 99999999999999999999 00:00:00 GMT", "Mon, 01 Jan 0000 00:00:00 GMT", "Mon, 99 Foo 2026 99:99:99 GMT",
    "1" * 5_000 + " Jan 2026 00:00:00 GMT", "Thu, 01 Jan 2026 00:00:00 +999999999999", ",", "\x00", "-", "٣",
)  # fmt: skip
