"""What can go wrong, and what the person at the keyboard can do about it.

TokendeskError           one sentence with the next step; `exit_code` for the command line
├── UsageError       2   a wrong option, filter, setting or file
├── KeyRefused       3   the API does not accept the key, or not for this
├── ApiFailed        4   the API could not be reached or kept failing
│   └── BadAnswer        an answer that is not what it should be
└── Refused          5   a safety rule says no
"""


class TokendeskError(Exception):
    """One sentence for people, with the next step in it."""

    exit_code = 1


class UsageError(TokendeskError):
    exit_code = 2


class KeyRefused(TokendeskError):
    exit_code = 3


class ApiError(TokendeskError):
    exit_code = 4


class InvalidResponse(ApiError):
    """Names endpoint, page and field of an answer that could not be understood."""


class Refused(TokendeskError):
    exit_code = 5
