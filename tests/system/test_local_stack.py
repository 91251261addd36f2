"""The local stack as a person meets it: started, stopped, killed, in the way of something else.

Most of it is shown with stand-ins for the services, so that each test is about the supervisor alone.
"""

import json
import os
import shlex
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from deploy.local.free_ports import leased_block
from deploy.local.processes.processes import ProcessId, exists, identify
from deploy.local.services import CHECKOUT, NICENESS, STOP_SIGNALS
from tests.system.stand_ins.slow import TOLD
from tests.worlds.processes.freezing import freeze

STOP_SECONDS = 90.0
HANG_SECONDS = 200.0  # whoever takes longer hangs, also on a machine that is busy with other things
COMMAND = [sys.executable, "-m", "tests.system.stand_ins.stack"]
NO_SERVERS = {
    "PUBLIC_URL": "",
    "KAFKA_BOOTSTRAP": "127.0.0.1:1",
    "POSTGRES_DSN": "postgresql://nobody@127.0.0.1:1/nothing",
}


def eventually(holds: Callable[[], object], seconds: float = HANG_SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.02)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def started_in(data_dir: Path) -> set[ProcessId]:
    """What the stack has noted: of its first steps, which end by themselves, some may be gone."""
    started = json.loads((data_dir / "processes.json").read_text())["started"]
    return {ProcessId(process["pid"], process["started_ticks"]) for process in started}


# Whoever runs the tests in the background made them deaf to SIGINT, and deafness is inherited.
AS_FROM_A_TERMINAL = ("env", "--default-signal")


class RunningStack:
    """The stack in a process group of its own, as a shell would start it."""

    def __init__(
        self, data_dir: Path, *stand_ins: str, makefile: Path | None = None, **settings: str
    ) -> None:
        self.data_dir = data_dir
        self.output = data_dir.parent / f"{data_dir.name}-output-{time.monotonic_ns()}.txt"
        self.environment = os.environ | NO_SERVERS | {"DATA_DIR": str(data_dir)} | settings
        self.seen: set[ProcessId] = set()
        command = ["make", "-f", makefile, "up"] if makefile else [*COMMAND, *stand_ins]
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [*AS_FROM_A_TERMINAL, *command],
                cwd=CHECKOUT,
                env=self.environment,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    @property
    def said(self) -> str:
        return self.output.read_text()

    @property
    def endpoints(self) -> dict[str, Any]:
        content: dict[str, Any] = json.loads((self.data_dir / "endpoints.json").read_text())
        return content

    def is_up(self) -> bool:
        assert self.process.poll() is None, self.said
        return "Pixmill is ready" in self.said and (self.data_dir / "endpoints.json").exists()

    def wait_until_up(self, seconds: float = HANG_SECONDS) -> "RunningStack":
        eventually(self.is_up, seconds)
        self.note_children()
        return self

    def note_children(self) -> None:
        self.seen |= started_in(self.data_dir)

    def ended(self, seconds: float = STOP_SECONDS) -> int:
        status = self.process.wait(seconds)
        # At once, not eventually: it returns only when nothing is left.
        assert [process for process in self.seen if exists(process)] == []
        assert not (self.data_dir / "endpoints.json").exists()
        return status


@pytest.fixture
def launch(tmp_path: Path) -> Iterator[Callable[..., RunningStack]]:
    running: list[RunningStack] = []
    with ExitStack() as leases:

        def start(*stand_ins: str, folder: str = "data", **more: Any) -> RunningStack:
            settings = {"PORT_BASE": str(leases.enter_context(leased_block()))} | more
            running.append(RunningStack(tmp_path / folder, *stand_ins, **settings))
            return running[-1]

        yield start
        for stack in running:
            if stack.process.poll() is None:
                stack.process.terminate()
                stack.process.wait(STOP_SECONDS)


Launch = Callable[..., RunningStack]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_one_signal_stops_everything_in_order(launch: Launch, number: signal.Signals) -> None:
    stack = launch().wait_until_up()
    os.kill(stack.process.pid, number)
    assert stack.ended() == 0
    assert len(stack.seen) == 5


