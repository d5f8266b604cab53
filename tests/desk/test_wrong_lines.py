"""A shared file of wrong lines is left after a number of them, and says so in one sentence."""

from datetime import timedelta
from pathlib import Path

from tests.desk.own_entries import opened
from tests.practice import NOW
from tokendesk.desk.bounds import MOST_WRONG_LINES
from tokendesk.desk.entries import Desk
from tokendesk.desk.lines import entry_line, head_line
from tokendesk.desk.notes import write_note
from tokendesk.desk.sharing import exchange


def test_the_rest_of_a_file_with_many_wrong_lines_is_not_read(tmp_path: Path) -> None:
    with (
        opened(tmp_path / "ada" / "desk.sqlite", "ada") as ada,
        Desk(tmp_path / "bo" / "desk.sqlite", author="bo", clock=lambda: NOW + timedelta(minutes=1)) as bo,
    ):
        memory = tmp_path / "ada" / "shared.json"
        shared = tmp_path / f"{bo.desk_id}.jsonl"
        first, last = (entry_line(write_note(bo, "token", [each], {"purpose": "CI"})) for each in ("first", "last"))
        head = head_line(bo.desk_id, "org")
        wrong = ["x"] * MOST_WRONG_LINES
        shared.write_text("\n".join([head, first, *wrong[1:], last, ""]), "utf-8")
        found = exchange(ada, tmp_path, memory)
        assert (found.received, found.problems[-1]) == (2, "and 979 more of this file")
        shared.write_text("\n".join([head, first, *wrong, last, "y" * 100, ""]), "utf-8")
        write_note(bo, "token", ["more"], {"purpose": "CI"})
        found = exchange(ada, tmp_path, memory)
        assert (found.received, len(found.problems)) == (0, 21)
        assert found.problems[-1] == (
            f"{shared.name}: 1,000 lines are wrong, so the rest of it was not read. "
            "Delete it, and its desk writes it again"
        )


def test_an_own_file_of_wrong_lines_is_written_again(tmp_path: Path) -> None:
    with opened(tmp_path / "ada" / "desk.sqlite", "ada") as ada:
        memory = tmp_path / "ada" / "shared.json"
        shared = tmp_path / f"{ada.desk_id}.jsonl"
        write_note(ada, "token", ["t"], {"purpose": "CI"})
        exchange(ada, tmp_path, memory)
        written = shared.read_bytes()
        shared.write_bytes(written + b"x\n" * 2 * MOST_WRONG_LINES)
        assert exchange(ada, tmp_path, memory).problems[-1] == "and 1,980 more of this file"
        assert shared.read_bytes() == written
