"""The command line: which commands there are."""

from typing import Annotated

import typer

from cli.lazy import Entry, lazy_group
from cli.options import everywhere
from shared.version import VERSION

EXIT_CODES = (
    "Exit codes: 0 done (watch: Succeeded) · 1 ended otherwise, or the plan is not valid · 2 given wrongly · "
    "3 the API answered with a problem · 4 the API cannot be reached · 5 wait: the time was over · 6 doctor: warnings only · 130 stopped by Ctrl-C"
)
COMMANDS: dict[str, Entry] = {
    "login": Entry(
        "Sign in",
        "cli.accounts:login",
        "Sign in to an app and keep its address as a profile, which later commands use.",
    ),
    "logout": Entry(
        "Sign in", "cli.accounts:logout", "Forget a profile, and the tokens that the platform keeps for it."
    ),
    "profiles": Entry(
        "Sign in", "cli.accounts:show_profiles", "List the profiles, or choose the one that commands use."
    ),
    "doctor": Entry(
        "Sign in",
        "cli.doctor:doctor",
        "Look whether app and machine have what they need: rights, storage, sign-in, AWS, clocks; each finding with its remedy.",
    ),
    "validate": Entry(
        "Plans",
        "cli.starting:validate",
        "Check a plan, on this machine and by the app where one answers; nothing is created.",
    ),
    "inventory": Entry(
        "Plans",
        "cli.inventory:inventory",
        "List what a source has before a plan is, what an assessment says of it, and what no plan covers.",
    ),
    "selectors": Entry(
        "Plans",
        "cli.selecting:selectors",
        "Tell which machines the selections of a plan find now; nothing is started.",
    ),
    "assess": Entry(
        "Plans",
        "cli.assessing:assess",
        "Judge a plan with what the clouds tell of its machines and target; nothing is started.",
    ),
    "forecast": Entry(
        "Plans",
        "cli.forecasting:forecast",
        "Play a plan on the local stack and tell what will be when; nothing is asked of any cloud.",
    ),
    "start": Entry(
        "Plans", "cli.starting:start", "Start the migration of a plan; the same plan twice is one migration."
    ),
    "import": Entry(
        "Plans", "cli.importing:import_lists", "Read lists of machines of other tools into a plan; nothing is started."
    ),
    "waves": Entry(
        "Plans",
        "cli.proposing:propose",
        "Propose waves and boot groups for a plan, each with its reasons; nothing is applied by itself.",
    ),
    "target-profiles": Entry(
        "Plans",
        "cli.target_profiles:target_profiles",
        "List the profiles that plans can name, show one with its changes, or make its next version.",
    ),
    "schema": Entry("Plans", "cli.starting:schema", "Print the JSON Schema of plans, for editors and other tools."),
    "inbox": Entry("Look", "cli.inbox:inbox", "List what waits for people in all migrations, the most urgent first."),
    "list": Entry(
        "Look", "cli.looking:list_all", "List the migrations that did not end, the newest first; --all for all."
    ),
    "archive": Entry(
        "Look",
        "cli.archive:archive",
        "List the migrations that ended, found by name, outcome or time; what stays of them.",
    ),
    "wave": Entry(
        "Look", "cli.grouping:wave", "Show one wave: how far it is, its gates, window and outages, what it waits for."
    ),
    "application": Entry(
        "Look", "cli.grouping:application", "Show one application, whichever waves its machines are in."
    ),
    "show": Entry(
        "Look",
        "cli.looking:show",
        "Show how a migration stands: waves, open gates and their commands, what went wrong.",
    ),
    "plan": Entry(
        "Look", "cli.starting:plan", "Print the plan that a migration runs, as it was frozen; it can be started again."
    ),
    "watch": Entry("Look", "cli.looking:watch", "Watch a migration until it ends; exit code 0 only for Succeeded."),
    "wait": Entry(
        "Look",
        "cli.waiting:wait",
        "Wait until something is so: ended, at a gate, in a state, serving; exit code 0 then, 1 when it cannot be any more.",
    ),
    "events": Entry("Look", "cli.looking:events", "Tell what happened, when and by whom, the oldest first."),
    "messages": Entry(
        "Look",
        "cli.notifying:messages",
        "List the messages that a migration sent: to whom, of what, and whether they arrived.",
    ),
    "report": Entry(
        "Look",
        "cli.looking:report",
        "Fetch the report: outcome, time line and measured downtime of each machine, approvals, evidence.",
    ),
    "evidence": Entry(
        "Look",
        "cli.evidence:evidence",
        "Fetch the evidence pack: report, plan, events and decisions in a ZIP, with the SHA-256 of each.",
    ),
    "verify-evidence": Entry(
        "Look",
        "cli.evidence:verify_evidence",
        "Check the files of an evidence pack against its manifest; no app is asked.",
    ),
    "verify-record": Entry(
        "Look",
        "cli.record:verify_record",
        "Check the record of decisions: a migration's against the app's ledger; a file by itself, no app is asked.",
    ),
    "approve": Entry(
        "Decide", "cli.deciding:approve", "Approve at a gate, for all that wait there or only some machines."
    ),
    "confirm": Entry(
        "Decide", "cli.deciding:confirm", "Confirm that what a gate asks for has been done; the comment says what was."
    ),
    "registration-key": Entry(
        "Decide",
        "cli.registering:registration_key",
        "Make the key with which the plan's configuration server registers; a secret, valid for five days.",
    ),
    "cutover": Entry(
        "Decide",
        "cli.deciding:cutover",
        "Approve a wave and cut it over now, without waiting for its window.",
    ),
    "skip": Entry("Decide", "cli.deciding:skip", "Leave out a phase of one machine; who did so, and why, is recorded."),
    "acknowledge": Entry(
        "Decide", "cli.deciding:acknowledge", "Accept a concern, with a reason; then retry the machine."
    ),
    "change": Entry(
        "Steer",
        "cli.changing:change",
        "Change the plan of a running migration: machines, what they become, windows, limits; what differs is shown first.",
    ),
    "pause": Entry("Steer", "cli.steering:pause", "Hold machines where it is safe to stay; replication runs on."),
    "resume": Entry("Steer", "cli.steering:resume", "Let held machines go on."),
    "retry": Entry(
        "Steer", "cli.steering:retry", "Send failed or given-up machines on their way again, each from where it failed."
    ),
    "resend": Entry(
        "Steer", "cli.notifying:resend", "Send messages again that were given up, or let them be with --dismiss."
    ),
    "cancel": Entry(
        "Steer",
        "cli.steering:cancel",
        "Give up machines that have not cut over: their sources still serve, and replication is removed.",
    ),
    "rollback": Entry(
        "Steer", "cli.steering:rollback", "Put machines back into service on their source; the comment says why."
    ),
    "backups": Entry(
        "Keep", "cli.backups:backups", "List the backups of tables and blobs, the newest first, or write one now."
    ),
    "restore": Entry(
        "Keep",
        "cli.backups:restore",
        "Put a backup back into an empty ledger; migrations that ran go on by themselves.",
    ),
    "mcp": Entry(
        "Other programs",
        "cli.assistant:mcp",
        "Serve an assistant over the Model Context Protocol (stdio): it may look, and decide only where that is allowed.",
    ),
}
# these write a file, which their -o names, or speak a protocol
OWN_OUTPUT = ("report", "registration-key", "mcp")

app = typer.Typer(
    cls=lazy_group(COMMANDS, dict.fromkeys(OWN_OUTPUT, ("output", "query"))),
    name="azferry",
    epilog=EXIT_CODES,
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_show_locals=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"azferry {VERSION}")
        raise typer.Exit


def _before(
    ctx: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", help="print the version, then stop", is_eager=True, callback=_print_version)
    ] = False,
) -> None:
    """Moves fleets of machines into Azure: starts migrations, watches them, decides at their gates."""


app.callback()(everywhere(_before))


def _listed() -> None:
    """Stand for a command in the list; what is called is imported first."""


for name, entry in COMMANDS.items():
    app.command(name, help=entry.summary, rich_help_panel=entry.panel)(_listed)
