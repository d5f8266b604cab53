"""Bounded decompression of responses: a few kilobytes may expand to gigabytes."""

import zlib
from collections.abc import AsyncIterable, Iterator

from tokendesk.errors import InvalidResponse
from tokendesk.model.bounds import ANSWER_BYTES, ENCODINGS

ACCEPTED_ENCODINGS = "gzip, deflate"
_CHUNK = 64 * 1024


class _Decoder:
    """One encoding. Yields small chunks, so that the caller can count them and stop."""

    def __init__(self, name: str) -> None:
        self._head = b""
        # 47: gzip or zlib, detected from the data. Some servers send `deflate` without a zlib header: two bytes tell.
        self._unpacker = None if name == "deflate" else zlib.decompressobj(47)

    def decompress(self, data: bytes) -> Iterator[bytes]:
        if self._unpacker is None:
            data = self._head + data
            if len(data) < 2:
                self._head = data
                return
            has_head = data[0] & 0x0F == 8 and int.from_bytes(data[:2]) % 31 == 0
            self._unpacker = zlib.decompressobj(15 if has_head else -15)
        while data:
            if piece := self._unpacker.decompress(data, _CHUNK):
                yield piece
            data = self._unpacker.unconsumed_tail

    @property
    def is_complete(self) -> bool:
        return self._unpacker is not None and self._unpacker.eof


async def decompress(chunks: AsyncIterable[bytes], encoding: str, limit: int = ANSWER_BYTES) -> bytes:
    """Return a response body whose Content-Encoding is `encoding`. Raises BadAnswer, zlib.error."""
    names = [name.strip().lower() for name in encoding.split(",")]
    names = [name for name in names if name not in ("", "identity")]
    if len(names) > ENCODINGS or any(name not in ("gzip", "x-gzip", "deflate") for name in names):
        raise InvalidResponse(
            f"A response has the unexpected encoding {', '.join(names)[:80]!r}. Check the API address and the proxy."
        )
    # The last encoding applied is removed first.
    decoders = [_Decoder(name) for name in reversed(names)]
    parts: list[bytes] = []
    sizes = [0] * (len(decoders) + 1)

    def push(data: bytes, level: int) -> None:
        sizes[level] += len(data)
        if sizes[level] > limit:
            raise InvalidResponse(
                f"A response is larger than {limit // 1024**2} MiB and was not read. Check the API address."
            )
        if level == len(decoders):
            parts.append(data)
            return
        for piece in decoders[level].decompress(data):
            push(piece, level + 1)

    async for chunk in chunks:
        push(chunk, 0)
    if sizes[0] and not all(decoder.is_complete for decoder in decoders):
        raise zlib.error("it ends too early")
    return b"".join(parts)