@contextmanager
def draining(stack: RunningStack) -> Iterator[None]:
    """The block stops the stack, which waits for its slow notifier until the block has ended."""
    [slow] = stack.endpoints["pids"]["notifier"]
    yield
    eventually(lambda: TOLD in (stack.data_dir / "logs" / "notifier.log").read_text())
    assert stack.process.poll() is None
    os.kill(slow, signal.SIGUSR1)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_to_the_whole_group_and_then_a_few_more_change_nothing(
    launch: Launch, number: signal.Signals
) -> None:
    stack = launch("notifier=slow").wait_until_up()
    with draining(stack):
        for _ in range(4):
            os.killpg(stack.process.pid, number)
            time.sleep(0.1)  # between the presses of an impatient person
    assert stack.ended() == 0
    assert "Traceback" not in stack.said


def test_a_frozen_service_is_stopped_in_order_too(launch: Launch) -> None:
    stack = launch().wait_until_up()
    freeze(stack.endpoints["pids"]["status"][0])
    stack.process.terminate()
    assert stack.ended() == 0


def test_a_service_that_does_not_end_is_killed_within_the_time_for_a_stop(launch: Launch) -> None:
    ((_, kill_after_seconds),) = STOP_SIGNALS
    assert kill_after_seconds < STOP_SECONDS
    stack = launch("notifier=stubborn", "kill_after=1").wait_until_up()
    stack.process.terminate()
    assert stack.ended() == 0


@pytest.fixture
def makefile(tmp_path: Path) -> Path:
    """The recipe of `make up`, with stand-ins."""
    recipe = f"SHELL := /bin/bash\nup:\n\t@exec {shlex.join(COMMAND)} notifier=slow\n"
    (tmp_path / "Makefile").write_text(recipe)
    return tmp_path / "Makefile"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("send", [os.kill, os.killpg])
def test_make_returns_only_when_all_has_stopped(
    launch: Launch, makefile: Path, number: signal.Signals, send: Callable[[int, int], None]
) -> None:
    stack = launch(makefile=makefile).wait_until_up()
    with draining(stack):
        send(stack.process.pid, number)
    assert stack.ended() != 0  # make ends by the signal itself


def test_the_stack_stops_when_its_make_is_killed_and_the_next_start_waits_for_that(
    launch: Launch, makefile: Path
) -> None:
    former = launch(makefile=makefile).wait_until_up()
    [slow] = former.endpoints["pids"]["notifier"]
    former.process.kill()
    stack = launch("lock_patience=60", PORT_BASE=former.environment["PORT_BASE"])
    eventually(lambda: TOLD in (former.data_dir / "logs" / "notifier.log").read_text())
    assert not stack.is_up()
    os.kill(slow, signal.SIGUSR1)
    eventually(stack.is_up)
    assert [process for process in former.seen if exists(process)] == []


def test_a_stop_in_the_middle_of_the_start_leaves_nothing(launch: Launch) -> None:
    stack = launch("processor=never_ready")
    eventually(lambda: "starting the services" in stack.said)
    eventually((stack.data_dir / "logs" / "processor-0.log").exists)
    stack.note_children()
    stack.process.terminate()
    assert stack.ended() == 0


def test_a_service_that_refuses_its_settings_fails_the_start_with_its_own_line(launch: Launch) -> None:
    stack = launch("notifier=refusing")
    assert stack.ended() == 78
    assert "wrong setting SHOE_SIZE: must be a number" in stack.said.splitlines()[-1]


def test_a_service_that_works_is_waited_for_and_one_that_stands_still_is_given_up_with_its_own_words(
    launch: Launch,
) -> None:
    """Both may stand still for 1.5 s; the first uses three seconds of a core. It takes about 15 s."""
    launch("processor=laborious", "ready_seconds=1.5").wait_until_up()
    still = launch("processor=never_ready", "ready_seconds=1.5", folder="still")
    assert still.ended() == 1
    log = still.data_dir / "logs" / "processor-0.log"
    lacks = "shoe: no room for the left one"
    assert still.said.splitlines()[-2:] == [
        f"pixmill: processor-0 is not ready ({lacks}), and nothing has moved for 1.5 s; {log} ends with",
        "    waiting for a shoe",
    ]


