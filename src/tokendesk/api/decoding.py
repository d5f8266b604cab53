"""Decoding response bodies into checked shapes; errors name the request and the field."""

import re
from functools import lru_cache
from typing import Any, TypeVar, get_args

import msgspec

from tokendesk.errors import InvalidResponse
from tokendesk.json_bounds import check_json
from tokendesk.model.bounds import TEXT_CHARACTERS

Shape = TypeVar("Shape", bound=msgspec.Struct)
Item = dict[str, Any]

DECODE_ERRORS = (msgspec.MsgspecError, ValueError, RecursionError)
"""What decoding raises for a body that is not JSON, or too much of it. Older MsgspecErrors are not ValueErrors."""
_SURROGATE = re.compile(
    rb"\\\\|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[dD][89a-fA-F][0-9a-fA-F]{2}"
)


def checked_json(body: bytes) -> bytes:
    """Return `body` ready for decoding. Raises ValueError if it is nested too deep or has too many members."""
    check_json(body)
    return replace_surrogates(body)


def replace_surrogates(body: bytes) -> bytes:
    """Return `body` with lone surrogates replaced: strict decoders and databases reject them."""
    body = body.decode("utf-8", "replace").encode()
    if b"\\ud" not in body and b"\\uD" not in body:
        return body
    return _SURROGATE.sub(lambda found: found[0] if len(found[0]) != 6 else b"\\ufffd", body)


def decode(body: bytes, shape: type[Shape], what: str) -> Shape:
    """Return `body` as `shape`. Raises BadAnswer, which names the request and the field."""
    try:
        return msgspec.json.decode(checked_json(body), type=shape, strict=False)
    except DECODE_ERRORS as error:
        raise decoding_error(what, error, body) from None


def decode_list(body: bytes, what: str) -> list[Any]:
    """Return a bare list, or the one under `data` or `items`."""
    try:
        answer = msgspec.json.decode(checked_json(body))
    except DECODE_ERRORS as error:
        raise decoding_error(what, error, body) from None
    if isinstance(answer, dict):
        answer = next((answer[name] for name in ("data", "items") if isinstance(answer.get(name), list)), None)
    if not isinstance(answer, list):
        raise InvalidResponse(f"{what}: the response contains no list. Check the API address and the proxy.")
    return answer


def decode_count(body: bytes) -> int | None:
    """Return a count, bare or as `{"count": n}`; None if it is neither (it serves progress only)."""
    try:
        answer = msgspec.json.decode(checked_json(body))
    except DECODE_ERRORS:
        return None
    if isinstance(answer, dict):
        answer = answer.get("count")
    return answer if isinstance(answer, int) and not isinstance(answer, bool) and answer >= 0 else None


def decoding_error(what: str, error: Exception, body: bytes = b"") -> InvalidResponse:
    """Return the error for a response that could not be decoded. `body`: the response as it came."""
    if body.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<":
        return InvalidResponse(
            f"{what}: the response is a web page, not data: probably of a proxy, or of a sign-in to the network. Sign "
            "in with a browser, or check the proxy and the API address; then try again."
        )
    return InvalidResponse(
        f"{what}: the response could not be decoded ({str(error)[:200]}). Try again; report it if this keeps happening."
    )


def convert(item: Item, shape: type[Shape], what: str, index: int) -> Shape:
    """Return an item as `shape`. Optional members that are not as documented are dropped."""
    try:
        return msgspec.convert(item, shape, strict=False)
    except msgspec.ValidationError:
        pass
    try:
        return msgspec.convert(_drop_invalid_fields(item, shape), shape, strict=False)
    except msgspec.ValidationError as error:
        raise decoding_error(what, Exception(str(error).replace("$", f"$.data[{index}]"))) from None


def _drop_invalid_fields(item: Any, shape: type[msgspec.Struct]) -> Any:
    """Return `item` without the optional members that do not fit `shape`, at any depth."""
    if not isinstance(item, dict):
        return item
    kept = dict(item)
    for field in msgspec.structs.fields(shape):
        if field.encode_name not in kept:
            continue
        value = kept[field.encode_name]
        for part in (field.type, *get_args(field.type)):
            if isinstance(part, type) and issubclass(part, msgspec.Struct):
                value = kept[field.encode_name] = _drop_invalid_fields(value, part)
        try:
            msgspec.convert(value, field.type, strict=False)
        except msgspec.ValidationError:
            if not field.required:
                del kept[field.encode_name]
    return kept


def unknown_fields(item: Item, shape: type[msgspec.Struct]) -> Item:
    """Return the members that `shape` does not have, except empty ones."""
    known = _known_fields(shape)
    return {name: value for name, value in item.items() if name not in known and (value or value == 0)}


@lru_cache(32)
def _known_fields(shape: type[msgspec.Struct]) -> frozenset[str]:
    return frozenset(shape.__struct_encode_fields__)


def truncate(text: str | None) -> str | None:
    """Return a text, truncated to the length limit."""
    return None if text is None else text[:TEXT_CHARACTERS]


def text_or_none(value: Any) -> str | None:
    """Return a value as text, truncated to the length limit; None if it is empty."""
    return None if value is None or value == "" else truncate(str(value))
