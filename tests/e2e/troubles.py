"""One bad night: each machine fails in another phase of its road, and the operator is told why."""

from dataclasses import dataclass, field

from tests.e2e.stack_harness import StackHarness, machine, plan, wave

STOP_SHOP = {"stopServices": "systemctl stop shop", "startServices": "systemctl start shop"}
SHOP_RUNS = [{"service": "shop"}]
AGENT = "AzureRcmCli|UnifiedAgentConfigurator"
REFUSAL = {"status": 403, "code": "AuthorizationFailed", "message": "The app has no right to that."}
QUOTA = {
    "code": "28031",
    "possibleCauses": "The quota of the region is used up.",
    "recommendedAction": "Raise the quota.",
}

JOBS = {  # machine: the job of Site Recovery that fails, and the phase that it ends
    "m3": ("EnableDr", "enable_replication"),
    "m5": ("TestFailover", "start_test_failover"),
    "m7": ("TestFailoverCleanup", "clean_up_test_failover"),
    "m11": ("UnplannedFailover", "fail_over"),
    "m12": ("UnplannedFailover", "fail_over"),
    "m15": ("DisableDr", "complete_migration"),
}
OTHERS = {  # machine: where it fails, the id of the problem, AWS's or Azure's code, words of the detail
    "m1": ("check_connectivity", "command-failed", "", "(exit code 13): port 9443 is closed"),
    "m2": ("install_agent", "command-failed", "", "(exit code 12): the disk is full"),
    "m6": ("verify_test_vm", "verification-failed", "", "the test of m6 failed its checks"),
    "m8": ("quiesce", "command-failed", "", "stop-services on m8 ended as Failed (exit code 5): it would not stop"),
    "m9": ("quiesce", "no-recovery-point", "", "no recovery point of m9 newer than"),
    "m10": ("stop_source", "cloud-refused", "OperationNotPermitted", "'disableApiStop' instance attribute"),
    "m14": ("verify", "verification-failed", "", "m14 failed its checks"),
    "m17": ("decommission_source", "termination-protected", "", "is protected from termination"),
    "m18": ("await_window", "window-missed", "", "every cutover window of wave late has closed"),
}
SCRIPTS = {  # machine: the script that Systems Manager runs on it in vain, once
    "m1": {"exitCode": 13, "stderr": "port 9443 is closed"},
    "m2": {"match": AGENT, "exitCode": 12, "stderr": "the disk is full"},
    "m8": {"match": "stop shop", "exitCode": 5, "stderr": "it would not stop"},
}
PROTECTED = {"m10": "DisableApiStop", "m17": "DisableApiTermination"}
LATE = "m10"  # protected against being stopped after the last look at that: before, its cutover would not begin
CHECKED = {"m6": "m6-test", "m14": "m14"}  # machine: the virtual machine whose services do not run
SOURCE_SERVES = ("m1", "m2", "m3", "m5", "m6", "m7", "m8", "m9", "m10", "m18")  # they failed before it was stopped


def words_of_job(name: str) -> dict[str, str]:
    """What Site Recovery says of a job that failed; every machine hears something of its own."""
    return {
        "code": f"28{name[1:]:0>3}",
        "possibleCauses": f"The quota that {name} needs is used up.",
        "recommendedAction": f"Raise the quota for {name}.",
    }


@dataclass
class Night:
    """The faults that meet these machines; those that would strike too early are ordered when their phase comes."""

    running: StackHarness
    names: tuple[str, ...]
    _lasting: list[str] = field(default_factory=list)

    def plan(self) -> dict[str, object]:
        """A plan of these machines, in waves by what becomes of them."""
        gates, straight = {"test": "auto", "cutover": "manual"}, {"test": "skip", "cutover": "auto"}
        more = {"m8": {"scripts": STOP_SHOP}, **{name: {"verify": SHOP_RUNS} for name in CHECKED}}
        apart = {
            "m13": wave("together", "m12", "m13", gates=gates, cutover={"mode": "recoveryPlan"}),
            "m4": wave("slow", "m4", gates=straight),
            "m18": wave("late", "m18", gates=straight, cutover={"windows": [{"start": "+PT1M", "length": "PT31M"}]}),
        }
        alone = [machine(name, **more.get(name, {})) for name in self.names if name not in {*apart, "m12"}]
        return plan(
            "bad-night",
            wave("alone", *alone, gates=gates, cutover={"mode": "machine", "maxLag": "PT1H"}),
            *(each for name, each in apart.items() if name in self.names),
            finish={"decommission": {"mode": "terminate", "grace": "PT1H"}} if "m17" in self.names else {},
        )

    def break_everything(self) -> str:
        """Order the faults that wait for their phase; gives the stall of the first copies, which has to be mended."""
        for name in self._of(JOBS):  # in a recovery plan it is tried once more by itself
            times = 2 if name == "m12" else 1
            self.running.fault("job-fails", scenario=JOBS[name][0], match=name, times=times, **words_of_job(name))
        for name in self._of(SCRIPTS):
            self.running.scripts_end(name, {"result": "failure", "times": 1, **SCRIPTS[name]})
        for name in self._of(PROTECTED):
            if name != LATE:
                self.running.guard(name, **{PROTECTED[name]: True})
        dead = [{"vm": CHECKED[name], "result": "failure", "stderr": "shop is dead"} for name in self._of(CHECKED)]
        self.running.checks_end(*dead)
        return self.running.fault("stalled-replication", match="m4", times=None)

    def break_the_cutover(self) -> None:
        """Order the fault that would strike too early before the approval."""
        self._lasting.append(self.running.fault("no-recovery-points", match="m9", times=None))

    def break_the_stop(self, migration: str) -> None:
        """Protect a machine whose services rest already, while its recovery point is waited for."""
        self.running.play(migration, until=lambda _: "quiesced" in self.running.what(migration, LATE))
        self.running.guard(LATE, **{PROTECTED[LATE]: True})

    def mend(self) -> None:
        """Put right what does not come right by itself."""
        self.running.checks_end()
        for name in self._of(PROTECTED):
            self.running.guard(name, **{PROTECTED[name]: False})
        for fault in self._lasting:
            self.running.mend(fault)

    def phases(self) -> dict[str, str]:
        """Where each of the machines has to fail."""
        where = {name: phase for name, (_, phase) in JOBS.items()} | {name: each[0] for name, each in OTHERS.items()}
        return {name: phase for name, phase in where.items() if name in self.names}

    def _of(self, faults: dict[str, object]) -> list[str]:
        return [name for name in faults if name in self.names]


def is_told(seen, migration):
    """See that the API tells what a failed machine ran into, and what to do about it."""
    problem, name = seen.problem, seen.name
    if name in JOBS:
        assert (problem.code, problem.causes) == (words_of_job(name)["code"], words_of_job(name)["possibleCauses"])
        assert problem.advice == words_of_job(name)["recommendedAction"]
    else:
        _, known_as, code, words = OTHERS[name]
        assert (problem.id, problem.code) == (known_as, code)
        assert words in problem.detail
    assert problem.advice
    assert seen.waiting_for.endswith(problem.advice)
    assert seen.release == f"azferry retry {migration} --machine {name}"
