"""Files that were named by people or left by others: read whole, up to a bound, whatever they are."""

import errno
import io
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

_CHUNK = 1024 * 1024


class FileTooLarge(OSError):
    """A file that is larger than what is taken of one."""

    def __init__(self, path: Path, most: int) -> None:
        size = f"{most // 1024**2:,} MiB" if most >= 1024**2 else f"{most // 1024:,} KiB"
        super().__init__(errno.EFBIG, f"it is larger than {size}", str(path))


def read_bytes(path: Path, most: int, *, pipes: bool = False) -> bytes:
    """Return what a file holds. Raises OSError, whose `strerror` says why it is not read.

    `pipes`: a pipe will do as well, as a shell makes one for `<(command)`; it is waited for.
    """
    with _opened(path, pipes=pipes) as descriptor:
        if os.fstat(descriptor).st_size > most:
            raise FileTooLarge(path, most)
        parts: list[bytes] = []
        size = 0
        while part := os.read(descriptor, _CHUNK):
            size += len(part)
            if size > most:
                raise FileTooLarge(path, most)
            parts.append(part)
    return b"".join(parts)


@contextmanager
def open_bounded(path: Path, most: int, *, pipes: bool = False) -> Iterator[io.BufferedReader]:
    """Open a file that is read piece by piece. Reading raises OSError behind `most` bytes, as `read_bytes` does."""
    with _opened(path, pipes=pipes) as descriptor:
        if os.fstat(descriptor).st_size > most:
            raise FileTooLarge(path, most)
        with io.BufferedReader(_BoundedFile(descriptor, path, most)) as file:
            yield cast("io.BufferedReader", file)


class _BoundedFile(io.RawIOBase):
    def __init__(self, descriptor: int, path: Path, most: int) -> None:
        super().__init__()
        self._file = io.FileIO(descriptor, closefd=False)
        self._path, self._most = path, most
        self._read = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return self._file.seekable()

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        return self._file.seek(offset, whence)

    def readinto(self, buffer: Any, /) -> int | None:
        count = self._file.readinto(buffer)
        self._read += count or 0
        if self._read > self._most:
            raise FileTooLarge(self._path, self._most)
        return count


def read_head(path: Path, length: int) -> bytes:
    """Return the beginning of a regular file. Raises OSError."""
    with _opened(path) as descriptor:
        return os.read(descriptor, length)


@contextmanager
def _opened(path: Path, *, pipes: bool = False) -> Iterator[int]:
    """Yield a descriptor of a file that ends, or whose writer does."""
    # Opening a pipe that nobody writes to waits for ever.
    flags = os.O_RDONLY | getattr(os, "O_BINARY", 0) | (0 if pipes else getattr(os, "O_NONBLOCK", 0))
    descriptor = os.open(path, flags)
    try:
        mode = os.fstat(descriptor).st_mode
        if stat.S_ISDIR(mode):
            raise IsADirectoryError(errno.EISDIR, "it is a folder", str(path))
        # What is nothing is how an empty file is often given.
        if not (stat.S_ISREG(mode) or (pipes and stat.S_ISFIFO(mode)) or os.path.realpath(path) == os.devnull):
            raise OSError(errno.EINVAL, "it is not a regular file", str(path))
        yield descriptor
    finally:
        os.close(descriptor)


def read_text(path: Path, most: int, *, encoding: str = "utf-8", pipes: bool = False) -> str:
    """Return a file's text. Raises OSError too where it is not text."""
    try:
        return read_bytes(path, most, pipes=pipes).decode(encoding)
    except UnicodeDecodeError:
        raise OSError(errno.EILSEQ, "it is not UTF-8 text", str(path)) from None
