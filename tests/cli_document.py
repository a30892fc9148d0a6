"""Write docs/cli.md from the help of every command: `python -m tests.cli_document docs/cli.md`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from dedup.cli import cli

#: Columns of the help as printed here, whatever the terminal has.
_WIDTH = 100
_HEAD = """\
# Commands

Written by `make docs` from the help of each command; edit the help, not this page.
Data goes to standard output, everything else to standard error.
"""


def commands() -> Iterator[tuple[str, click.Command, click.Context]]:
    """The whole command and then each of its commands, with a context to ask them in."""
    top = click.Context(cli, info_name="dedup", terminal_width=_WIDTH, **cli.context_settings)
    yield "dedup", cli, top
    for name in cli.list_commands(top):
        command = cli.get_command(top, name)
        assert command is not None
        context = click.Context(command, parent=top, info_name=name)
        yield f"dedup {name}", command, context
        if isinstance(command, click.Group):
            for inner, one in command.commands.items():
                yield f"dedup {name} {inner}", one, click.Context(one, context, inner)


def write_document() -> str:
    """The page."""
    parts = [_HEAD]
    for name, command, context in commands():
        text = "\n".join(line.rstrip() for line in command.get_help(context).splitlines())
        parts.append(f"## {name}\n\n```\n{text}\n```\n")
    return "\n".join(parts)


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(write_document(), "utf-8")
