"""What is typed at the desk, shown or not: echo of the terminal on standard input, if it is one."""

import sys
import termios


def hide_typing() -> None:
    """Show nothing of what is typed from now on."""
    _echo(on=False)


def show_typing() -> None:
    """Show again what is typed."""
    _echo(on=True)


def _echo(*, on: bool) -> None:
    if sys.stdin is None or sys.stdin.closed or not sys.stdin.isatty():
        return
    settings = termios.tcgetattr(sys.stdin)
    settings[3] = settings[3] | termios.ECHO if on else settings[3] & ~termios.ECHO
    termios.tcsetattr(sys.stdin, termios.TCSANOW, settings)
