"""The command line: `dedup COMMAND`. Commands load when they are used.

Data goes to standard output, everything else to standard error. Exit status: 0 done, 1 something
was found and --exit-code was given, 2 wrong usage or nothing readable, 3 some input was rejected
and --strict was given, 130 interrupted. A reader that closes the pipe early is no error.
"""

from __future__ import annotations

import importlib
import io
import os
import sys
from typing import Any

import click

from dedup.errors import DedupError
from dedup.settings import VERSION

#: Command → module and the sentence shown in the list.
COMMANDS = {
    "scan": "Find copies, excerpts and overlaps in files and folders.",
    "stage": "Scan in stages that many processes share.",
    "apply": "Write the files of a result again without what was removed.",
    "stats": "Show what copies a result holds.",
    "filter": "Pass a stream of articles on without those that came before.",
    "pairs": "Find pairs by the resemblance of their shingles alone, fast.",
    "compare": "Compare two texts and show what they share.",
    "index": "Keep an index of articles that lasts, and ask it.",
    "check": "Ask an index whether an article is already there.",
    "bands": "Show how signatures are cut into bands, and what that finds.",
    "bench": "Measure how fast this machine scans a corpus, stage by stage.",
}


class LazyGroup(click.Group):
    """A group that imports a command only when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All commands, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load one command."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"dedup.cli.{cmd_name}")
        command: click.Command = module.command
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; whoever reads our output may leave early, having what it wanted."""
        try:
            status = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            _discard_output()
            return 0
        return status

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without loading them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


def _show_version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if not wanted:
        return
    from dedup import core

    click.echo(f"dedup {VERSION} ({core.backend()}, {core.cpu_level()})")
    ctx.exit()


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_version,
    help="Show version, backend and CPU level.",
)
def cli() -> None:
    """Find duplicates and overlaps in news corpora, and prove them with spans.

    \b
    Example:  dedup scan feed.jsonl.gz -o clean/
              dedup compare a.txt b.txt

    Exit status: 0 done; 1 with --exit-code, when something was found; 2 wrong usage or nothing
    readable; 3 with --strict, when some input was rejected; 130 interrupted.
    """


def main() -> None:
    """Run the command line and exit."""
    if sys.stdout is None or sys.stderr is None:  # closed by the caller
        sys.exit(2)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(
            stream, io.TextIOWrapper
        ):  # an encoding that lacks a letter is no reason to stop
            stream.reconfigure(errors="backslashreplace")
    message, status = "", 0
    try:
        found = cli.main(standalone_mode=False)
        status = found if isinstance(found, int) else 0
    except click.exceptions.Abort:
        message, status = "interrupted; no result was written", 130
    except click.ClickException as error:
        error.show()
        status = error.exit_code
    except DedupError as error:
        message, status = f"dedup: {error}", 2
    except OSError as error:
        message, status = f"dedup: {error.strerror or error}", 2
        _discard_output()
    if message:
        click.echo("".join(c if c.isprintable() else " " for c in message), err=True)
    sys.exit(status)


def _discard_output() -> None:
    """What is left in the buffer of standard output goes nowhere: Python flushes once more."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
