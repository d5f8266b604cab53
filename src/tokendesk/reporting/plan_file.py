"""Saves a plan as a file that people can review and approve. Its hash reveals changes."""

import json
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from tokendesk.errors import Refused, UsageError
from tokendesk.input_files import read_text
from tokendesk.json_bounds import JsonTooLarge, check_json
from tokendesk.model.bounds import PLAN_BYTES, PLAN_DEPTH, PLAN_MEMBERS
from tokendesk.model.plan import Plan, plan_to_record, summary
from tokendesk.model.plan_record import plan_from_record
from tokendesk.paths import open_private

VERSION = 1
_NAME = "tokendesk_plan"
_MAKE_ONE = "Make one with: tokendesk move … --save-plan FILE"
_CHECK = partial(check_json, members=PLAN_MEMBERS, depth=PLAN_DEPTH)


def save_plan(plan: Plan, path: Path) -> None:
    try:
        with open_private(path) as file:
            file.write(plan_text(plan))
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}. Choose another file.") from error


def load_plan(path: Path) -> Plan:
    try:
        text = read_text(path, PLAN_BYTES, pipes=True, check=_CHECK)
    except JsonTooLarge as error:
        raise UsageError(f"{path.name} is not a tokendesk plan: {error}. {_MAKE_ONE}") from None
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}. Check the name.") from error
    return read_plan(text, path.name)


def plan_text(plan: Plan) -> str:
    """Return the text of the file: format, summary, hash, then the plan itself."""
    record: Mapping[str, object] = {
        _NAME: VERSION,
        "in_words": f"{summary(plan)}. {plan.notice}",
        "sha256": plan.digest,
        "plan": plan_to_record(plan),
    }
    return json.dumps(record, ensure_ascii=False, indent=1) + "\n"


def read_plan(text: str, name: str) -> Plan:
    """Return the plan of a file's text. Raises UsageError if it is not a plan, Refused if it was changed."""
    try:
        record = json.loads(text)
    except (ValueError, RecursionError):
        record = None
    if not isinstance(record, dict) or _NAME not in record:
        raise UsageError(f"{name} is not a tokendesk plan. {_MAKE_ONE}")
    if record[_NAME] != VERSION:
        raise UsageError(f"{name} is a plan of format {record[_NAME]!r}, which this tokendesk cannot read. Update it.")
    try:
        plan = plan_from_record(record["plan"])
        digest = plan.digest
    except UnicodeEncodeError:
        raise UsageError(f"{name} is not valid text (half a character). Save it again.") from None
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise UsageError(f"{name} is not a complete plan ({str(error)[:200]}). Save it again.") from None
    if digest != record.get("sha256"):
        raise Refused(f"{name} was changed after it was saved: its hash does not match. Save it again, and review it.")
    return plan
