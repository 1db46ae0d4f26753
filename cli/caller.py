"""Who asks the API, and how each request says so."""

from collections.abc import Callable, Generator
from dataclasses import dataclass

import httpx

from shared.decisions.people import Person, vouched_for


@dataclass(frozen=True)
class Caller:
    """Who asks: by a token of Entra that is fresh for each request, by a key of the app, or played on the local stack."""

    token: Callable[[], str] | None = None
    key: str = ""
    by: str = ""
    plays: Person | None = None
    surface: str = "command line"

    def headers(self) -> dict[str, str]:
        """Give the headers that say so and stay the same."""
        headers = {"x-azferry-surface": self.surface} | ({"x-functions-key": self.key} if self.key else {})
        return headers | ({"x-ms-client-principal": vouched_for(self.plays)} if self.plays else {})


NOBODY = Caller()


class Bearer(httpx.Auth):
    """Puts a token on each request."""

    def __init__(self, token: Callable[[], str]) -> None:
        self._token = token

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Add the token that is good now."""
        request.headers["authorization"] = f"Bearer {self._token()}"
        yield request
