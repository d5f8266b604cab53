"""`tokendesk readiness`: what stops if a policy blocks user API tokens now, and what to do before."""

import argparse
import time
from pathlib import Path

from tokendesk.commands.json_output import json_option, print_or_save, wants_json
from tokendesk.commands.stdout import standard_output
from tokendesk.config import load_settings
from tokendesk.errors import UsageError
from tokendesk.paths import refuse_own_files
from tokendesk.reporting.document import FORMATS, document_format, render, save_document
from tokendesk.reporting.readiness_page import readiness_document
from tokendesk.running.migration import open_reader
from tokendesk.views.policies import policy_named
from tokendesk.views.readiness import policy_readiness


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("policy", metavar="POLICY", help="the policy's name, its beginning, or its id")
    parser.add_argument("--format", choices=(*FORMATS, "json"), help="default: text, or by the extension of FILE")
    parser.add_argument("-o", "--output", metavar="FILE", help="write to FILE instead of the terminal")
    json_option(parser, "the same as --format json")


def run(options: argparse.Namespace) -> int:
    settings = load_settings(options.profile)
    if not settings.paths.snapshot.exists():
        raise UsageError("There is no snapshot yet. Create one with: tokendesk pull (or, to practise: tokendesk demo)")
    now = int(time.time())
    with open_reader(settings.paths, settings.thresholds) as reader:
        found = policy_readiness(reader, policy_named(reader, options.policy), now)
        if wants_json(options):
            from tokendesk.reporting.readiness_record import readiness_record

            print_or_save(readiness_record(found, reader.info), options.output, settings.paths)
            return 0
        document = readiness_document(found, reader.info, now)
    form = document_format(options.output, options.format)
    if options.output:
        refuse_own_files(settings.paths, Path(options.output))
        save_document(document, form, Path(options.output))
    else:
        standard_output().write(render(document, form))
    return 0
