"""Bounded reading of files from users and other programs."""

import errno
import io
import os
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from tokendesk.errors import UsageError

STDIN = Path("standard input")
"""Stands for standard input, by identity: a file may have that name, too."""
_CHUNK = 1024 * 1024


def input_path(name: str) -> Path:
    """Return the path of a file to read; `-` is standard input, and `./-` a file of that name."""
    return STDIN if name == "-" else Path(name)


def refuse_stdin(name: str) -> None:
    """Refuse `-` where a snapshot is meant: it is a database, which has to be a file."""
    if name == "-":
        raise UsageError("A snapshot cannot be read from standard input. Save it as a file, and name that.")


class FileTooLarge(OSError):
    """A file that exceeds the size limit."""

    def __init__(self, path: Path, most: int) -> None:
        size = f"{most // 1024**2:,} MiB" if most >= 1024**2 else f"{most // 1024:,} KiB"
        super().__init__(errno.EFBIG, f"it is larger than {size}", str(path))


def read_bytes(path: Path, most: int, *, pipes: bool = False) -> bytes:
    """Return the content of a file. Raises OSError, whose `strerror` says why it was not read.

    `pipes`: accept a pipe too, as from a shell's `<(command)`, and wait for it.
    """
    with _opened(path, pipes=pipes) as descriptor:
        expected = os.fstat(descriptor).st_size
        if expected > most:
            raise FileTooLarge(path, most)
        parts: list[bytes] = []
        size = 0
        # In one piece, if possible: to join pieces takes as much memory again.
        while part := os.read(descriptor, max(_CHUNK, expected + 1 - size)):
            size += len(part)
            if size > most:
                raise FileTooLarge(path, most)
            parts.append(part)
    return b"".join(parts)


@contextmanager
def open_bounded(path: Path, most: int, *, pipes: bool = False) -> Iterator[io.BufferedReader]:
    """Open a file to read in chunks. Reading more than `most` bytes raises OSError, as in `read_bytes`."""
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
    """Yield a descriptor of a regular file, or of a pipe."""
    if path is STDIN:
        if sys.stdin is None:
            raise OSError(errno.EBADF, "it is closed", str(path))
        yield sys.stdin.fileno()
        return
    # Opening a pipe without a writer blocks forever.
    flags = os.O_RDONLY | getattr(os, "O_BINARY", 0) | (0 if pipes else getattr(os, "O_NONBLOCK", 0))
    if path.is_dir():  # before it is opened: Windows would only say that permission is denied
        raise IsADirectoryError(errno.EISDIR, "it is a folder", str(path))
    descriptor = os.open(path, flags)
    try:
        mode = os.fstat(descriptor).st_mode
        # /dev/null or nul often stands for an empty file.
        if not (stat.S_ISREG(mode) or (pipes and stat.S_ISFIFO(mode)) or _is_null(path)):
            raise OSError(errno.EINVAL, "it is not a regular file", str(path))
        yield descriptor
    finally:
        os.close(descriptor)


def _is_null(path: Path) -> bool:
    return os.path.realpath(path) == os.path.realpath(os.devnull)


def read_text(
    path: Path, most: int, *, encoding: str = "utf-8", pipes: bool = False, check: Callable[[bytes], object] = len
) -> str:
    """Return a file's text. Raises OSError, also if it is not valid text. `check`: is given its bytes before."""
    content = read_bytes(path, most, pipes=pipes)
    check(content)
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        raise OSError(errno.EILSEQ, "it is not UTF-8 text", str(path)) from None
