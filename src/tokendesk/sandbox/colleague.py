"""The entries of an invented colleague: what was noted, asked, moved and revoked in the past of the organization.

They come from a desk of the colleague's own, as shared notes do: `u` never takes them back as the admin's last ones.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from tokendesk.desk import runs
from tokendesk.desk.clocks import as_time
from tokendesk.desk.entry import Entry, read_entry
from tokendesk.desk.notes import Fields, note_payload
from tokendesk.model.plan import DO, MOVE, REVOKE, Plan, PlanPolicy, PlanRow, PlanToken, plan_to_record
from tokendesk.model.timestamps import parse_timestamp
from tokendesk.sandbox.accounts import Kind
from tokendesk.sandbox.listed_token import org_token
from tokendesk.sandbox.past import Past
from tokendesk.sandbox.rhythm import DAY, HOUR
from tokendesk.sandbox.seeded_random import Ids
from tokendesk.sandbox.tokens import TokenLifetime

_PURPOSES = {
    "artifactory": "Publishes build results to their Jira releases", "argo cd": "Comments on rolled-out work items",
    "asset scan": "Compares assets with the inventory", "audit evidence": "Collects evidence for the auditors",
    "backup-nas": "Backs up Confluence spaces", "bitbucket pipelines": "Checks code out in the pipelines",
    "ci checkout": "Checks code out for builds", "ci-deploy": "Moves work items when a release is deployed",
    "closing the books": "Exports postings for the close", "confluence-export": "Exports spaces for the archive",
    "deploy checkout": "Checks code out for deployments", "docs publisher": "Publishes the manuals to Confluence",
    "finance extract": "Extracts cost centres for Finance", "git mirror": "Mirrors repositories to the second site",
    "grafana alerts": "Opens work items for alerts", "helpdesk mail": "Makes tickets of mail to the help desk",
    "hr-onboarding": "Creates the tasks of a first day", "jenkins": "Reports builds to Jira",
    "jira-sync": "Copies work items to the partner's tracker", "k8s secret": "Links clusters to their work items",
    "monitoring": "Opens incidents", "nightly export": "Exports the day's work items at night",
    "Q-close export": "Exports postings when a quarter closes", "quarter end": "Exports postings when a quarter closes",
    "Quarterly risk report": "Reads the risk register for the board", "release bot": "Writes release notes",
    "sonarqube": "Reports code quality on work items", "status page": "Shows incidents on the status page",
    "sync": "Keeps two projects alike", "terraform": "Manages projects and their permissions",
    "translation memory": "Reads texts to translate", "vault": "Rotates secrets", "wiki mirror": "Mirrors the wiki",
    "Rovo MCP": "An assistant for Jira and Confluence", "claude code": "An assistant for code and tickets",
    "cursor agent": "An assistant for code and tickets", "copilot agent": "An assistant for code and tickets",
    "release notes agent": "Drafts release notes", "triage agent": "Sorts new tickets",
}  # fmt: skip
"""By the label without its year."""
_KEPT = "dkwmqi"
"""The lives of the integrations' tokens that are kept."""
_REVIEWS = (-2, 41, 75, 110, 160)
"""Days after the beginning on which decisions are due for review, in turn."""


def colleague_entries(past: Past) -> list[Entry]:
    """Return all entries of the colleague, in order."""
    return _Colleague(past).entries


