"""Where files live. `TOKENDESK_HOME`, when set, holds everything; otherwise the platform decides."""

import errno
import os
import stat
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple, TextIO

from tokendesk.current_snapshot import FOLDER, current_snapshot
from tokendesk.errors import Refused, UsageError

_OWNER_ONLY = 0o600


class ProfilePaths(NamedTuple):
    """The folders of one profile, and the config file that all profiles share."""

    config_file: Path
    cache: Path
    data: Path
    state: Path
    log: Path
    file: Path | None = None
    """An opened saved snapshot: it serves as snapshot, history and desk, all read-only."""
    compared: Path | None = None
    """The history of a comparison, instead of the file's own."""
    kept: Path | None = None
    """The snapshot of a reader that keeps it, although a pull may make another one current."""

    @property
    def snapshot(self) -> Path:
        """The snapshot that is current now; the path of a file that does not exist if there is none."""
        return self.file or self.kept or current_snapshot(self.cache)

    def keep_snapshot(self) -> "ProfilePaths":
        """Return the same places with the present snapshot, whatever is pulled later."""
        return self._replace(kept=self.snapshot)

    @property
    def work(self) -> Path:
        """What arrived of a pull that is not complete. Its folder has nothing else."""
        return self.cache / "pull" / "work.sqlite"

    @property
    def quick_work(self) -> Path:
        """The same of a quick pull, which is never continued."""
        return self.work.with_name("quick.sqlite")

    @property
    def history(self) -> Path:
        return self.compared or self.file or self.data / "history.sqlite"

    @property
    def desk(self) -> Path:
        return self.file or self.data / "desk.sqlite"

    @property
    def team(self) -> Path:
        """State of the team's database, so that nothing is read twice."""
        return self.data / "team.json"

    @property
    def shared(self) -> Path:
        """State of the shared folder, so that unchanged files are not read again."""
        return self.data / "shared.json"

    @property
    def sandbox(self) -> Path:
        return self.data / "sandbox.json"

    @property
    def unfinished_past(self) -> Path:
        """There while the past of a new demo is written: if it is still there, the next start writes the rest."""
        return self.data / "past.unfinished"

    @property
    def sizes(self) -> Path:
        """Request sizes that the server accepts."""
        return self.state / "sizes.json"

    @property
    def ui(self) -> Path:
        return self.state / "ui.json"


def expand_home(text: str) -> Path:
    """Return the path with `~` expanded. Raises UsageError."""
    try:
        return Path(text).expanduser()
    except RuntimeError:
        raise UsageError(f"Cannot expand {text}: unknown home folder. Write the path without ~.") from None


def profile_paths(profile: str, environ: Mapping[str, str] = os.environ) -> ProfilePaths:
    home = environ.get("TOKENDESK_HOME")
    if home:
        root = expand_home(home).absolute()
        folder = root / profile
        return ProfilePaths(root / "config.toml", folder, folder, folder, root / "tokendesk.log")
    from platformdirs import PlatformDirs

    dirs = PlatformDirs("tokendesk", appauthor=False)
    return ProfilePaths(
        dirs.user_config_path / "config.toml",
        dirs.user_cache_path / profile,
        dirs.user_data_path / profile,
        dirs.user_state_path / profile,
        dirs.user_log_path / "tokendesk.log",
    )


def refuse_own_files(paths: ProfilePaths, target: Path) -> None:
    """Refuse to overwrite tokendesk's own files: the desk has no other copy."""
    own = (
        paths.snapshot, paths.history, paths.desk, paths.shared, paths.team, paths.sandbox, paths.ui, paths.sizes,
        paths.work, paths.quick_work, paths.config_file, paths.log,
    )  # fmt: skip
    snapshots = paths.cache / FOLDER
    is_own = any(file.exists() and target.exists() and file.samefile(target) for file in own)
    if is_own or (snapshots.exists() and target.parent.exists() and snapshots.samefile(target.parent)):
        raise Refused(f"{target} is one of tokendesk's own files. Choose another file.")


