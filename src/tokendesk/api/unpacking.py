"""Undoing the packing of an answer, never beyond a bound: a few kilobytes can be packed gigabytes."""

import zlib
from collections.abc import AsyncIterable, Iterator

from tokendesk.errors import BadAnswer
from tokendesk.model.bounds import ANSWER_BYTES, ENCODINGS

ACCEPTED = "gzip, deflate"
_STEP = 64 * 1024


class _Layer:
    """One encoding. Yields what comes out in small pieces, so that whoever counts them can stop."""

    def __init__(self, name: str) -> None:
        self._head = b""
        # 47: gzip or zlib, as the data says. Some servers send `deflate` without zlib's head: two bytes tell.
        self._unpacker = None if name == "deflate" else zlib.decompressobj(47)

    def unpack(self, data: bytes) -> Iterator[bytes]:
        if self._unpacker is None:
            data = self._head + data
            if len(data) < 2:
                self._head = data
                return
            has_head = data[0] & 0x0F == 8 and int.from_bytes(data[:2]) % 31 == 0
            self._unpacker = zlib.decompressobj(15 if has_head else -15)
        while data:
            if piece := self._unpacker.decompress(data, _STEP):
                yield piece
            data = self._unpacker.unconsumed_tail

    @property
    def is_whole(self) -> bool:
        return self._unpacker is not None and self._unpacker.eof


async def unpacked(chunks: AsyncIterable[bytes], encoding: str, most: int = ANSWER_BYTES) -> bytes:
    """Return the body of an answer whose Content-Encoding is `encoding`. Raises BadAnswer, zlib.error."""
    names = [name.strip().lower() for name in encoding.split(",")]
    names = [name for name in names if name not in ("", "identity")]
    if len(names) > ENCODINGS or any(name not in ("gzip", "x-gzip", "deflate") for name in names):
        raise BadAnswer(
            f"An answer is packed as {', '.join(names)[:80]!r}, which was not asked for. Check the API address and "
            "the proxy."
        )
    # What was packed last is unpacked first.
    layers = [_Layer(name) for name in reversed(names)]
    parts: list[bytes] = []
    sizes = [0] * (len(layers) + 1)

    def push(data: bytes, level: int) -> None:
        sizes[level] += len(data)
        if sizes[level] > most:
            raise BadAnswer(f"An answer is larger than {most // 1024**2} MiB and was not read. Check the API address.")
        if level == len(layers):
            parts.append(data)
            return
        for piece in layers[level].unpack(data):
            push(piece, level + 1)

    async for chunk in chunks:
        push(chunk, 0)
    if sizes[0] and not all(layer.is_whole for layer in layers):
        raise zlib.error("it ends too early")
    return b"".join(parts)
