"""Findings → files and words for people.

Takes a `Result`; writes the output folder (`write_results`) or gives text (`text`). It decides
nothing. Formats: docs/formats/results.md.
"""

from dedup.report.annotating import annotator
from dedup.report.folder import OutputFolder, check_apart
from dedup.report.lines import group_as_dict, relation_line, removed_line
from dedup.report.plots import draw_plots
from dedup.report.reading import ResultFolder
from dedup.report.results import run_as_dict, write_results
from dedup.report.rewriting import CorpusFolder, open_packed, without_lines
from dedup.report.spool import Spool
from dedup.report.stats import result_stats, stats_lines
from dedup.report.summary import plain, summary_lines, text_lines

__all__ = [
    "CorpusFolder",
    "OutputFolder",
    "ResultFolder",
    "Spool",
    "annotator",
    "check_apart",
    "draw_plots",
    "group_as_dict",
    "open_packed",
    "plain",
    "relation_line",
    "removed_line",
    "result_stats",
    "run_as_dict",
    "stats_lines",
    "summary_lines",
    "text_lines",
    "without_lines",
    "write_results",
]
