"""The command line: one file a command, imported only when it is called."""

import importlib
import logging
import sys
from typing import NoReturn

import click

from reviewqueue import __version__
from reviewqueue.settings import SettingsError

_COMMANDS = {
    "attribute": "Say which agent wrote a commit, and who ran it.",
    "db": "Create or upgrade the database.",
    "demo": "Build a demo repository, replay its history, and serve it.",
    "ledger": "Verify or export the append-only record.",
    "pull": "Read repositories: open changes into the queue, landings into coverage.",
    "report": "Print the weekly coverage report.",
    "rules": "List, explain, test or begin rules.",
    "scan": "Scan diffs or commits for risky changes.",
    "serve": "Serve the pages and handle deliveries.",
}


class Commands(click.Group):
    """The commands by name; a command's module is imported when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names, ordered."""
        del ctx
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return one command, or None for an unknown name."""
        del ctx
        if cmd_name not in _COMMANDS:
            return None
        module = importlib.import_module(f"reviewqueue.commands.{cmd_name}")
        command: click.Command = getattr(module, cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing any."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(sorted(_COMMANDS.items()))


class CommandError(click.ClickException):
    """What stopped a command: one clear line, exit 2."""

    exit_code = 2


@click.command(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="reviewqueue")
@click.option("--verbose", "-v", is_flag=True, help="Say more; show the traceback of an error.")
@click.pass_context
def cli(ctx: click.Context, *, verbose: bool) -> None:
    """Review what agents write: a queue, a gate's verdict, and coverage you can trust.

    Start with `reviewqueue demo`, or `reviewqueue pull PATH_OR_URL` and `reviewqueue serve`.
    """
    ctx.obj = {"verbose": verbose}
    logging.basicConfig(level=logging.INFO if verbose else logging.WARNING, stream=sys.stderr)


def main() -> NoReturn:
    """Run the command line: an error is one line and exit 2, never a traceback."""
    verbose = bool({"-v", "--verbose"} & set(sys.argv[1:]))
    try:
        result = cli.main(prog_name="reviewqueue", standalone_mode=False)
        sys.exit(result if isinstance(result, int) else 0)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        sys.exit(2)
    except click.UsageError as error:
        command = error.ctx.command_path if error.ctx else "reviewqueue"
        _fail(f"{' '.join(error.format_message().split())} (see `{command} --help`)")
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except click.Abort:
        click.echo("interrupted", err=True)
        sys.exit(130)
    except SettingsError as error:
        _fail(str(error))
    except BrokenPipeError:
        sys.exit(141)  # the reader of our output went away, as in `| head`
    except Exception as error:
        if verbose:
            raise
        _fail(f"{one_line(error)} (--verbose shows more)")


def one_line(error: BaseException) -> str:
    """Return an error as one line."""
    text = " ".join(str(error).split())
    return text[:500] or type(error).__name__


def _fail(message: str) -> NoReturn:
    click.echo(f"Error: {message}", err=True)
    sys.exit(2)
