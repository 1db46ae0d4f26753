"""The command `target-profiles`: settings of targets and policies that plans name are listed, shown, set and dropped."""

from pathlib import Path
from typing import Annotated, Any, Final

import typer

from cli import problem
from cli.answers import ProfileSeen, ProfilesSeen
from cli.arguments import Comment, usage
from cli.client import Api
from cli.failing import Exit, Failing
from cli.formats import rendered
from cli.options import Output
from cli.profiles_beside import NOT_THERE, PROFILES, profile_path
from cli.session import Session
from cli.tables import profiled
from cli.wording import count, plain
from shared.plan.differences import document_differences
from shared.plan.profile_settings import read_settings
from shared.problems import Problem

DAY: Final = 10  # characters of a moment

Name = Annotated[str, typer.Argument(metavar="NAME", help="name of the profile; without one all are listed")]
Settings = Annotated[
    Path | None,
    typer.Option("--set", metavar="FILE", help="make this its next version, YAML or JSON"),
]
Drop = Annotated[bool, typer.Option("--drop", help="let no further plan name it; what runs with it runs on")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="do not ask back; scripts need it")]


def target_profiles(
    ctx: typer.Context,
    name: Name = "",
    settings: Settings = None,
    drop: Drop = False,
    comment: Comment = "",
    yes: Yes = False,
) -> None:
    """List the profiles that plans can name, show one with its changes, or make its next version."""
    session = Session(ctx)
    if not name and (settings or drop):
        raise usage("say which profile", "NAME")
    if settings and drop:
        raise usage("a profile is either set or dropped", "--drop")
    if not name:
        _list(session)
    elif settings:
        _set(session, name, settings, comment, yes)
    elif drop:
        _drop(session, name, comment, yes)
    else:
        _show(session, session.api.get(profile_path(name)))


def _list(session: Session) -> None:
    raw = session.api.get(PROFILES)
    if session.as_data:
        session.write(raw)
        return
    found = ProfilesSeen.model_validate(raw).value
    if found:
        session.show(profiled(found))
    else:
        session.say("There is no profile yet; make one: azferry target-profiles NAME --set FILE")


def _show(session: Session, raw: dict[str, Any]) -> None:
    """Print the settings as a file would hold them; the changes stand above them as comments."""
    if session.as_data:
        session.write(raw)
        return
    view = ProfileSeen.model_validate(raw)
    for each in reversed(view.versions):
        what = "dropped" if each.dropped else "; ".join(each.changes)
        why = f" ({each.comment})" if each.comment else ""
        head = f"# version {each.version}, {each.at.isoformat()[:DAY]}, by {each.by or 'somebody'}{why}"
        session.say(f"{head}{f': {what}' if what else ''}")
    session.say(rendered(view.settings, Output.YAML) if view.settings else "# it was dropped")


def _set(session: Session, name: str, file: Path, comment: str, yes: bool) -> None:
    if not file.is_file():
        raise usage(f"there is no file {file}", "--set")
    body = file.read_bytes()
    try:
        after = read_settings(body, "", str(file))
    except Problem as wrong:
        raise Failing(problem.of(wrong), Exit.NO) from None
    before = _kept(session.api, name)
    changes = document_differences(before.settings if before else {}, after)
    if not session.as_data:
        session.say(
            f"{count(len(changes), 'difference')} to {_version(before)} of {name}:" if changes else "Nothing to change"
        )
        for each in changes:
            session.say(plain(f"  {each.text}"))
    if changes and not yes:
        typer.confirm(f"Make this profile {name}?", abort=True, err=session.as_data)
    goes_by = {"if-match": f'"profile-{before.version}"'} if before else {"if-none-match": "*"}
    made = session.api.put(profile_path(name), body, goes_by, _why(session, comment))
    if session.as_data:
        session.write(made)
    elif changes:
        session.say(
            f"{name} is in version {made['version']}; what runs already keeps the version that it was started with"
        )


def _drop(session: Session, name: str, comment: str, yes: bool) -> None:
    if not yes:
        typer.confirm(f"Drop profile {name}?", abort=True, err=session.as_data)
    made = session.api.delete(profile_path(name), _why(session, comment))
    if session.as_data:
        session.write(made)
    else:
        session.say(f"Dropped {name}; what runs with it runs on")


def _kept(api: Api, name: str) -> ProfileSeen | None:
    try:
        return ProfileSeen.model_validate(api.get(profile_path(name)))
    except Failing as failing:
        if failing.document.status != NOT_THERE:
            raise
        return None


def _version(view: ProfileSeen | None) -> str:
    return f"version {view.version}" if view else "nothing"


def _why(session: Session, comment: str) -> dict[str, str]:
    known = {"by": session.api.by, "comment": comment}
    return {key: value for key, value in known.items() if value}
