"""Findings → files and words for people.

Takes what a scan found; writes the output folder (`write_results`) or gives text (`text`). It
decides nothing. Formats: docs/formats/results.md.
"""

from dedup.report.annotating import Annotation, annotate_lines, annotate_rows, annotator
from dedup.report.folder import OutputFolder, check_apart
from dedup.report.lines import group_as_dict, relation_line, removed_line
from dedup.report.plots import draw_plots
from dedup.report.reading import ResultFolder
from dedup.report.results import Findings, run_as_dict, write_results
from dedup.report.rewriting import (
    CorpusFolder,
    encode_blocks,
    open_packed,
    without_lines,
    without_spans,
    write_member,
)
from dedup.report.spool import SPOOL_COLUMNS, Spool, spool_batch
from dedup.report.stats import result_stats, stats_lines
from dedup.report.summary import plain, summary_lines, text_lines
from dedup.report.tables import annotate_table, write_table

__all__ = [
    "SPOOL_COLUMNS",
    "Annotation",
    "CorpusFolder",
    "Findings",
    "OutputFolder",
    "ResultFolder",
    "Spool",
    "annotate_lines",
    "annotate_rows",
    "annotate_table",
    "annotator",
    "check_apart",
    "draw_plots",
    "encode_blocks",
    "group_as_dict",
    "open_packed",
    "plain",
    "relation_line",
    "removed_line",
    "result_stats",
    "run_as_dict",
    "spool_batch",
    "stats_lines",
    "summary_lines",
    "text_lines",
    "without_lines",
    "without_spans",
    "write_member",
    "write_results",
    "write_table",
]
