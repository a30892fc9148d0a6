"""Findings → files and words for people.

Takes a `Result`; writes the output folder (`write_results`) or gives text (`text`). It decides
nothing. Formats: docs/formats/results.md.
"""

from dedup.report.folder import OutputFolder
from dedup.report.results import (
    Spool,
    relation_line,
    removed_line,
    run_as_dict,
    write_results,
)
from dedup.report.summary import plain, summary_lines, text_lines

__all__ = [
    "OutputFolder",
    "Spool",
    "plain",
    "relation_line",
    "removed_line",
    "run_as_dict",
    "summary_lines",
    "text_lines",
    "write_results",
]
