"""Entra on loopback, as far as a device code and its renewals need it: real https, and tokens that say what they are."""

import base64
import ipaddress
import json
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from tests.loopback import serving

TENANT = "0f2c1d6e-4a5b-4c3d-9e8f-7a6b5c4d3e2f"
PERSON = {"uid": "5e0c6d1a-1111-4222-8333-944445555666", "utid": TENANT}


@dataclass
class Entra:
    """What it issues, and what it was asked."""

    authority: str = ""
    certificate: str = ""
    lifetime: int = 3600
    refuses: bool = False
    grants: list = field(default_factory=list)
    scopes: list = field(default_factory=list)


def segment(data):
    return base64.urlsafe_b64encode(json.dumps(data).encode()).decode().rstrip("=")


def id_token(entra, client):
    now = int(time.time())
    claims = {"aud": client, "iss": f"https://{entra.authority}/{TENANT}/v2.0", "iat": now, "exp": now + 3600}
    claims |= {"sub": "ann", "oid": PERSON["uid"], "tid": TENANT, "preferred_username": "ann@example.org"}
    return f"{segment({'alg': 'none'})}.{segment(claims)}.x"


async def form_of(request):
    return dict(parse_qsl((await request.body()).decode()))


def application(entra):
    async def configuration(_request):
        base = f"https://{entra.authority}/{TENANT}"
        endpoints = {"issuer": f"{base}/v2.0", "authorization_endpoint": f"{base}/oauth2/v2.0/authorize"}
        endpoints |= {"token_endpoint": f"{base}/oauth2/v2.0/token"}
        return JSONResponse(endpoints | {"device_authorization_endpoint": f"{base}/oauth2/v2.0/devicecode"})

    async def device_code(request):
        entra.scopes.append((await form_of(request))["scope"])
        challenge = {"device_code": "d", "user_code": "ABCD-EFGH", "verification_uri": "https://example.org/device"}
        return JSONResponse(challenge | {"expires_in": 900, "interval": 1, "message": "go there"})

    async def token(request):
        form = await form_of(request)
        entra.grants.append(form["grant_type"])
        if entra.refuses:
            return JSONResponse({"error": "invalid_grant", "error_description": "AADSTS50173: revoked"}, 400)
        grant = {"token_type": "Bearer", "expires_in": entra.lifetime, "access_token": f"token-{len(entra.grants)}"}
        grant |= {"refresh_token": f"renewal-{len(entra.grants)}", "scope": entra.scopes[-1]}
        return JSONResponse(grant | {"id_token": id_token(entra, form["client_id"]), "client_info": segment(PERSON)})

    return Starlette(
        routes=[
            Route("/{tenant}/v2.0/.well-known/openid-configuration", configuration),
            Route("/{tenant}/oauth2/v2.0/devicecode", device_code, methods=["POST"]),
            Route("/{tenant}/oauth2/v2.0/token", token, methods=["POST"]),
        ]
    )


def certify(folder):
    """Make a key and a certificate for 127.0.0.1, in one file."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    now = datetime.now(UTC)
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(names, critical=True)
        .sign(key, hashes.SHA256())
    )
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = folder / "entra.pem"
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM) + key.private_bytes(*form))
    return str(path)


@contextmanager
def running(folder):
    entra = Entra(certificate=certify(folder))
    # where clients keep connections the end of the server waits 30 s for their word
    config = {"ssl_certfile": entra.certificate, "headers": [("connection", "close")]}
    with serving(application(entra), **config) as url:
        entra.authority = url.removeprefix("http://")
        yield entra
