"""Starts the command line: `azferry --help`, or `python -m cli --help` in a checkout."""

from cli.app import app

if __name__ == "__main__":
    app(prog_name="azferry")
