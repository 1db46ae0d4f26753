import re
import signal
import subprocess
import sys

import httpx
import pytest

HEAD = "import azure.functions as func\nimport azure.durable_functions as df\napp = df.DFApp()\n"
ROUTE = "@app.route(route={route!r})\ndef f(req: func.HttpRequest) -> str:\n    return ''\n"
TIMER = "@app.timer_trigger(arg_name='t', schedule='every day')\ndef f(t: func.TimerRequest): ...\n"
QUEUE = "@app.queue_trigger(arg_name='m', queue_name='q', connection='Missing')\ndef f(m: str): ...\n"
TWICE = "".join("@app.route(route='a')\ndef f(req: func.HttpRequest) -> str:\n    return ''\n" for _ in range(2))


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (f"{HEAD}import nothing_of_that_name", "No module named 'nothing_of_that_name'"),
        (f"{HEAD}1 / 0", "ZeroDivisionError"),
        (f"{HEAD}raise SystemExit(0)", "SystemExit"),
        ("x = 1", "exactly one top-level function app"),
        (f"{HEAD}other = df.DFApp()", "exactly one top-level function app"),
        (HEAD + ROUTE.format(route="admin/x"), "conflicts with one or more built in routes"),
        (HEAD + ROUTE.format(route="runtime"), "conflicts with one or more built in routes"),
        (HEAD + ROUTE.format(route="a/{b:nope}"), "'b' - 'nope' could not be resolved"),
        (HEAD + TIMER, "'every day' was not recognized"),
        (HEAD + QUEUE, "'Missing'"),
        (HEAD + TWICE, "unique function name"),
        (HEAD + "@app.route(route='a')\ndef f(req: func.HttpRequest, more) -> str: ...\n", "'more'"),
    ],
)
def test_an_app_that_does_not_load_ends_the_host(launch, app_of, code, words):
    host = launch(app_of(code), ready=False)

    assert host.process.wait(timeout=30) == 1
    assert words in host.printed()


def test_an_import_error_shows_where_it_happened(launch, app_of):
    host = launch(app_of("import azure.functions as func\n\n\nimport nothing_of_that_name\n"), ready=False)
    host.process.wait(timeout=30)

    assert re.search(r'function_app\.py", line 4', host.printed())


def test_help_says_what_the_host_does_not_do():
    shown = subprocess.run([sys.executable, "-m", "local.host", "--help"], capture_output=True, text=True, check=True)

    assert "What it does not do" in shown.stdout


def test_routes_and_functions_are_printed(host):
    output = host.printed()

    assert re.search(rf"hello +\[GET,POST\] {re.escape(host.origin)}/api/hello/{{name\?}}", output)
    assert re.search(r"on_message +queueTrigger", output)
    assert re.search(r"chain +orchestrationTrigger", output)


def test_a_second_host_on_the_same_data_is_refused(start_sample, launch):
    start_sample()

    second = launch(launch.folder / "app", ready=False)

    assert second.process.wait(timeout=30) == 1
    assert "Another host uses the data folder" in second.printed()


def test_a_taken_port_is_named(launch, app_of, host):
    port = host.origin.rpartition(":")[2]
    own = launch(app_of(HEAD), "--port", port, ready=False)

    assert own.process.wait(timeout=30) == 1
    assert f"Port {port}" in own.printed()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_the_host_cleanly(start_sample, number):
    host = start_sample()
    host.start("approval", None, "waits")

    host.process.send_signal(number)

    assert host.process.wait(timeout=30) == 0
    assert "Traceback" not in host.printed()
    assert "Unclosed" not in host.printed()


def test_keys_outlive_a_restart(start_sample):
    first = start_sample()
    keys = first.keys
    first.stop()

    assert start_sample().keys == keys


HANGING = (
    HEAD + "import time\n@app.activity_trigger(input_name='x')\ndef long(x: str) -> str:\n    time.sleep(600)\n"
    "@app.orchestration_trigger(context_name='context')\n"
    "def waits(context):\n    return (yield context.call_activity('long', 1))\n"
    "@app.route(route='hang')\ndef hang(req: func.HttpRequest) -> str:\n    time.sleep(600)\n"
)


def test_an_activity_that_never_ends_does_not_keep_the_host(launch, app_of):
    host = launch(app_of(HANGING))
    host.until_status(host.start("waits"), "Running")

    assert host.stop() == 0


def test_a_second_signal_ends_the_host_at_once(launch, app_of, patiently):
    host = launch(app_of(HANGING), "--no-auth")
    with pytest.raises(httpx.TimeoutException):
        host.client.get("/api/hang", timeout=0.5)
    host.process.terminate()
    patiently(lambda: "Shutting down" in host.printed())

    host.process.terminate()

    assert host.process.wait(timeout=5) == 130


LACKING = """
import azure.functions as func

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)


@app.blob_trigger(arg_name="blob", path="c/{name}", connection="AzureWebJobsStorage")
def never(blob: func.InputStream) -> None:
    pass


@app.route(route="fails")
@app.blob_input(arg_name="blob", path="c/x", connection="AzureWebJobsStorage")
def fails(req: func.HttpRequest, blob: func.InputStream) -> str:
    return "no"


@app.route(route="disabled")
def disabled(req: func.HttpRequest) -> str:
    return "no"


@app.route(route="works")
def works(req: func.HttpRequest) -> str:
    return "yes"
"""


def test_an_app_with_a_function_that_the_host_lacks_starts_and_warns(launch, app_of):
    off = {"AzureWebJobs.disabled.Disabled": "true"}
    host = launch(app_of(LACKING), settings={"AzureWebJobsStorage": "UseDevelopmentStorage=true"} | off)

    assert host.client.get("/api/works").text == "yes"
    assert host.client.get("/api/disabled").status_code == 404
    assert host.client.get("/api/fails").status_code == 500
    assert "The function never never runs: its trigger is blobTrigger" in host.printed()
    assert "The function fails fails when it is run: it uses blob" in host.printed()
    assert "RuntimeError: The function fails uses blob" in host.printed()
