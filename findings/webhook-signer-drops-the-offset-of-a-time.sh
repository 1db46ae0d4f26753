#!/usr/bin/env bash
# standardwebhooks 1.1.0 and svix 2.9.1: a time with a UTC offset is signed as if it were UTC.
#
# Guess: `sign` takes the moment that an aware datetime names, so the same moment in two zones has one signature.
# Seen: the offset is dropped, not converted: now in +02:00 is signed two hours ahead. The receiver gets the true Unix seconds in
#       webhook-timestamp and refuses the message as wrongly signed; in UTC the same code works, so a test on a server in UTC passes.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check standardwebhooks==1.1.0 svix==2.9.1
"$folder/venv/bin/python" - <<'PYTHON'
import base64
from datetime import datetime, timedelta, timezone

import standardwebhooks
import svix.webhooks

KEY = "whsec_" + base64.b64encode(b"a key that only this test has").decode()
now = datetime.now(timezone.utc)
BODY = '{"gate": "approval"}'


def arrives(library, moment):
    hook = library.Webhook(KEY)
    headers = {"id": "m1", "timestamp": str(int(moment.timestamp())), "signature": hook.sign("m1", moment, BODY)}
    prefix = "svix" if library is svix.webhooks else "webhook"
    try:
        hook.verify(BODY, {f"{prefix}-{name}": value for name, value in headers.items()})
        return "taken"
    except library.WebhookVerificationError as error:
        return f"refused, {error}"


for library in (standardwebhooks, svix.webhooks):
    for hours in (0, 2):
        verdict = arrives(library, now.astimezone(timezone(timedelta(hours=hours))))
        print(f"{library.__name__}: signed with the same moment at +0{hours}:00: {verdict}")
        assert verdict == ("taken" if hours == 0 else "refused, No matching signature found"), "this has changed"
PYTHON
