"""The structure of the screens: composition, small classes, no access to private attributes."""

import ast
import importlib
import inspect
import pkgutil
import textwrap
from collections.abc import Iterator
from pathlib import Path

import tokendesk
from tokendesk import tui
from tokendesk.tui.screens.main import MainScreen

TUI = Path(inspect.getfile(tui)).parent
MOST_LINES = 250
MOST_MEMBERS = 40
TESTS = Path(__file__).parent
OF_NAMED_TUPLES = {"_replace", "_asdict", "_fields", "_make"}


def classes() -> Iterator[type]:
    for module in pkgutil.walk_packages(tui.__path__, f"{tui.__name__}."):
        found = importlib.import_module(module.name)
        yield from (
            thing for thing in vars(found).values() if inspect.isclass(thing) and thing.__module__ == found.__name__
        )


def ours(kinds: tuple[type, ...]) -> list[type]:
    return [kind for kind in kinds if kind.__module__.startswith(f"{tokendesk.__name__}.")]


def trees() -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted(TUI.rglob("*.py")):
        yield path.relative_to(TUI), ast.parse(path.read_text("utf-8"))


def source(kind: type) -> str:
    return textwrap.dedent(inspect.getsource(kind))


def members(kind: type) -> Iterator[str]:
    """The methods, properties and attributes that `kind` itself declares, of the class or in `self`."""
    (found,) = ast.parse(source(kind)).body
    assert isinstance(found, ast.ClassDef)
    yield from (
        part.name for part in found.body if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    )
    for node in ast.walk(found):
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                if isinstance(target, ast.Name) and node in found.body:
                    yield target.id
                elif isinstance(target, ast.Attribute) and ast.unparse(target.value) == "self":
                    yield target.attr


def test_the_main_screen_with_all_it_inherits_from_us_is_small() -> None:
    kinds = ours(MainScreen.__mro__)
    lines = sum(len(source(kind).splitlines()) for kind in kinds)
    own = [{name for name in members(kind) if not name.startswith("__")} for kind in kinds]
    names = set().union(*own)
    again = [name for kind in kinds for name in members(kind) if sum(name in names for names in own) > 1]
    print(f"The main screen: {lines} lines, {len(names)} members in {len(kinds)} classes.")
    assert [name for name in again if f"super().{name}(" not in source(MainScreen)] == [], "declared twice"
    assert lines <= MOST_LINES
    assert len(names) <= MOST_MEMBERS


def test_no_class_inherits_from_two_of_ours() -> None:
    found = list(classes())
    assert len(found) > 100
    assert [kind.__qualname__ for kind in found if len(ours(kind.__bases__)) > 1] == []


def test_no_method_is_there_to_be_hidden_by_another() -> None:
    announced = [
        f"{path}:{node.lineno}"
        for path, tree in trees()
        for node in ast.walk(tree)
        if (isinstance(node, ast.Raise) and node.exc and "NotImplementedError" in ast.unparse(node.exc))
        or (isinstance(node, ast.ClassDef) and "_Base" in map(ast.unparse, node.bases))
    ]
    assert announced == []


def test_no_class_reads_the_private_attribute_of_another() -> None:
    read = [
        f"{path}:{node.lineno} {ast.unparse(node)}"
        for path, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr.startswith("_")
        and not node.attr.startswith("__")
        and node.attr not in OF_NAMED_TUPLES
        and ast.unparse(node.value) not in ("self", "cls", "super()")
    ]
    assert read == []


def test_no_test_imports_from_another_test_module() -> None:
    imports = [
        f"{path.name}: {node.module}"
        for path in TESTS.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom)
        and str(node.module).startswith("tests.")
        and str(node.module).rpartition(".")[2].startswith("test_")
    ]
    assert imports == []
