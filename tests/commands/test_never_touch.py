"""Protected addresses that match nobody: pull, check, init and every review report them."""

import json
from pathlib import Path

import pytest

from tests.practice import organization
from tests.running.profile import world
from tests.running.world import World
from tokendesk.cli import main
from tokendesk.model.plan_rules import first_rows
from tokendesk.reporting.plan_file import save_plan
from tokendesk.sandbox.faults import with_faults
from tokendesk.sandbox.serve import serving

__all__ = ["world"]

NOBODY = "gael.nowak@example.com"
SENTENCE = f"TOKENDESK_ADMIN_EMAIL names an address that nobody has, so it protects nobody: {NOBODY}. Correct it."
OF_PROFILE = SENTENCE.replace("TOKENDESK_ADMIN_EMAIL", "admin_emails of profile {}")


@pytest.fixture
def slipped(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setenv("TOKENDESK_ADMIN_EMAIL", f"Gael.Novak@example.com,{NOBODY}")
    return world


def test_pull_says_it(slipped: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["pull"]) == 0
    assert SENTENCE in capsys.readouterr().err


def test_check_says_it_and_its_exit_code_stays_that_of_the_key(
    slipped: World, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check"]) == 0
    assert SENTENCE in capsys.readouterr().out


@pytest.mark.parametrize(
    "words", [("move", "users", "policy:default", "tokens:1..", "--to", "integr"), ("revoke", "used:never")]
)
def test_every_review_says_it(slipped: World, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]) -> None:
    assert main(list(words)) == 0
    assert f"! {SENTENCE}" in capsys.readouterr().out


def test_a_part_of_a_plan_keeps_it(world: World) -> None:
    world.settings = world.settings._replace(admin_emails=(NOBODY,))
    plan = world.revoke("used:never", 3)
    assert [warning.code for warning in first_rows(plan, 1).warnings][:1] == ["never-touch"]


def test_init_asks_the_organization_itself(
    slipped: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    org_id = slipped.access.org_id
    words = ("--org-id", org_id, "--key-command", f"echo {slipped.access.key.reveal()}")
    asked = ("--profile", "another", "init", *words, "--admin-email", f"gael.novak@example.com,{NOBODY}")
    assert main([*asked]) == 0
    assert OF_PROFILE.format("another") in capsys.readouterr().err
    assert NOBODY in (tmp_path / "config.toml").read_text("utf-8")


def test_an_address_that_somebody_has_is_not_named(
    world: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKENDESK_ADMIN_EMAIL", " GAEL.Novak@Example.com ")
    assert main(["pull"]) == 0
    assert "that nobody has" not in capsys.readouterr().err


def initialized(profile: str, url: str, org_id: str, key: str, emails: str, patch: pytest.MonkeyPatch) -> int:
    patch.setenv("TOKENDESK_API_URL", url)
    words = ("--org-id", org_id, "--key-command", f"echo {key}", "--admin-email", emails)
    return main(["--profile", profile, "init", *words])


def test_init_says_nothing_of_addresses_where_those_of_users_are_hidden(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TOKENDESK_HOME", str(tmp_path))
    made = organization(60, 10)
    emails = ",".join(str(made.person(index).email) for index in range(20))
    with serving(made, wrap=with_faults(["missing-fields"])) as (address, _):
        assert initialized("hidden", address.url, address.org_id, address.scoped_key, emails, monkeypatch) == 0
    assert "that nobody has" not in capsys.readouterr().err


def test_init_asks_about_every_address_a_hundred_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TOKENDESK_HOME", str(tmp_path))
    made = organization(130, 10)
    emails = ",".join([*(str(made.person(index).email) for index in range(130)), NOBODY])
    with serving(made) as (address, _):
        assert initialized("many", address.url, address.org_id, address.scoped_key, emails, monkeypatch) == 0
    assert OF_PROFILE.format("many") in capsys.readouterr().err


def test_a_plan_that_was_saved_before_the_slip_says_it_when_it_is_applied(
    world: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    plan = world.move("policy:default status:active tokens:1..", "Integrations", 1)
    file = tmp_path / "plan.json"
    save_plan(plan, file)
    monkeypatch.setenv("TOKENDESK_ADMIN_EMAIL", NOBODY)
    main(["apply", str(file), "--expect", "1"])
    assert SENTENCE in capsys.readouterr().err


def profile_of(world: World, home: Path, never_touch: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TOKENDESK_ADMIN_EMAIL")
    lines = f'[profiles.acme]\nadmin_emails = ["{NOBODY}"]\nnever_touch = [{never_touch}]\n'
    (home / "config.toml").write_text(lines, "utf-8")


def test_each_list_is_named_where_it_can_be_corrected(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    profile_of(world, tmp_path, '"no-one@example.com"', monkeypatch)
    assert main(["check"]) == 0
    said = capsys.readouterr().out
    assert f"admin_emails of profile acme names an address that nobody has, so it protects nobody: {NOBODY}." in said
    assert "never_touch of profile acme names an address that nobody has, so it protects nobody: no-one@exa" in said
    assert "TOKENDESK_ADMIN_EMAIL" not in said.partition("never-touch list")[2].splitlines()[0]


def test_a_label_on_the_list_that_no_token_has_is_named_and_one_that_some_has_is_not(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    token = world.revoke("used:never", 1).rows_to_do[0]
    names = (token.tokens[0].label.upper(), token.record, token.account_id, f" {token.name}  ")
    profile_of(world, tmp_path, ", ".join(json.dumps(name) for name in (*names, "quarter clsoe")), monkeypatch)
    sentence = "never_touch of profile acme names what no token and no user is called, so it protects nothing: "
    assert main(["revoke", "used:never"]) == 0
    assert f"{sentence}quarter clsoe. Correct it." in capsys.readouterr().out
    assert main(["pull"]) == 0
    assert f"{sentence}quarter clsoe. Correct it." in capsys.readouterr().err
    monkeypatch.setenv("TOKENDESK_ADMIN_EMAIL", "gael.novak@example.com")
    profile_of(world, tmp_path, ", ".join(json.dumps(name) for name in names), monkeypatch)
    assert main(["check"]) == 0
    assert "never_touch" not in capsys.readouterr().out