def test_a_start_that_fails_by_an_error_of_the_machine_names_its_step(launch: Launch, tmp_path: Path) -> None:
    (tmp_path / "data" / "logs" / "notifier.log").mkdir(parents=True)
    stack = launch()
    assert stack.ended() == 1
    assert "pixmill: starting the services: IsADirectoryError" in stack.said.splitlines()[-1]


def test_a_failed_start_ends_what_had_started(launch: Launch) -> None:
    stack = launch("processor=refusing")
    assert stack.process.wait(STOP_SECONDS) == 78
    for name in ("ingest", "status", "notifier"):
        assert (stack.data_dir / "logs" / f"{name}.log").exists()
    ports = [int(stack.environment["PORT_BASE"]) + offset for offset in (0, 1, 2, 3)]
    assert all(_is_free(port) for port in ports)


@pytest.mark.parametrize(
    ("offset", "whose"), [(0, "the gateway"), (1, "ingest"), (10, "processor-0"), (93, "Kafka's controller")]
)
def test_a_taken_port_is_one_line_that_names_it_and_nothing_starts(
    launch: Launch, offset: int, whose: str
) -> None:
    with leased_block() as base, socket.create_server(("127.0.0.1", base + offset)):
        stack = launch(PORT_BASE=str(base), KAFKA_BOOTSTRAP="")
        assert stack.ended() == 1
    assert stack.said.splitlines() == [
        f"pixmill: port {base + offset}, for {whose}, is taken; PORT_BASE moves all ports"
    ]
    assert not (stack.data_dir / "logs").exists()


@pytest.mark.parametrize(
    ("name", "value"),
    [("PORT_BASE", "abc"), ("PROCESSORS", "-1"), ("ALLOW_HOSTS", "nonsense"), ("WEBHOOK_SCHEDULE", "x")],
)
def test_a_wrong_setting_is_one_line_and_exit_code_78(launch: Launch, name: str, value: str) -> None:
    stack = launch(**{name: value})
    assert stack.ended() == 78
    [line] = stack.said.splitlines()
    assert name in line


def test_topics_that_differ_from_their_declaration_are_told_at_the_start(launch: Launch) -> None:
    """R26"""
    stack = launch("topics=warning").wait_until_up()
    assert "pixmill: warning: image.done has 2 partitions, declared are 6" in stack.said


def test_allowed_hosts_are_warned_about(launch: Launch) -> None:
    stack = launch(ALLOW_HOSTS="127.0.0.0/8").wait_until_up()
    assert "warning: services may connect to 127.0.0.0/8" in stack.said


def test_a_second_stack_on_the_same_data_says_so_and_leaves_the_first_alone(launch: Launch) -> None:
    first = launch().wait_until_up()
    before = first.endpoints
    second = launch()
    assert second.process.wait(STOP_SECONDS) == 1
    [line] = second.said.splitlines()
    assert "another stack runs in" in line
    assert first.endpoints == before


def test_a_second_copy_with_other_ports_and_data_runs_beside_the_first(launch: Launch) -> None:
    first = launch().wait_until_up()
    second = launch(folder="other").wait_until_up()
    assert first.endpoints["ingest_url"] != second.endpoints["ingest_url"]
    second.process.terminate()
    assert second.ended() == 0
    assert first.is_up()


def test_endpoints_name_the_real_processes(launch: Launch) -> None:
    endpoints = launch(PROCESSORS="2", STORE_URL="s3://bucket/prefix").wait_until_up().endpoints
    assert endpoints["store_url"] == "s3://bucket/prefix"
    assert endpoints["kafka_bootstrap"] == NO_SERVERS["KAFKA_BOOTSTRAP"]
    assert {role: len(pids) for role, pids in endpoints["pids"].items()} == {
        "gateway": 1, "ingest": 1, "status": 1, "processor": 2, "notifier": 1, "kafka": 0, "postgres": 0,
    }  # fmt: skip
    for pid in endpoints["pids"]["processor"]:
        assert b"stand_ins.ready" in Path(f"/proc/{pid}/cmdline").read_bytes()


