"""Every command of the command line, those of groups among them."""

from collections.abc import Iterator

from click import Command


def commands_of(group: Command, before: str = "") -> Iterator[tuple[str, Command]]:
    """Give each command by its whole name: 'notebook export'."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands_of(command, f"{before}{name} ")
        else:
            yield f"{before}{name}", command
