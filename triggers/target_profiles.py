"""`/api/target-profiles`: settings of targets and policies that plans name, kept version by version."""

import re
from collections.abc import Callable
from typing import Final

import azure.functions as func

from shared import clock
from shared.decisions.steered import said_by
from shared.durable.seam import Blueprint
from shared.ids import NAME
from shared.ledger import target_profiles
from shared.ledger.target_profiles import ProfileRow
from shared.plan.profile_settings import read_settings
from shared.plan.profiles import Settings
from shared.problems import NotFound, UnreadableRequest
from shared.reporting import release_commands
from shared.reporting.name_lists import some_of
from shared.reporting.profile_views import ProfileList, ProfileSummary, ProfileView
from triggers.admission import admits
from triggers.answering import answer_json
from triggers.principal import person_of

bp = Blueprint()

MOST_NAMES: Final = 20
TAG: Final = re.compile(r'"?(?:profile-)?([0-9]{1,6})"?')
NAMED: Final = re.compile(NAME)
VERSION: Final = re.compile(r"[1-9][0-9]{0,5}")


@bp.route(route="api/target-profiles", methods=["GET"])
@admits("target-profiles")
def list_profiles(req: func.HttpRequest) -> func.HttpResponse:  # noqa: ARG001 - the worker gives it by name
    """List the profiles that plans can name."""
    return answer_json(ProfileList(value=tuple(map(ProfileSummary.of, target_profiles.newest()))))


@bp.route(route="api/target-profiles/{profile}", methods=["GET"])
@admits("target-profile")
def show_profile(req: func.HttpRequest) -> func.HttpResponse:
    """Give a profile in its newest version, or in the one that is asked for, with every change there was."""
    name, wanted = req.route_params["profile"], req.params.get("version", "")
    if wanted and not VERSION.fullmatch(wanted):
        raise UnreadableRequest("version must be a whole number from 1")
    rows = _versions(name)
    found = (
        [row for row in rows if row.version == int(wanted)] if wanted else [row for row in rows[-1:] if row.settings]
    )
    if not found:
        raise _unknown(name)
    return _answer(found[0], 200)


@bp.route(route="api/target-profiles/{profile}", methods=["PUT"])
@admits("set-target-profile")
def set_profile(req: func.HttpRequest) -> func.HttpResponse:
    """Write the next version of a profile; the same settings again change nothing."""
    name = req.route_params["profile"]
    if not NAMED.fullmatch(name):
        raise UnreadableRequest("a profile's name has lower-case letters, digits and hyphens, 31 at most")
    row, fresh = _add(req, name, read_settings(req.get_body(), req.headers.get("content-type", "")))
    return _answer(row, 201 if fresh else 200)


@bp.route(route="api/target-profiles/{profile}", methods=["DELETE"])
@admits("drop-target-profile")
def drop_profile(req: func.HttpRequest) -> func.HttpResponse:
    """Let no further plan name a profile; what runs with it runs on, and its versions can be looked at."""
    name = req.route_params["profile"]
    if not _versions(name):
        raise _unknown(name)
    return _answer(_add(req, name, {})[0], 200)


def _versions(name: str) -> tuple[ProfileRow, ...]:
    return target_profiles.versions(name) if NAMED.fullmatch(name) else ()


def _add(req: func.HttpRequest, name: str, settings: Settings) -> tuple[ProfileRow, bool]:
    person = person_of(req, req.params.get("by", ""))
    decision = said_by(person, clock.now(), req.params.get("comment", ""))
    return target_profiles.add(name, settings, decision, _expected(req))


def _expected(req: func.HttpRequest) -> Callable[[int], bool]:
    """Give which version may hold now: any, unless the request says what it goes by. Raise `UnreadableRequest`."""
    if req.headers.get("if-none-match", "").strip() == "*":
        return lambda version: version == 0
    tag = req.headers.get("if-match", "").strip()
    if not tag:
        return lambda _version: True
    found = TAG.fullmatch(tag)
    if found is None:
        raise UnreadableRequest("If-Match must be the ETag of a profile", advice="A GET of the profile gives it.")
    return lambda version: version == int(found[1])


def _answer(row: ProfileRow, status: int) -> func.HttpResponse:
    view = ProfileView.of(target_profiles.versions(row.name), row)
    return answer_json(view, status, {"ETag": f'"profile-{row.version}"'})


def _unknown(name: str) -> NotFound:
    known = [row.name for row in target_profiles.newest()]
    others = f"there are {some_of(known, MOST_NAMES)}" if known else "there is none"
    advice = f"`{release_commands.TARGET_PROFILES}` lists them."
    return NotFound(f"there is no profile {name[:64]}; {others}", advice=advice)
