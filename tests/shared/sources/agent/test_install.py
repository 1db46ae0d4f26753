"""The agent scripts, run for real against stub installers: by bash, and by a PowerShell where there is one."""

import hashlib
import os
import re
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest

from activities.source_scripts.scripts import script_of
from shared.guest_scripts.wrapper import SYSTEMS_MANAGER, end_of, wrap
from shared.plan.model import Plan
from tests import powershell
from tests.activities.migration_harness import plan_of
from tests.shared.sources.agent.conftest import Web
from tests.shared.sources.agent.machines import AGENT, IDENTITY, Machine, Windows

CODES = {2, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19}
SECRET = "sv=2026&sig=s3cr3t"


def sum_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def output_of(ended: "subprocess.CompletedProcess[str]") -> str:
    return ended.stdout + ended.stderr


def test_the_agent_is_installed_and_registered(machine: Machine) -> None:
    ended = machine.configured()
    assert (ended.returncode, ended.stderr) == (0, "")
    assert machine.journal == ["install", "configure"]
    assert machine.words.count("CSPrime") == 2
    assert "installed and registered" in ended.stdout
    assert machine.left() == {"lock", "registered"}


def test_a_configuration_server_wants_its_address_and_passphrase(machine: Machine) -> None:
    ended = machine.run(kind="configurationServer")
    assert (ended.returncode, "passphrase" in ended.stderr) == (17, True)
    assert machine.run(kind="configurationServer", passphrase=machine.config).returncode == 0
    assert machine.words.count("CSLegacy") == 2
    assert re.search(r"(-i|/CSEndPoint) 127\.0\.0\.1 (-P|/PassphraseFilePath) \S", machine.words)


def test_a_second_run_changes_nothing(machine: Machine) -> None:
    machine.configured()
    assert machine.configured().returncode == 0
    assert machine.run().returncode == 0
    assert machine.run(config="/gone/web1.json").returncode == 0, "it was registered with it"
    assert machine.journal == ["install", "configure"]


def test_a_new_configuration_registers_again_without_installing(machine: Machine) -> None:
    machine.configured()
    machine.config.write_text('{"new": true}')
    assert machine.configured().returncode == 0
    assert machine.journal == ["install", "configure", "configure"]


@pytest.mark.parametrize("place", [None, "/nowhere/web1.json"])
def test_without_a_configuration_the_machine_names_itself(machine: Machine, place: str | None) -> None:
    ended = machine.run(config=place)
    assert ended.returncode == 17
    begins, ends = (ended.stdout.index(f"the text of this machine {word}") for word in ("begins", "ends"))
    assert IDENTITY in ended.stdout[begins:ends]
    assert (place or "config.json") in ended.stderr, "where the file is wanted"
    assert machine.configured().returncode == 0
    assert machine.journal == ["install", "configure"]


def test_a_configuration_that_a_person_put_onto_the_machine_is_found(machine: Machine) -> None:
    machine.run()
    machine.config.rename(machine.own / "config.json")
    assert machine.run().returncode == 0
    assert machine.journal == ["install", "configure"]


def test_an_agent_that_does_not_name_itself_is_told(machine: Machine) -> None:
    assert machine.run({"CLI_ENDS": "3"}).returncode == 16


def test_a_registration_that_failed_is_tried_again(machine: Machine) -> None:
    ended = machine.configured({"CONFIGURATOR_ENDS": "5"})
    assert (ended.returncode, "code 5" in ended.stderr) == (16, True)
    assert machine.configured().returncode == 0
    assert machine.journal == ["install", "configure", "configure"]


def test_a_failing_installer_says_so_and_is_run_again(machine: Machine) -> None:
    ended = machine.configured({"INSTALLER_ENDS": "3"})
    assert (ended.returncode, "code 3" in ended.stderr) == (15, True)
    assert machine.configured().returncode == 0
    assert machine.journal == ["install", "install", "configure"]


def test_an_agent_that_was_removed_is_installed_and_registered_anew(machine: Machine) -> None:
    machine.configured()
    machine.installed.unlink()
    assert machine.configured().returncode == 0
    assert machine.journal == ["install", "configure"] * 2


