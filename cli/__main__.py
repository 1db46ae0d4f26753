"""Starts the command line: `python -m cli --help`."""

from cli.app import app

if __name__ == "__main__":
    app(prog_name="python -m cli")