class _Colleague:
    def __init__(self, past: Past) -> None:
        self._past = past
        self._organization = past.organization
        self.entries: list[Entry] = []
        self._desk_id = Ids(past.organization.seed, "desk").hex(0)
        self.name = self._organization.accounts.names(self._organization.accounts.index(Kind.ADMIN, 0))[0]
        days: list[tuple[int, Callable[[int], None]]] = [
            (59 * DAY - 2 * HOUR, self._describe_policies), (58 * DAY - 1 * HOUR, self._set_goal),
            (51 * DAY - 4 * HOUR, self._keep_integrations), (39 * DAY - 3 * HOUR, self._name_contact),
            (28 * DAY - 2 * HOUR, self._decide_to_revoke), (24 * DAY - 3 * HOUR, self._ask_owners),
            (21 * DAY - 5 * HOUR, self._decide_to_move), (13 * DAY - 2 * HOUR, self._write_answer_down),
            (9 * DAY - 4 * HOUR, self._ask_contractor), (3 * DAY - 2 * HOUR, self._decide_on_idle),
        ]  # fmt: skip
        diary = [(past.anchor - ago, act) for ago, act in days]
        if past.moves:
            diary.append((past.moves[0].at, self._move))
        if any(each.by_run for each in past.revocations):
            diary.append((min(each.at for each in past.revocations if each.by_run), self._revoke))
        for at, act in sorted(diary, key=lambda item: item[0]):
            act(at)

    def _write(self, at: int, kind: str, payload: Mapping[str, Any]) -> str:
        time = as_time(datetime.fromtimestamp(at, UTC))
        self.entries.append(read_entry(self._desk_id, len(self.entries) + 1, time, self.name, kind, payload))
        return self.entries[-1].entry_id

    def _note(self, at: int, tokens: Sequence[TokenLifetime], fields: Fields) -> None:
        if tokens:
            subjects = [self._organization.tokens.id(life.number) for life in tokens]
            self._write(at, "note", note_payload("token", subjects, fields))

    def _day(self, days: int) -> str:
        """Return the ISO date so many days after the beginning."""
        return (self._organization.anchor + timedelta(days=days)).date().isoformat()

    def _tokens(self, kind: Kind, lives: str, holders: Sequence[int] | None = None) -> Iterator[TokenLifetime]:
        tokens = self._organization.tokens
        for slot in self._past.living_slots(kind):
            role = tokens.holders.role(slot)
            if role.life in lives and (holders is None or role.holder in holders):
                yield from tokens.lifetimes(slot, self._past.anchor)

    def _purpose(self, life: TokenLifetime) -> str:
        label = self._organization.token(life).label
        first, _, year = label.rpartition(" ")
        return _PURPOSES.get(first if year.isdecimal() else label, "")

    # What the colleague did

    def _describe_policies(self, at: int) -> None:
        for number, policy in enumerate(self._organization.policies):
            fields = {"name": policy.name}
            if self._organization.blocks(policy.id):
                fields |= {"tokens": "blocked", "remarks": "Blocked for all who sign in with a security key."}
            self._write(at + 20 * number, "policy", {"policy": policy.id, "fields": fields})

    def _set_goal(self, at: int) -> None:
        self._write(at, "goal", {"policy": self._organization.policies[0].id})

    def _keep_integrations(self, at: int) -> None:
        for number, life in enumerate(self._tokens(Kind.INTEGRATION, _KEPT)):
            noted = at + number * 5_400 + number // 4 * DAY
            if life.created < noted:
                fields = {"purpose": self._purpose(life), "contact": "platform@example.com", "decision": "keep"}
                fields["review_by"] = self._day(_REVIEWS[number % len(_REVIEWS)])
                tag = "production" if number % 3 else "build"
                self._note(noted, [life], {**fields, f"tag:{tag}": True})

    def _name_contact(self, at: int) -> None:
        if self._past.moves:
            account_id = self._organization.accounts.account_id(self._past.moves[0].index)
            fields: Fields = {"contact": "finance-it@example.com", "remarks": "Runs in the finance network only."}
            self._write(at, "note", note_payload("user", [account_id], fields))

    def _decide_to_revoke(self, at: int) -> None:
        lives = [each.life for each in self._past.revocations if each.by_run]
        self._note(at, lives, {"decision": "revoke", "remarks": "Not in use, and nobody claims it."})

    def _ask_owners(self, at: int) -> None:
        asked = {"decision": "ask", "asked_on": self._day(-24), "reply_by": self._day(-10)}
        self._note(at, [*self._tokens(Kind.PERSON, "e", (1, 2))], asked)

    def _decide_to_move(self, at: int) -> None:
        target = self._organization.policies[1].id
        for number, life in enumerate(self._moved_tokens()):
            fields = {"purpose": self._purpose(life), "contact": "finance-it@example.com", "decision": "move"}
            self._note(at + number * 300, [life], {**fields, "target": target, "tag:finance": True})

    def _write_answer_down(self, at: int) -> None:
        answered = [*self._tokens(Kind.PERSON, "e", (2,))]
        self._note(at, answered, {"answer": "Not needed since the new report; it may go."})

    def _ask_contractor(self, at: int) -> None:
        asked = {"decision": "ask", "asked_on": self._day(-9), "reply_by": self._day(5)}
        self._note(at, [*self._tokens(Kind.CONTRACTOR, "k")], asked)

    def _decide_on_idle(self, at: int) -> None:
        self._note(at, [*self._tokens(Kind.LEAVER, "o")][:2], {"decision": "revoke", "remarks": "The owner has left."})
        self._note(at + 600, [*self._tokens(Kind.SERVICE, "e")], {"remarks": "The help desk does not know it either."})

    def _moved_tokens(self) -> Iterator[TokenLifetime]:
        movers = {move.index for move in self._past.moves}
        tokens = self._organization.tokens
        for life in self._tokens(Kind.SERVICE, "dkwmqeoin"):
            if tokens.holders.owner(life.slot) in movers:
                yield life

    # Runs

    def _move(self, at: int) -> None:
        from_id, to_id = self._past.moves[0].from_id, self._past.moves[0].to_id
        tokens: dict[int, list[PlanToken]] = {}
        for life in self._moved_tokens():
            owner = self._organization.tokens.holders.owner(life.slot)
            tokens.setdefault(owner, []).append(self._planned(life, at, "move"))
        rows = []
        for move in self._past.moves:
            person = self._organization.person(move.index)
            rows.append(PlanRow(
                DO, "", person.account_id, person.name, person.email, from_id, to_id, person.status,
                tokens=tuple(tokens.get(move.index, ())),
            ))  # fmt: skip
        run_id = self._begin(at - 60, MOVE, rows, (from_id, to_id))
        records = [row.account_id for row in rows]
        task = Ids(self._organization.seed, "past task").uuid(0)
        moved = {record: [runs.MOVED, "", None] for record in records}
        there = dict.fromkeys(records, to_id)
        before = dict.fromkeys(records, from_id)
        self._write(at - 2, runs.INTENDED, {"run": run_id, "batch": 1, "to": to_id, "rows": before})
        self._write(at - 1, runs.ACCEPTED, {"run": run_id, "batch": 1, "task": task})
        self._write(at, runs.OUTCOMES, {"run": run_id, "rows": moved})
        self._write(at + 3, runs.VERIFIED, {"run": run_id, "rows": there})
        self._write(at + 3, runs.ENDED, {"run": run_id, "state": "done", "words": ""})

    def _revoke(self, at: int) -> None:
        revoked = [each for each in self._past.revocations if each.by_run]
        rows = []
        for each in revoked:
            owner = self._organization.tokens.holders.owner(each.life.slot)
            person = self._organization.person(owner)
            policy = self._organization.first_policy(owner)
            rows.append(PlanRow(
                DO, "", person.account_id, person.name, person.email, policy, None, person.status,
                tokens=(self._planned(each.life, at, "revoke"),),
            ))  # fmt: skip
        run_id = self._begin(at - 60, REVOKE, rows, dict.fromkeys(str(row.from_id) for row in rows))
        for number, (row, each) in enumerate(zip(rows, revoked, strict=True), 1):
            record = row.record
            intent = {"run": run_id, "batch": number, "to": None, "rows": {record: record}}
            matched = {record: {"by": runs.BY_ID, "disabled": None}}
            self._write(each.at - 1, runs.INTENDED, {**intent, "matched": matched})
            self._write(each.at + 1, runs.OUTCOMES, {"run": run_id, "rows": {record: [runs.REVOKED, "", None]}})
        self._write(revoked[-1].at + 2, runs.ENDED, {"run": run_id, "state": "done", "words": ""})

    def _begin(self, at: int, kind: str, rows: Sequence[PlanRow], policies: Sequence[str] | Mapping[str, Any]) -> str:
        """Write the beginning of a run, planned some minutes before on the pull of that day; return the run's id."""
        organization = self._organization
        number = max(number for number, pulled in enumerate(self._past.pulls) if pulled < at)
        names = {policy.id: policy.name for policy in organization.policies}
        plan = Plan(
            kind, organization.id, organization.name, self._past.pull_ids[number], self._past.pulls[number], at - 240,
            self.name, tuple(rows), tuple(PlanPolicy(policy_id, names[policy_id]) for policy_id in policies),
        )  # fmt: skip
        return self._write(at, runs.BEGUN, {"plan": plan_to_record(plan), "digest": plan.digest, "key": "tokendesk"})

    def _planned(self, life: TokenLifetime, at: int, decision: str) -> PlanToken:
        listed = org_token(self._organization, life, at - 300)
        return PlanToken(
            listed["id"], listed["label"], listed["status"], listed.get("createdAt"),
            parse_timestamp(listed.get("lastActiveAt")), parse_timestamp(listed.get("expiresAt")),
            self._purpose(life) if decision == "move" else None, decision,
        )  # fmt: skip
