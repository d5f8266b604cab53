"""The exceptions of the program.

TokendeskError           one sentence with the next step; `exit_code` for the command line
├── UsageError       2   a wrong option, filter, setting or file
├── KeyRefused       3   the API does not accept the key, or not for this
├── ApiFailed        4   the API could not be reached or kept failing
│   └── BadAnswer        a response that is not as expected
└── Refused          5   a safety rule forbids it
"""


class TokendeskError(Exception):
    """A message of one sentence, with the next step."""

    exit_code = 1


class UsageError(TokendeskError):
    exit_code = 2


class KeyRefused(TokendeskError):
    exit_code = 3


class ApiError(TokendeskError):
    exit_code = 4


class InvalidResponse(ApiError):
    """Names endpoint, page and field of a response that could not be decoded."""


class Refused(TokendeskError):
    exit_code = 5
