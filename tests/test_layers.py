"""The layers: which packages may import which."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parent.parent / "src" / "tokendesk"

FLOORS = (
    {"documents", "errors", "model"},
    {
        "background",
        "current_snapshot",
        "extras",
        "paths",
        "filtering",
        "input_files",
        "json_bounds",
        "sqlite_drafts",
        "sqlite_limits",
        "stopping",
    },
    {"config", "share_address", "sqlite"},
    {"api", "snapshot", "desk"},
    {"history", "team"},
    {"views"},
    {"running", "reporting", "sandbox"},
    {"tui"},
    {"commands"},
    {"cli"},
    {"__main__"},
)
"""From the ground up. A room may import from its own floor and those below."""

FLOOR_OF = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            yield str(node.module)


def modules() -> Iterator[tuple[str, Path]]:
    for path in SOURCE.rglob("*.py"):
        parts = path.relative_to(SOURCE).with_suffix("").parts
        if parts != ("__init__",):
            yield parts[0], path


def test_every_room_stands_on_a_floor() -> None:
    assert {room for room, _ in modules()} <= set(FLOOR_OF)


def test_imports_point_down() -> None:
    upward = [
        f"{path.relative_to(SOURCE)} imports {name}"
        for room, path in modules()
        for name in imports(path)
        if name.startswith("tokendesk.") and FLOOR_OF[name.split(".")[1]] > FLOOR_OF[room]
    ]
    assert upward == []


def needed_at_once(path: Path) -> Iterator[str]:
    """Yield what a module imports when it is imported itself: not in a function, nor for types alone."""
    waiting: list[ast.AST] = [ast.parse(path.read_text("utf-8"))]
    while waiting:
        node = waiting.pop()
        for_types = isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif not for_types and not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            waiting += ast.iter_child_nodes(node)


def test_no_module_needs_itself() -> None:
    names = {f"tokendesk.{'.'.join(path.relative_to(SOURCE).with_suffix('').parts)}": path for _, path in modules()}
    needs = {name: {one for one in needed_at_once(path) if one in names} for name, path in names.items()}
    # What is left when all that needs nothing more was taken away is in a circle, or needs one that is.
    while free := {name for name, others in needs.items() if not others}:
        needs = {name: others - free for name, others in needs.items() if name not in free}
    assert needs == {}


def test_the_model_knows_the_standard_library_only() -> None:
    foreign = {
        name
        for room, path in modules()
        if room == "model"
        for name in imports(path)
        if name.split(".")[0] not in sys.stdlib_module_names and not name.startswith("tokendesk.model")
    }
    assert foreign == set()


@pytest.mark.parametrize(
    ("package", "room"), [("textual", "tui"), ("rich", "tui"), ("starlette", "sandbox"), ("uvicorn", "sandbox")]
)
def test_a_package_stays_in_its_room(package: str, room: str) -> None:
    users = {user for user, path in modules() for name in imports(path) if name.split(".")[0] == package}
    assert users == {room}


def test_one_module_imports_httpx() -> None:
    assert [path.name for _, path in modules() if "httpx" in imports(path)] == ["client.py"]


WRITING = {"copyfile", "write_text", "write_bytes", "unlink", "mkdir", "rmtree", "chmod", "O_CREAT", "O_WRONLY"}
"""What makes, changes or removes a file."""
OFFERING = ("sqlite.py", "sqlite_drafts.py", "paths.py")
"""The modules that offer it to others, beside what reading needs."""


def writers(name: str) -> set[str]:
    """Return the functions of a module that write a file, by themselves or by others of it."""
    tree = ast.parse((SOURCE / name).read_text("utf-8"))
    functions = {node.name: {*names_below(node)} for node in tree.body if isinstance(node, ast.FunctionDef)}
    found = set[str]()
    while more := {name for name, used in functions.items() if used & (WRITING | found)} - found:
        found |= more
    return found


def names_in(path: Path) -> Iterator[str]:
    return names_below(ast.parse(path.read_text("utf-8")))


def names_below(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.alias(name=name):
                yield name


def reached(room: str) -> dict[str, Path]:
    """Return the modules of a room and all that they import, in functions too."""
    names = {f"tokendesk.{'.'.join(path.relative_to(SOURCE).with_suffix('').parts)}": path for _, path in modules()}
    found: dict[str, Path] = {}
    waiting = [name for name in names if name.startswith(f"tokendesk.{room}.")]
    while waiting:
        name = waiting.pop()
        if name in names and name not in found:
            found[name] = names[name]
            for node in ast.walk(ast.parse(names[name].read_text("utf-8"))):
                if isinstance(node, ast.ImportFrom):
                    waiting += [str(node.module), *(f"{node.module}.{alias.name}" for alias in node.names)]
    return found


def test_views_import_nothing_that_writes_a_file() -> None:
    doors = WRITING.union(*map(writers, OFFERING))
    used = {name: doors & {*names_in(path)} for name, path in reached("views").items() if path.name not in OFFERING}
    assert len(doors) > len(WRITING)
    assert {name: found for name, found in used.items() if found} == {}


def test_files_are_opened_for_writing_at_one_place_each() -> None:
    doors = {name for name in writers("sqlite.py") if not name.startswith("_")}
    users = {path.relative_to(SOURCE).as_posix() for _, path in modules() if doors & {*names_in(path)}}
    assert users == {"desk/entries.py", "history/writing.py", "snapshot/work_file.py"}


@pytest.mark.parametrize("arguments", [["--version"], ["list", "tokens"], ["--help"]])
def test_a_quick_command_loads_no_screens_and_no_http(arguments: list[str], tmp_path: Path) -> None:
    script = (
        "import sys; from tokendesk.cli import main\n"
        "try: main(sys.argv[1:])\n"
        "except SystemExit: pass\n"
        "print([m for m in ('textual', 'rich', 'httpx', 'starlette', 'msgspec') if m in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        env={"TOKENDESK_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr.splitlines()[-1] == "[]"
