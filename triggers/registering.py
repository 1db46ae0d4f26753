"""`POST /api/migrations/{migration}/registration-key`: the file with which a configuration server registers."""

import azure.functions as func

from shared import clock
from shared.decisions.registering import registration_key
from shared.decisions.steered import said_by
from shared.durable.seam import Blueprint
from shared.ledger import migrations
from shared.record.keeping import keep_soon
from triggers.admission import admits
from triggers.answering import answer_download
from triggers.bodies import Registering, read_body
from triggers.principal import person_of

bp = Blueprint()


@bp.route(route="api/migrations/{migration}/registration-key", methods=["POST"])
@admits("registration-key")
def make_registration_key(req: func.HttpRequest) -> func.HttpResponse:
    """Give the key's file to whoever asks; it stands in this answer and nowhere else."""
    migration = req.route_params["migration"]
    migrations.existing(migration)
    body = read_body(req, Registering)
    key = registration_key(migration, body.wave, said_by(person_of(req, body.by), clock.now()))
    keep_soon(migration, clock.now())
    return answer_download(key.content.get_secret_value(), "application/xml", key.file)
