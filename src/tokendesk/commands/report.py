"""`tokendesk report run ID`: a run as a page for the change ticket."""

import argparse
import time
from pathlib import Path

from tokendesk.commands.json_output import json_option, print_or_save, wants_json
from tokendesk.commands.stdout import standard_output
from tokendesk.config import load_settings
from tokendesk.errors import UsageError
from tokendesk.model.text import printable
from tokendesk.paths import refuse_own_files
from tokendesk.reporting.document import FORMATS, document_format, render, save_document
from tokendesk.reporting.run_report import report_record, run_document
from tokendesk.running.migration import open_reader
from tokendesk.views.journal import find_run, run_head, run_page


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", choices=("run",))
    parser.add_argument("run", metavar="RUN", help='the run\'s id, its beginning, or "last"')
    parser.add_argument("--format", choices=(*FORMATS, "json"), help="default: text, or by the extension of FILE")
    parser.add_argument("-o", "--output", metavar="FILE", help="write to FILE instead of the terminal")
    json_option(parser, "the same as --format json")


def run(options: argparse.Namespace) -> int:
    settings = load_settings(options.profile)
    with open_reader(settings.paths, settings.thresholds) as reader:
        run_id = find_run(reader, options.run)
        page = run_page(reader, run_id)
        if page is None:
            raise UsageError(f"There is no run {run_id}. See: tokendesk list journal")
        info = reader.info
        if wants_json(options):
            record = report_record(page, run_head(reader, run_id), info, int(time.time()))
            print_or_save(record, options.output, settings.paths)
            return 0
        org = printable(f"{info.org_name or info.org_id} ({info.org_id})") if info else "unknown"
        document = run_document(page, run_head(reader, run_id), org, int(time.time()))
    form = document_format(options.output, options.format)
    if options.output:
        refuse_own_files(settings.paths, Path(options.output))
        save_document(document, form, Path(options.output))
    else:
        standard_output().write(render(document, form))
    return 0
