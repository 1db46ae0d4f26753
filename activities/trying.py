"""Scripts that try connections from where they run: every place that does not answer is named, nothing is changed."""

from collections.abc import Iterable, Sequence

Tried = tuple[str, int]  # host and port

SHUT = 13  # exit code: something does not answer
SECONDS = 10  # for each of them
SIGN_IN = "login.microsoftonline.com"
BLOBS = "{account}.blob.core.windows.net"

_WINDOWS = (
    # no Test-NetConnection: Windows Server 2012 and older have none
    "function Test-Way($there, $port) {",
    "  $client = New-Object Net.Sockets.TcpClient",
    "  try {",
    "    $wait = $client.BeginConnect($there, $port, $null, $null)",
    f"    $wait.AsyncWaitHandle.WaitOne({SECONDS}000) -and $client.Connected",
    "  } catch { $false } finally { $client.Close() }",
    "}",
    "$shut = @()",
)


def urls_of(cache_account: str) -> tuple[Tried, ...]:
    """Give what Site Recovery needs of the internet and what has a name before anything is registered.

    That is the sign-in and the cache storage; the addresses of the service itself differ from vault to vault.
    """
    return ((SIGN_IN, 443), (BLOBS.format(account=cache_account), 443))


def script(tried: Sequence[Tried], *, windows: bool) -> tuple[str, ...]:
    """Give the lines of a script that ends well when all of these answer."""
    return tuple(_windows(tried) if windows else _linux(tried))


def _linux(tried: Iterable[Tried]) -> Iterable[str]:
    yield "shut=0"
    for host, port in tried:
        yield (
            f"timeout {SECONDS} bash -c '</dev/tcp/{host}/{port}' 2>/dev/null || "
            f"{{ echo 'port {port} of {host} is not reachable' >&2; shut={SHUT}; }}"
        )
    yield "(exit $shut)"


def _windows(tried: Iterable[Tried]) -> Iterable[str]:
    yield from _WINDOWS
    for host, port in tried:
        yield f"if (-not (Test-Way '{host}' {port})) {{ $shut += 'port {port} of {host} is not reachable' }}"
    yield f"if ($shut.Count) {{ [Console]::Error.WriteLine(($shut -join '; ')); exit {SHUT} }}"


def named(tried: Iterable[Tried]) -> str:
    """Say what was tried: hosts, each with its ports."""
    ports: dict[str, list[str]] = {}
    for host, port in tried:
        ports.setdefault(host, []).append(str(port))
    return ", ".join(f"{host} ({' and '.join(each)})" for host, each in ports.items())
