"""Generates realistic labels, and the scopes of newer tokens."""

from tokendesk.sandbox.accounts import Kind
from tokendesk.sandbox.scenario import AGENT, GIT, TokenRole
from tokendesk.sandbox.seeded_random import SeededRandom

# Difficult labels for programs that display, export or search them; each occurs once in the first act.
HOSTILE = (
    "",
    "[/markup]",
    "[bold red]x",
    '=HYPERLINK("http://x.example","y")',
    "=1+1",
    "\x1b[31mred alert\x1b[0m",
    "\x1b]0;owned\x07\x1b[2Jcleared",
    "first line\nsecond line\tafter a tab",
    "גיבוי לילי",
    "نسخة احتياطية من ويكي",
    "invoice\u202efdp.exe",
    "🚀 deploy 👩‍💻",
    ("Token for the migration of the old wiki, please do not delete before we have talked to everybody " * 3)[:255],
    "'; DROP TABLE tokens; --",
    "%s {0} $HOME <script>alert(1)</script>",
    "  spaces around  ",
)

_PERSONAL = (
    "test", "test", "test2", "Test token", "my token", "API token", "laptop", "new laptop", "postman",
    "Postman", "python script", "jira cli", "vscode", "VS Code Atlassian", "IntelliJ", "excel",
    "Excel Power Query", "Copy of confluence export", "confluence export", "asdf", "temp",
    "tmp - delete me", "zapier", "n8n", "curl", "jira dashboard", "Jira → Excel", "bulk edit",
    "migration", "Migration 2", "workshop", "demo", "hackathon", "sprint report", "timesheet", "for Bo",
    "Power BI", "power bi (old)", "google sheets", "raspberry pi", "wallboard", "mcp server", "chatbot",
    "release notes", "Übersetzung", "análisis", "rapport mensuel", "备份", "jira-python",
    "bitbucket pipelines", "iPhone shortcut", "obsidian", "alfred", "onboarding", "jenkins-old",
)  # fmt: skip
_JOBS = (
    "jenkins", "jenkins", "jenkins-old", "ci-deploy", "backup-nas", "nightly export", "confluence-export",
    "terraform", "grafana alerts", "prod", "prod-2", "sync", "jira-sync", "status page", "sonarqube",
    "artifactory", "release bot", "closing the books", "quarter end", "finance extract", "hr-onboarding",
    "helpdesk mail", "monitoring", "argo cd", "docs publisher", "wiki mirror", "translation memory",
    "asset scan", "k8s secret", "vault",
)  # fmt: skip
_QUARTERLY = ("closing the books", "quarter end", "Quarterly risk report", "Q-close export", "audit evidence")
_GIT = ("git", "git laptop", "git over https", "Sourcetree", "bitbucket (was app password)", "clone and push")
_GIT_JOBS = ("git mirror", "ci checkout", "deploy checkout", "bitbucket pipelines")
_AGENTS = ("Rovo MCP", "claude code", "cursor agent", "copilot agent", "release notes agent", "triage agent")
_SCOPES = (
    "read:jira-work", "write:jira-work", "read:jira-user", "manage:jira-project",
    "read:confluence-content.all", "write:confluence-content", "read:confluence-space.summary",
    "read:page:confluence", "write:page:confluence", "delete:page:confluence",
    "read:component:compass", "read:sprint:jira-software", "read:video:loom",
)  # fmt: skip
_GIT_SCOPES = (
    "read:repository:bitbucket", "write:repository:bitbucket", "read:pullrequest:bitbucket",
    "write:pullrequest:bitbucket",
)  # fmt: skip
_AGENT_SCOPES = (
    "read:me", "read:account", "search:rovo:agent-interface", "read:jira:agent-interface",
    "read:confluence:agent-interface", "write:jira:agent-interface", "read:bitbucket:agent-interface",
)  # fmt: skip


def label(part: TokenRole, rng: SeededRandom) -> str:
    if part.life == "q":
        return rng.choice(_QUARTERLY)
    if part.use == AGENT:
        return rng.choice(_AGENTS)
    machine = part.kind in (Kind.INTEGRATION, Kind.SERVICE)
    if part.use == GIT:
        return rng.choice(_GIT_JOBS if machine else _GIT)
    if machine:
        return rng.choice(_JOBS)
    words = rng.choice(_PERSONAL)
    habit = rng.randrange(20)
    if habit == 0:
        return f"Copy of {words}"
    if habit == 1:
        return f"{words} {rng.randint(2019, 2026)}"
    if habit == 2:
        return words.upper()
    return words


def successor_label(previous: str, rng: SeededRandom) -> str:
    """Return the label of a successor: often the same, or similar."""
    forms = ("{}", "{}", "{}", "{}-2", "{} (new)", "{} new", "new {}")
    return rng.choice(forms).format(previous)[:255] if "{" not in previous else previous


def scopes(part: TokenRole, rng: SeededRandom) -> tuple[str, ...] | None:
    """Return the scopes, empty for some classic tokens; None where the answer lacks the field."""
    if part.use == GIT:
        return _GIT_SCOPES[: 1 if part.life == "e" else rng.randint(2, len(_GIT_SCOPES))]
    if part.use == AGENT:
        return _AGENT_SCOPES[: rng.randint(5, len(_AGENT_SCOPES))]
    habit = rng.randrange(100)
    if habit < (25 if part.kind is Kind.PERSON else 40):
        start = rng.randrange(len(_SCOPES))
        return tuple(_SCOPES[(start + i) % len(_SCOPES)] for i in range(rng.randint(1, 4)))
    return () if habit < 60 else None
