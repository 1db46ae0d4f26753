"""`POST /api/plans/import`: lists of machines of other tools become a plan, which is given back and not started."""

from typing import Any

import azure.functions as func
from pydantic import ValidationError

from shared.durable.seam import Blueprint
from shared.intake.known_profiles import KEPT_PROFILES
from shared.lists.options import ListOptions
from shared.plan.error_messages import faults_of
from shared.problems import InvalidRequest, TooLarge, UnreadableRequest
from triggers.admission import admits
from triggers.answering import answer_json
from triggers.bodies import PlanImport, SentList, read_body
from triggers.principal import person_of

bp = Blueprint()

LARGEST = 64 * 1024 * 1024
FORM = "multipart/form-data"
OF_FORM = {"plan", "name", "files"}


@bp.route(route="api/plans/import", methods=["POST"])
@admits("import")
def import_into_plan(req: func.HttpRequest) -> func.HttpResponse:
    """Give the plan with what the lists say, every finding, and what becomes otherwise; a form or JSON may hold them."""
    from shared.lists.importing import import_lists  # noqa: PLC0415 - its readers are needed here only
    from shared.lists.sources import ListFile  # noqa: PLC0415 - the same

    is_form = req.headers.get("content-type", "").lower().startswith(FORM)
    wanted = _form(req) if is_form else read_body(req, PlanImport, LARGEST)
    person_of(req, wanted.by)
    files = [ListFile(each.name, each.base64 or each.text.encode()) for each in wanted.files]
    return answer_json(import_lists(files, wanted.plan, wanted.name, wanted.options, profiles=KEPT_PROFILES))


def _form(req: func.HttpRequest) -> PlanImport:
    """Read the parts of a form: `files`, as many as there are, `plan`, `name`, and options by their names."""
    if len(req.get_body()) > LARGEST:
        raise TooLarge(f"the body has {len(req.get_body()):,} bytes; {LARGEST:,} are allowed")
    try:
        sent = [(part, each.filename or part, _content(each)) for part, each in req.files.items(multi=True)]
        fields: dict[str, Any] = dict(req.form.items())
    except (ValueError, UnicodeDecodeError):
        raise UnreadableRequest("the form cannot be read") from None
    plans = [body.decode("utf-8", "replace") for part, _, body in sent if part == "plan"]
    files = tuple(
        SentList.model_construct(name=name[:256], text="", base64=body) for part, name, body in sent if part != "plan"
    )
    try:
        options = ListOptions.model_validate({name: value for name, value in fields.items() if name not in OF_FORM})
        head = PlanImport.model_validate(
            {
                "files": [{"name": "form"}],
                "plan": next(iter(plans), fields.get("plan", "")),
                "name": fields.get("name", ""),
            }
        )
    except ValidationError as error:
        raise InvalidRequest("the form is not valid; nothing was done", errors=tuple(faults_of(error))) from None
    if not files:
        raise UnreadableRequest(
            "the form holds no file", advice="Send the lists as parts `files`, e.g. curl -F files=@list.csv."
        )
    return head.model_copy(update={"files": files, "options": options})


def _content(part: Any) -> bytes:
    """Read a file of a form, and let go of what it was kept in meanwhile."""
    try:
        return bytes(part.read())
    finally:
        part.close()
