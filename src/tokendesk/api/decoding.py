"""From the bytes of an answer to checked shapes: what is not one is an error that names the request and the field."""

import re
from typing import Any, TypeVar, get_args

import msgspec

from tokendesk.api.json_bounds import check_json
from tokendesk.errors import BadAnswer
from tokendesk.model.bounds import TEXT_CHARACTERS

Shape = TypeVar("Shape", bound=msgspec.Struct)
Item = dict[str, Any]

UNREADABLE = (ValueError, RecursionError)
"""What decoding raises where an answer is no JSON, or too much of it: msgspec's errors are ValueErrors."""
_HALF = re.compile(rb"\\\\|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[dD][89a-fA-F][0-9a-fA-F]{2}")


def bounded(body: bytes) -> bytes:
    """Return `body` as it can be decoded. Raises ValueError where there is too much in it."""
    check_json(body)
    return whole_characters(body)


def whole_characters(body: bytes) -> bytes:
    """Return `body` with halves of characters replaced: no strict decoder and no database takes them."""
    body = body.decode("utf-8", "replace").encode()
    if b"\\ud" not in body and b"\\uD" not in body:
        return body
    return _HALF.sub(lambda found: found[0] if len(found[0]) != 6 else b"\\ufffd", body)


def decode(body: bytes, shape: type[Shape], what: str) -> Shape:
    """Return `body` as `shape`; a body that is not one is an error naming the request and the field."""
    try:
        return msgspec.json.decode(bounded(body), type=shape, strict=False)
    except UNREADABLE as error:
        raise not_understood(what, error) from None


def decode_list(body: bytes, what: str) -> list[Any]:
    """Return a bare list, or the one under `data` or `items`."""
    try:
        answer = msgspec.json.decode(bounded(body))
    except UNREADABLE as error:
        raise not_understood(what, error) from None
    if isinstance(answer, dict):
        answer = next((answer[name] for name in ("data", "items") if isinstance(answer.get(name), list)), None)
    if not isinstance(answer, list):
        raise BadAnswer(f"{what}: the answer holds no list. Check the API address and the proxy.")
    return answer


def decode_count(body: bytes) -> int | None:
    """Return a count that comes bare or as `{"count": n}`; None where it is neither (it is only for progress)."""
    try:
        answer = msgspec.json.decode(bounded(body))
    except UNREADABLE:
        return None
    if isinstance(answer, dict):
        answer = answer.get("count")
    return answer if isinstance(answer, int) and not isinstance(answer, bool) and answer >= 0 else None


def not_understood(what: str, error: Exception) -> BadAnswer:
    return BadAnswer(
        f"{what}: the answer could not be understood ({str(error)[:200]}). Try again; report it if it stays."
    )


def convert(item: Item, shape: type[Shape], what: str, index: int) -> Shape:
    """Return an item as `shape`. An optional member that is not as documented is not known; the rest is taken."""
    try:
        return msgspec.convert(item, shape, strict=False)
    except msgspec.ValidationError:
        pass
    try:
        return msgspec.convert(_fitting(item, shape), shape, strict=False)
    except msgspec.ValidationError as error:
        raise not_understood(what, Exception(str(error).replace("$", f"$.data[{index}]"))) from None


def _fitting(item: Any, shape: type[msgspec.Struct]) -> Any:
    """Return `item` without the optional members that `shape` cannot take, at any depth."""
    if not isinstance(item, dict):
        return item
    kept = dict(item)
    for field in msgspec.structs.fields(shape):
        if field.encode_name not in kept:
            continue
        value = kept[field.encode_name]
        for part in (field.type, *get_args(field.type)):
            if isinstance(part, type) and issubclass(part, msgspec.Struct):
                value = kept[field.encode_name] = _fitting(value, part)
        try:
            msgspec.convert(value, field.type, strict=False)
        except msgspec.ValidationError:
            if not field.required:
                del kept[field.encode_name]
    return kept


def extra_of(item: Item, shape: type[msgspec.Struct]) -> Item:
    known = shape.__struct_encode_fields__
    return {name: value for name, value in item.items() if name not in known and value not in (None, [], {}, "")}


def cut(text: str | None) -> str | None:
    """Return a text as it came, but for one that is longer than any that means something."""
    return None if text is None else text[:TEXT_CHARACTERS]


def text_or_none(value: Any) -> str | None:
    """Return a value as text, cut where it is longer than any that means something."""
    return None if value is None or value == "" else cut(str(value))