def open_private(path: Path, *, must_be_new: bool = False, newline: str = "\n") -> TextIO:
    """Open a file with personal data for writing, in UTF-8, with the same line ends on every system. Raises OSError.

    A new file is for this user only, regardless of the umask. An existing file keeps its mode and is overwritten: its
    owner decided who may read it, and it may be a pipe or a device.
    """
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, _OWNER_ONLY)
    except FileExistsError:
        if must_be_new:
            raise
        descriptor = os.open(path, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, _OWNER_ONLY)
    else:
        _for_owner_only(descriptor, path)
    return os.fdopen(descriptor, "w", encoding="utf-8", newline=newline)


def make_private_file(path: Path) -> None:
    """Create an empty file for this user only, regardless of the umask. Raises OSError, also if it exists."""
    open_private(path, must_be_new=True).close()


def open_for_owner(name: str, flags: int) -> int:
    """An opener for `open`: a new file is for this user only."""
    return os.open(name, flags, _OWNER_ONLY)


def open_without_waiting(name: str, flags: int) -> int:
    """The same, which refuses a pipe that nobody reads instead of waiting for a reader."""
    return open_for_owner(name, flags | getattr(os, "O_NONBLOCK", 0))


def _for_owner_only(descriptor: int, path: Path) -> None:
    # A umask may also remove the owner's permissions.
    if hasattr(os, "fchmod"):
        os.fchmod(descriptor, _OWNER_ONLY)
    else:
        path.chmod(_OWNER_ONLY)


def make_private(folder: Path) -> None:
    """Create `folder` and its parents for this user only, and restrict existing ones. Raises OSError."""
    create_private(folder)
    home = _home()
    for each in (folder, home) if home in folder.parents else (folder,):
        if _can_be_restricted(each):
            with suppress(OSError):  # for example a file system without modes: `check` reports it
                each.chmod(permissions_for_others(each) & 0o7700)


def create_private(folder: Path) -> None:
    """Create `folder` and missing parents for this user only. Raises OSError."""
    # `parents=True` would apply the umask to the parents, and TOKENDESK_HOME is one of them.
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    for each in reversed(missing):
        each.mkdir(mode=0o700, exist_ok=True)
    if not folder.is_dir():
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(folder))


def _home(environ: Mapping[str, str] = os.environ) -> Path:
    home = environ.get("TOKENDESK_HOME")
    return expand_home(home).absolute() if home else Path()


def _can_be_restricted(folder: Path) -> bool:
    """Whether a folder that others can access may be restricted.

    Not another user's folder, the home folder or one like /tmp: they contain more than our files.
    """
    mode = permissions_for_others(folder)
    if sys.platform == "win32" or not mode or mode & stat.S_ISVTX or folder.stat().st_uid != os.getuid():
        return False
    return folder.resolve() != Path.home().resolve()


def permissions_for_others(folder: Path) -> int:
    """Return the mode of a folder that others can read or write; 0 if they cannot, or it does not exist."""
    if sys.platform == "win32":  # mode bits mean nothing there
        return 0
    try:
        mode = stat.S_IMODE(folder.stat().st_mode)
    except OSError:
        return 0
    return mode if mode & 0o077 else 0


def folders_open_to_others(paths: ProfilePaths) -> list[Path]:
    """Return the profile's folders, and TOKENDESK_HOME, that others can read or write."""
    folders = (paths.cache, paths.data, paths.state)
    above = [folder.parent for folder in folders if folder.parent == _home()]
    return [each for each in dict.fromkeys((*above, *folders)) if permissions_for_others(each)]


def make_folder(folder: Path) -> None:
    """Create `folder` for this user only. Raises UsageError."""
    try:
        make_private(folder)
    except FileExistsError as error:
        raise UsageError(
            f"Cannot create the folder {folder}: {error.filename} is in its place and is no folder, or is a link to a "
            "folder that does not exist. Move it away, or set TOKENDESK_HOME to another folder."
        ) from error
    except OSError as error:
        raise UsageError(
            f"Cannot create the folder {folder}: {error.strerror}. "
            "Make it writable, or set TOKENDESK_HOME to a folder that is."
        ) from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise UsageError(
            f"The folder {folder} cannot be written to. Make it writable, or set TOKENDESK_HOME to a folder that is."
        )
