"""Commands about profiles: sign in to an app, sign out, list what there is."""

from typing import Annotated, Any

import typer

from cli import profiles
from cli.arguments import usage
from cli.client import Api
from cli.formats import table
from cli.profiles import DEFAULT, Method, Profile
from cli.session import Session
from cli.sign_in import discover, may_carry_tokens


def login(
    ctx: typer.Context,
    method: Annotated[Method, typer.Option("--method", help="how to sign in, where people do")] = Method.BROWSER,
    tenant: Annotated[str, typer.Option("--tenant", metavar="ID", help="else as the app tells")] = "",
    audience: Annotated[str, typer.Option("--audience", metavar="URI", help="api://…; else as the app tells")] = "",
    client_id: Annotated[
        str, typer.Option("--client-id", metavar="ID", help="app or managed identity to sign in with")
    ] = "",
    authority: Annotated[str, typer.Option("--authority", metavar="HOST", help="of Entra, in other clouds")] = "",
) -> None:
    """Sign in to an app and keep its address as a profile, which later commands use."""
    session = Session(ctx)
    known, name = profiles.load(), session.option("profile", DEFAULT)
    stored = known.profiles.get(name)
    url = (session.option("url") or (stored.url if stored else "")).rstrip("/")
    if not url:
        raise usage("say which app: its address without /api", "--url")
    given = Profile(url=url, method=method, tenant=tenant, audience=audience, client_id=client_id, authority=authority)
    profile = _signed_in(name, given)
    profiles.save(known.having(name, profile))
    if session.as_data:
        session.write(_shown(name, profile, name))
    else:
        _welcome(session, name, profile)


def _signed_in(name: str, given: Profile) -> Profile:
    """Sign in where people do. Raises `Failing`, `BadParameter`."""
    if not given.audience:
        found = discover(given.url)
        if found is None:
            return Profile(url=given.url)
        authority, tenant = given.authority or found.authority, given.tenant or found.tenant
        given = given.replace(authority=authority, tenant=tenant, audience=found.audience)
    if given.method is Method.NONE:
        return given
    if not may_carry_tokens(given.url):
        raise usage("a token is sent over https only", "--url")
    from cli import credentials  # noqa: PLC0415 - the libraries of Azure are needed here and nowhere else

    return credentials.sign_in(name, given)


def _welcome(session: Session, name: str, profile: Profile) -> None:
    """Say as whom one is known there, and whether one is let in. Raises `Failing` when not."""
    if profile.method is Method.NONE:
        sentence = f"Profile {name}: {profile.url}. Nobody signs in there"
        session.say(f"{sentence}; where the app asks for a function key, AZFERRY_KEY gives it.")
        return
    who = f" as {profile.who}" if profile.who else ""
    session.say(f"Profile {name}: {profile.url}, signed in{who} by {profile.method} (tenant {profile.tenant}).")
    if not (profile.remembers or profile.method in (Method.AZURE_CLI, Method.MANAGED_IDENTITY)):
        session.say(
            "Nothing on this machine keeps tokens encrypted, so none is kept: every command asks you to sign in. "
            "With --method azure-cli the Azure CLI keeps them; on a Linux desktop libsecret does."
        )
        return
    api: Api = session.api
    api.get("migrations", {"top": 1})
    session.say("The app lets you in.")


def logout(ctx: typer.Context) -> None:
    """Forget a profile, and the tokens that the platform keeps for it."""
    session = Session(ctx)
    known = profiles.load()
    name = session.option("profile", known.current)
    profile = known.named(name)
    if profile.remembers:
        from cli import credentials  # noqa: PLC0415 - as above

        credentials.forget(name, profile)
    profiles.save(known.without(name))
    session.say(f"Forgot profile {name} ({profile.url}).")


def show_profiles(
    ctx: typer.Context,
    use: Annotated[str, typer.Option("--use", metavar="NAME", help="make this the one that commands use")] = "",
) -> None:
    """List the profiles, or choose the one that commands use."""
    session = Session(ctx)
    known = profiles.load()
    if use:
        known.named(use)
        known = known.replace(current=use)
        profiles.save(known)
    found = [_shown(name, each, known.current) for name, each in known.profiles.items()]
    if session.as_data:
        session.write({"value": found})
    elif found:
        session.show(table({"value": [{**each, "current": "*" if each["current"] else ""} for each in found]}))
    else:
        session.say("There is no profile yet; sign in to an app with `login --url …`.")


def _shown(name: str, profile: Profile, current: str) -> dict[str, Any]:
    known = {"current": name == current, "name": name, "url": profile.url, "method": str(profile.method)}
    return known | {"tenant": profile.tenant, "who": profile.who}