def test_processors_give_way_to_what_people_wait_for(launch: Launch) -> None:
    """R18"""
    pids = launch().wait_until_up().endpoints["pids"]
    niceness = {
        role: os.getpriority(os.PRIO_PROCESS, pid) for role in ("processor", "status") for pid in pids[role]
    }
    assert niceness["processor"] - niceness["status"] == NICENESS["processor"]
    of_the_session = Path(f"/proc/{pids['processor'][0]}/autogroup")
    assert not of_the_session.exists() or int(of_the_session.read_text().split()[-1]) == NICENESS["processor"]


def test_the_gateways_address_is_told_first_and_leads_to_the_services(launch: Launch) -> None:
    """R25"""
    stack = launch().wait_until_up()
    url = f"http://127.0.0.1:{stack.environment['PORT_BASE']}"
    assert stack.endpoints["url"] == url
    assert stack.said.splitlines()[0] == f"{url} will be Pixmill's address, as soon as everything runs."
    assert f"Pixmill is ready: {url}" in stack.said
    assert answer(f"{url}/v1/webhooks/secret") == "ingest"
    assert answer(f"{url}/v1/requests") == "status"


def answer(url: str) -> str:
    with urllib.request.urlopen(url, timeout=HANG_SECONDS) as answered:
        name: str = answered.headers["X-Served-By"]
        return name


@pytest.mark.parametrize("given", [None, "https://pixmill.shop.example"])
def test_links_carry_the_gateways_address_unless_another_is_given(launch: Launch, given: str | None) -> None:
    stack = launch(**({"PUBLIC_URL": given} if given else {})).wait_until_up()
    told = {
        variables["PUBLIC_URL"]
        for role in ("ingest", "status")
        for variables in (environment_of(stack.endpoints["pids"][role][0]),)
    }
    assert told == {given or stack.endpoints["url"]}


def environment_of(pid: int) -> dict[str, str]:
    entries = Path(f"/proc/{pid}/environ").read_text().split("\0")
    return dict(entry.split("=", 1) for entry in entries if entry)


def test_a_killed_gateway_is_started_again_and_its_port_is_free_after_a_stop(launch: Launch) -> None:
    stack = launch().wait_until_up()
    [before] = stack.endpoints["pids"]["gateway"]
    os.kill(before, signal.SIGKILL)
    eventually(lambda: stack.endpoints["pids"]["gateway"] not in ([], [before]))
    eventually(lambda: "gateway is ready again after" in stack.said)
    assert answer(f"{stack.endpoints['url']}/v1/requests") == "status"
    stack.note_children()
    stack.process.terminate()
    assert stack.ended() == 0
    assert _is_free(int(stack.environment["PORT_BASE"]))


def test_no_processor_at_all_is_allowed(launch: Launch) -> None:
    endpoints = launch(PROCESSORS="0").wait_until_up().endpoints
    assert endpoints["processor_urls"] == endpoints["pids"]["processor"] == []


def test_a_child_that_dies_is_restarted_and_so_said_and_its_new_pid_is_told(launch: Launch) -> None:
    stack = launch().wait_until_up()
    [before] = stack.endpoints["pids"]["status"]
    os.kill(before, signal.SIGKILL)
    eventually(lambda: stack.endpoints["pids"]["status"] not in ([], [before]))
    eventually(lambda: "status is ready again after" in stack.said)
    assert "status died (killed by SIGKILL); it is restarted at once" in stack.said
    stack.note_children()
    stack.process.terminate()
    assert stack.ended() == 0


def test_a_child_that_dies_again_is_restarted_after_a_wait(launch: Launch) -> None:
    stack = launch().wait_until_up()
    for deaths in (1, 2):
        eventually(lambda: stack.said.count("status is ready again") == deaths - 1)  # noqa: B023 - used at once
        os.kill(stack.endpoints["pids"]["status"][0], signal.SIGKILL)
        eventually(lambda: stack.said.count("status died") == deaths)  # noqa: B023 - as above
    eventually(lambda: "it is restarted in 1 s" in stack.said)
    eventually(lambda: stack.said.count("status is ready again") == 2)


def test_what_a_killed_child_had_started_does_not_outlive_it(launch: Launch) -> None:
    stack = launch("status=with_helper").wait_until_up()
    log = stack.data_dir / "logs" / "status.log"
    eventually(lambda: "helper" in log.read_text())
    helper = identify(int(log.read_text().split()[1]))
    os.kill(stack.endpoints["pids"]["status"][0], signal.SIGKILL)
    eventually(lambda: not exists(helper))