def test_one_that_was_killed_midway_is_run_again(machine: Machine) -> None:
    killed = machine.configured({"INSTALLER_DIES": "yes"})
    assert killed.returncode == -signal.SIGKILL
    assert machine.installed.exists(), "it looks installed"
    again = machine.configured()
    assert again.returncode == 0, output_of(again)
    assert machine.journal == ["install", "install", "configure"]
    assert machine.left() == {"lock", "registered"}, "what the first one left is gone"


def test_two_at_once_wait_for_each_other(machine: Machine) -> None:
    pipe = machine.root / "go"
    os.mkfifo(pipe)
    first = machine.begin({"INSTALLER_WAITS": str(pipe)}, config=machine.config)
    while not (machine.root / "journal.waits").exists():
        time.sleep(0.05)
    second = machine.begin(config=machine.config)
    line = ""
    while "waiting for it" not in line:
        line = second.stdout.readline()
        assert line, second.communicate()
    pipe.write_text("on\n")
    for each in (first, second):
        each.communicate(timeout=60)
        assert each.returncode == 0
    assert machine.journal == ["install", "configure"]


def test_an_appliance_that_does_not_answer_stops_before_anything_is_changed(machine: Machine) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        ended = machine.run(ports=f"{machine.port},{closed.getsockname()[1]}")
    assert ended.returncode == 13
    assert "security groups" in ended.stderr
    assert (machine.journal, machine.left()) == ([], set())


def test_checksums_are_kept(machine: Machine) -> None:
    assert machine.configured(sha256="0" * 64).returncode == 18
    assert machine.journal == []
    right = {"sha256": sum_of(machine.agent).upper(), "config_sha256": sum_of(machine.config)}
    assert machine.configured(**right | {"config_sha256": "1" * 64}).returncode == 18
    assert machine.journal == ["install"]
    assert machine.configured(**right).returncode == 0


def test_a_damaged_installer_is_refused(machine: Machine) -> None:
    machine.agent.write_text("<html>Sign in</html>")
    ended = machine.configured()
    assert ended.returncode == 18
    assert machine.left() == {"lock"}


def test_a_missing_installer_is_told(machine: Machine) -> None:
    assert machine.run(installer="/nowhere/agent").returncode == 14


def test_it_comes_from_s3(machine: Machine) -> None:
    machine.stub("aws", f'echo "$*" >>"{machine.root}/aws"; cp "{machine.agent}" "$5"')
    assert machine.run(installer="s3://bucket/agent").returncode == 17
    assert "s3 cp --only-show-errors s3://bucket/agent" in (machine.root / "aws").read_text()


@pytest.mark.parametrize(
    ("path", "code", "words"),
    [
        ("agent", 17, ""),
        ("to-https", 17, ""),
        ("to-http", 14, ""),
        ("gone", 14, "404"),
        ("cut", 14, ""),
        ("login", 18, ""),
    ],
)
def test_it_comes_from_the_web_by_https_only(machine: Machine, web: Web, path: str, code: int, words: str) -> None:
    ended = machine.run(installer=f"{web.url}/{path}?{SECRET}")
    assert ended.returncode == code, output_of(ended)
    assert words in ended.stderr
    assert (machine.journal == ["install"]) == (code == 17)
    assert "s3cr3t" not in output_of(ended)
    assert web.paths[0].endswith(SECRET)


def test_a_certificate_that_is_not_trusted_is_named(machine: Machine, web: Web) -> None:
    machine.around |= {"CURL_CA_BUNDLE": "/etc/hostname", "SSL_CERT_FILE": "/dev/null"}
    ended = machine.run(installer=f"{web.url}/agent")
    assert ended.returncode == 14
    assert "certificate" in ended.stderr


def test_no_secret_of_an_address_shows_anywhere(machine: Machine) -> None:
    place = "https://user:passw0rd@127.0.0.1:1/x?sig=s3cr3t"
    for options in ({"installer": place}, {"config": place}, {"installer": place.replace("https", "ftp")}):
        ended = machine.run(**options)
        assert ended.returncode in (2, 14, 17)
        assert "127.0.0.1:1/x" in ended.stderr
        assert not re.search(r"passw0rd|s3cr3t", output_of(ended))


