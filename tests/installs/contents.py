"""What wheel and sdist contain, compared with the repository."""

import re
import subprocess
import tarfile
import zipfile
from email.parser import Parser
from pathlib import Path

ROOT = Path(__file__).parents[2]
_RELATIVE = re.compile(r"\]\((?!https?:|#)")


def differences(wheel: Path, sdist: Path) -> list[str]:
    """Return what is missing from wheel and sdist, what they should not have, and links that lead nowhere."""
    with zipfile.ZipFile(wheel) as packed:
        in_wheel = {name for name in packed.namelist() if not name.endswith("/")}
        (metadata,) = (name for name in in_wheel if name.endswith(".dist-info/METADATA"))
        description = Parser().parsestr(packed.read(metadata).decode()).get_payload()
    with tarfile.open(sdist) as packed_source:
        in_sdist = {name.partition("/")[2] for name in packed_source.getnames()}
    package = {name.removeprefix("src/") for name in files_of_repository() if name.startswith("src/")}
    in_package = {name for name in in_wheel if ".dist-info/" not in name}
    found = [f"the wheel lacks {name}" for name in sorted(package - in_package)]
    found += [f"the wheel has {name}" for name in sorted(in_package - package)]
    found += [f"the sdist lacks {name}" for name in sorted(files_of_repository() - in_sdist)]
    made = {"PKG-INFO", ""}
    found += [f"the sdist has {name}" for name in sorted(in_sdist - files_of_repository() - made)]
    if _RELATIVE.search(str(description)):
        found.append("the description has a link that leads nowhere on a package index")
    return found


def files_of_repository() -> set[str]:
    """Return the files that git knows; those that are there, in an unpacked sdist."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode == 0:
        return {name for name in listed.stdout.split("\0") if name and (ROOT / name).exists()}
    made = {".venv", "__pycache__", "dist", "PKG-INFO"}
    files = (path.relative_to(ROOT) for path in ROOT.rglob("*") if path.is_file())
    return {path.as_posix() for path in files if not made & {*path.parts}}