def test_children_end_when_their_supervisor_is_killed(launch: Launch) -> None:
    stack = launch().wait_until_up()
    stack.process.kill()
    stack.process.wait()
    eventually(lambda: not any(exists(process) for process in stack.seen))


def test_a_start_after_a_killed_one_ends_the_leftovers_and_takes_their_ports(launch: Launch) -> None:
    former = launch("status=with_helper").wait_until_up()
    [frozen] = former.endpoints["pids"]["status"]
    freeze(frozen)  # it cannot hear that its parent is gone
    former.process.kill()
    former.process.wait()
    stack = launch(PORT_BASE=former.environment["PORT_BASE"]).wait_until_up()
    assert "processes that a former run had left" in stack.said
    assert [process for process in former.seen if exists(process)] == []
    stack.process.terminate()
    assert stack.ended() == 0


def test_a_process_that_got_the_number_of_a_former_child_is_left_alone(launch: Launch) -> None:
    former = launch().wait_until_up()
    former.process.kill()
    former.process.wait()
    eventually(lambda: not any(exists(process) for process in former.seen))
    with subprocess.Popen(["sleep", "1000"], start_new_session=True) as innocent:
        record = json.loads((former.data_dir / "processes.json").read_text())
        record["started"] = [{"pid": innocent.pid, "started_ticks": 1, "stop_signal": 15}]
        (former.data_dir / "processes.json").write_text(json.dumps(record))
        launch().wait_until_up()
        assert innocent.poll() is None
        innocent.kill()


def test_a_reader_of_its_output_that_goes_away_does_not_disturb_the_stop(tmp_path: Path) -> None:
    with leased_block() as base:
        environment = os.environ | NO_SERVERS | {"DATA_DIR": str(tmp_path / "data"), "PORT_BASE": str(base)}
        process = subprocess.Popen(COMMAND, cwd=CHECKOUT, env=environment, stdout=subprocess.PIPE)
        assert process.stdout is not None
        process.stdout.readline()
        process.stdout.close()
        eventually((tmp_path / "data" / "endpoints.json").exists)
        process.terminate()
        assert process.wait(STOP_SECONDS) == 0
    assert not (tmp_path / "data" / "processes.json").exists()


def test_real_servers_below_closed_folders_are_restarted_and_stopped(launch: Launch, tmp_path: Path) -> None:
    """R23: root or plain user, below folders that are closed to everyone else."""
    (tmp_path / "closed folder, ünïcode").mkdir(mode=0o700)
    stack = launch(folder="closed folder, ünïcode/data", KAFKA_BOOTSTRAP="", POSTGRES_DSN="").wait_until_up()
    for role in ("postgres", "kafka"):
        os.kill(stack.endpoints["pids"][role][0], signal.SIGKILL)
        eventually(lambda: f"{role} is ready again" in stack.said)  # noqa: B023 - used at once
    stack.note_children()
    os.killpg(stack.process.pid, signal.SIGINT)
    assert stack.ended() == 0
    assert (tmp_path / "closed folder, ünïcode").stat().st_mode & 0o777 == 0o700


def test_a_stack_of_ones_own_ends_with_its_owner_however_that_ended(tmp_path: Path) -> None:
    """A killed test or bench leaves neither processes nor ports behind."""
    data_dir = tmp_path / "data"
    owner = (
        "import sys, pathlib\n"
        "from deploy.local.own_stack import own_stack\n"
        "with own_stack(pathlib.Path(sys.argv[1])): pass"
    )
    with subprocess.Popen([sys.executable, "-c", owner, str(data_dir)], cwd=CHECKOUT) as process:
        started, left = data_dir / "processes.json", set[ProcessId]()

        def some_run() -> bool:
            left.update(each for each in started_in(data_dir) if exists(each))
            return bool(left)

        eventually(lambda: started.exists() and some_run())
        process.kill()
    eventually(lambda: not any(exists(each) for each in left), STOP_SECONDS)
    eventually(lambda: not started.exists(), STOP_SECONDS)