WRONG: list[dict[str, object]] = [
    {"appliance": None},
    {"installer": "http://127.0.0.1/agent"},
    {"appliance": "10.0.0.4; reboot"},
    {"ports": "all"},
    {"min_free_mb": "lots"},
    {"install_dir": "here"},
    {"kind": "configurationServer", "config": "x"},
]
MORE_WRONG: list[dict[str, object]] = [{"installer": None}, {"sha256": "abc"}, {"kind": "server"}, {"passphrase": "x"}]


def refuses(machine: Machine, options: dict[str, object]) -> None:
    ended = machine.run(**options)
    assert ended.returncode == 2, output_of(ended)
    assert "error 2" in ended.stderr
    assert machine.left() == set()


@pytest.mark.parametrize("options", WRONG)
def test_wrong_usage_is_told(machine: Machine, options: dict[str, object]) -> None:
    refuses(machine, options)


@pytest.mark.parametrize("options", MORE_WRONG)
def test_more_wrong_usage_is_told(linux: Machine, options: dict[str, object]) -> None:
    refuses(linux, options)


def test_an_unknown_option_is_an_error(machine: Machine) -> None:
    ended = machine.run(sha265="0" * 64)
    assert ended.returncode == (1 if isinstance(machine, Windows) else 2)
    assert (machine.journal, machine.left()) == ([], set())


def test_both_scripts_know_and_tell_the_same_exit_codes() -> None:
    for name in ("install.sh", "install.ps1"):
        text = (AGENT / name).read_text()
        described = re.search(r"Exit codes:(.*?)\.\n", text, re.DOTALL)
        assert described
        codes = {int(code) for code in re.findall(r"(?:^|[; \n])(\d+) (?=[a-z])", described[1].replace("\n", " "))}
        assert codes - {0, 1} == CODES
        constants = re.findall(r"\b[A-Z_]{4,}=(\d+)|\$[A-Z]\w+ = (\d\d?)(?=[;\n])", text)
        assert {int(code or other) for code, other in constants} == CODES


def rendered(machine: Machine, nonce: str, **agent: str) -> list[str]:
    """The command that the app sends, as the management agent runs it."""
    windows = isinstance(machine, Windows)
    plan = Plan.model_validate(plan_of("web1", replication={"agent": agent}))
    wave = plan.waves[0]
    script = script_of("install-agent", plan, wave, wave.machines[0], windows=windows, appliance_ip="127.0.0.1")
    assert script
    text = "\n".join(wrap(script.replace(text=machine.fitted(script.text)), SYSTEMS_MANAGER, nonce, windows=windows))
    path = machine.root.parent / ("sent.ps1" if windows else "sent.sh")
    path.write_text(text, "utf-8-sig" if windows else "utf-8")
    path.chmod(0o700)
    if not windows:
        return ["sh", "-c", str(path)]
    return [powershell.needed(), "-NonInteractive", "-NoProfile", "-File", str(path)]


def test_what_the_app_sends_installs_and_shows_its_addresses_to_nobody(machine: Machine, web: Web) -> None:
    # only those of this run's session: other tests run beside this one, and have secrets, too
    listing = 'ps -wwo args -s "$(ps -o sid= -p $$ | tr -d " ")"'
    machine.stub("aws", f'{listing} >"{machine.root}/processes"; cp "{machine.config}" "$5"')
    settings = {"installerUrl": f"{web.url}/agent?{SECRET}", "config": "s3://agents/{machine}.json"}
    command = rendered(machine, "0a1b", **settings, installerSha256=sum_of(machine.agent))
    ended = subprocess.run(
        command, env=machine.env(), capture_output=True, text=True, check=False, timeout=120, start_new_session=True
    )
    assert end_of(ended.stdout, "0a1b").code == 0, output_of(ended)
    assert machine.journal == ["install", "configure"]
    processes = (machine.root / "processes").read_text()
    assert "s3cr3t" not in processes + output_of(ended)
    assert "aws s3 cp" in processes
