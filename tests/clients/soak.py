"""A soak test: hours of mixed load on a server, while its answers, its counts and its memory are checked: soak.py PROGRAM.

    soak.py target/release/reveille --minutes 80 --seed 1

Several clients send, read, sign in, watch and control two tenants, and others break off, do not read, or send nonsense. One tenant is
checked again and again: each 204 is a message, and a state that is exported, reset and imported is what it was. The other one is reset at
any time. What the clients do comes from the seed; when their requests meet depends on the machine. Linux only: it reads /proc."""

import argparse
import hashlib
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import urllib.request

from served import Served
from soak_breakers import Follower, HangUp, Nonsense
from soak_client import CONTROL_TOKEN, Connection, Run, Tenant, open_files, resident_bytes
from soak_keeper import SPEED, Keeper
from soak_load import Meddler, Observer, Reader, Sender, SignIn

# What the memory may be in the last tenth of the time, of what it was in the second one.
GROWTH_MAX = 1.2
# A shorter run has too few samples for tenths: its last third is compared with the one before. Twelve runs of 45 s were between 0.78 and
# 1.16; the largest bodies and the slow hashes of secrets are a good part of the memory, and come when they come.
SHORT_SECONDS, SHORT_GROWTH_MAX = 600, 1.4
# Descriptors beyond those at the beginning: connections that the server has not closed yet.
DESCRIPTORS_MORE_MAX = 6
REST_SECONDS_MAX = 90
READY_SECONDS_MAX = 60
PROGRESS_SECONDS = 600

FLEET = """
schema = 1
name = "NAME"
seed = 7
duration = "366d"

[fleet]
users = USERS
devices_per_user = { "1" = 0.6, "2" = 0.4 }

[[fleet.cohort]]
name = "ios"
share = 0.45
platform = "ios"

[[fleet.cohort]]
name = "android"
share = 0.45
platform = "android"

[[fleet.cohort]]
name = "laptops"
share = 0.1
platform = "windows"

[[group]]
name = "North"
users = { from = 0, to = 40 }

[[group]]
name = "South"
users = { from = 40, to = 100 }

[[group]]
name = "Both"
groups = ["North", "South"]

[[account]]
name = "help-desk"
role = "Help Desk Operator"

[[fault]]
name = "each day"
kind = "outage"
at = "3h"
for = "20m"
every = "1d"
scope = { gateway = "fcm" }
may_touch_nothing = true
"""


def files(program, folder):
    """The files of a server: two tenants, and its clients; returns options and secrets."""
    secrets = {"random": "r" * 40, "chosen": "a chosen secret", "guessed": "never shown", "password": "correct horse"}

    def slowly(secret):
        made = subprocess.run([program, "hash"], input=secret, check=True, capture_output=True, text=True)
        return made.stdout.strip()

    grant = {"permissions": ["User.Read.All"]}
    listed = {
        "clients": [
            {"client_id": "random", "secret_sha256": hashlib.sha256(secrets["random"].encode()).hexdigest(), **grant},
            {"client_id": "chosen", "secret_argon2id": slowly(secrets["chosen"]), **grant},
            {"client_id": "guessed", "secret_argon2id": slowly(secrets["guessed"]), **grant},
            {"client_id": "public", "public": True},
        ],
        "accounts": [{"name": "help-desk", "password_argon2id": slowly(secrets["password"])}],
    }
    options = ["--clients", os.path.join(folder, "clients.json"), "--audit-log", "audit.log", "--control-token", CONTROL_TOKEN]
    with open(options[1], "w", encoding="utf-8") as file:
        json.dump(listed, file)
    scenarios = {}
    for name, users in [("kept", 200), ("wild", 800)]:
        scenarios[name] = os.path.join(folder, f"{name}.toml")
        with open(scenarios[name], "w", encoding="utf-8") as file:
            file.write(FLEET.replace("NAME", name).replace("USERS", str(users)))
        options += ["--scenario", scenarios[name]]
    return options, scenarios, secrets


class Watch:
    """Looks at the process each second, and asks sometimes whether it is alive and ready."""

    def __init__(self, run, seconds):
        self.run, self.process, self.seconds = run, run.served.process, seconds
        self.begun, self.samples, self.line = time.monotonic(), [], Connection(run, run.served.control)

    def watch(self):
        looks, told = 0, 0
        while not self.run.stopped.wait(1):
            if self.process.poll() is not None:
                self.run.fail(f"the server ended with {self.process.returncode}")
                self.run.stopped.set()
                return
            self.samples.append((time.monotonic() - self.begun, resident_bytes(self.process.pid)))
            looks += 1
            if looks % 5 == 0:
                self.is_well()
            at, bytes = self.samples[-1]
            if at >= told + PROGRESS_SECONDS:
                told = at
                print(f"{at / 60:.0f} min: {self.run.counts.total():,} answers, {bytes >> 20} MB", flush=True)

    def is_well(self):
        """It is alive, and ready; while a tenant is reset it is not ready for a moment."""
        self.line.ask("live", "GET", "/_reveille/live", expected=(200,))
        begun, said = time.monotonic(), b""
        while time.monotonic() - begun < READY_SECONDS_MAX and self.process.poll() is None:
            try:
                with urllib.request.urlopen(f"{self.run.served.control}/_reveille/ready", timeout=30):
                    return self.run.count("ready", 200)
            except urllib.error.HTTPError as error:
                said = error.read()
                self.run.count("ready", f"{error.code}, asked again")
                time.sleep(0.2)
        self.run.fail(f"not ready for {READY_SECONDS_MAX} s: {said}")

    def megabytes(self, part, parts=10):
        """The median of the memory in a part of the time, counted from 0."""
        within = [bytes for at, bytes in self.samples if part <= parts * at / self.seconds < part + 1]
        return statistics.median(within or [self.samples[-1][1]]) / 2**20

    def growth(self):
        """The memory at the end, of what it was after the warm-up, and what it may be."""
        parts, most = (3, SHORT_GROWTH_MAX) if self.seconds < SHORT_SECONDS else (10, GROWTH_MAX)
        return self.megabytes(parts - 1, parts) / self.megabytes(1, parts), most


def metrics(address):
    """Every series of the page, with its value."""
    with urllib.request.urlopen(address, timeout=30) as page:
        lines = page.read().decode().splitlines()
    return {line.rsplit(" ", 1)[0]: float(line.rsplit(" ", 1)[1]) for line in lines if line and not line.startswith("#")}


def until(what, run, look):
    """Waits until there is nothing to complain of; what remains is a failure."""
    begun = time.monotonic()
    while complaint := look():
        if time.monotonic() - begun > REST_SECONDS_MAX:
            return run.fail(f"{what}: {complaint}")
        time.sleep(0.5)
    return None


def at_rest(run, files_before):
    """When the load is over nothing is in use any more."""

    def budgets():
        used = {key: value for key, value in metrics(run.served.metrics).items() if key.startswith("reveille_budget_used")}
        # This very request is a connection.
        return {key: value for key, value in used.items() if value > ('"metrics_connections"' in key)}

    until("budgets in use", run, budgets)
    pid = run.served.process.pid
    until("descriptors", run, lambda: open_files(pid) if open_files(pid) > files_before + DESCRIPTORS_MORE_MAX else None)


def counted(run, kept):
    """The server's own counts agree with the clients'."""
    series = metrics(run.served.metrics)
    for key, value in series.items():
        if key.startswith(("reveille_conservation_error", "reveille_audit_lost_total")) and value:
            run.fail(f"{key} is {value}")
    for kind in ("device", "group"):
        accepted = sum(
            value for key, value in series.items()
            if key.startswith("reveille_messages_accepted_total{") and f'kind="{kind}"' in key and 'tenant="kept"' in key
        )
        # An import accepts its messages once more.
        if accepted != kept.ever[kind] + kept.again[kind]:
            answered, again = kept.ever[kind], kept.again[kind]
            run.fail(f"messages to a {kind}: {answered} were accepted and {again} imported, but {accepted:.0f} are counted")


def audited(run):
    """Each line of the audit log is whole, and no number is missing; returns the number of files."""
    folder = run.served.folder.name
    names = sorted((name for name in os.listdir(folder) if name.startswith("audit.log")), key=lambda name: -int(name[10:] or 0))
    number = None
    for name in names:
        with open(os.path.join(folder, name), encoding="utf-8") as lines:
            for line in lines:
                before, number = number, json.loads(line)["number"]
                if before is not None and number != before + 1:
                    run.fail(f"audit log: {number} follows {before} in {name}")
    return len(names)


def clients(run, kept, wild, secrets):
    """Every client: what it is called, its seconds between two actions on average, and itself."""
    return [
        ("kept sender", 0.12, Sender(run, kept, "s1")), ("kept TLS sender", 0.2, Sender(run, kept, "s2", secure=True)),
        ("wild sender", 0.12, Sender(run, wild, "s3")), ("kept reader", 0.2, Reader(run, kept)),
        ("wild TLS reader", 0.2, Reader(run, wild, secure=True)), ("sign-ins", 0.3, SignIn(run, kept, secrets)),
        ("kept observer", 0.2, Observer(run, kept)), ("wild observer", 0.3, Observer(run, wild)),
        ("kept meddler", 1, Meddler(run, kept)), ("wild meddler", 0.7, Meddler(run, wild)),
        ("follower", 0.7, Follower(run, [kept, wild])), ("hang-ups", 0.7, HangUp(run, wild)), ("nonsense", 0.2, Nonsense(run, wild)),
        ("keeper", 6, Keeper(run, kept)),
    ]


def work(run, rate, name, seconds, client):
    """Lets a client act until the end, with random pauses."""
    rng = run.random(name)
    while not run.stopped.wait(min(rng.expovariate(1 / seconds), 5 * seconds) / rate):
        try:
            client.act(rng)
        except Exception:
            run.fail(f"{name}: {traceback.format_exc()}")


def load(run, seconds, rate, all_clients):
    """Runs all clients for this time."""
    watch = Watch(run, seconds)
    threads = [threading.Thread(target=work, args=(run, rate, *client)) for client in all_clients]
    threads.append(threading.Thread(target=watch.watch))
    for thread in threads:
        thread.start()
    run.stopped.wait(seconds)
    run.stopped.set()
    for thread in threads:
        thread.join()
    for _, _, client in all_clients:
        for part in (client, getattr(client, "line", None), getattr(client, "control", None)):
            if hasattr(part, "close"):
                part.close()
    watch.line.close()
    return watch


def drained(process):
    """Reads what the server says, so that it can go on; returns the lines of errors and the thread."""
    errors = []

    def read():
        for line in process.stderr:
            # A reset may find the wild tenant busy for two seconds.
            was_given_up = "wild" in line and "gave no answer and was given up" in line
            if not was_given_up and ("panicked" in line or "ERROR" in line or line.startswith("error")):
                errors.append(line.strip())

    thread = threading.Thread(target=read)
    thread.start()
    return errors, thread


def table(run, watch, keeper, kept, wild, rest):
    """What was done, and what it took."""
    kinds = {}
    for (kind, status), count in sorted(run.counts.items(), key=lambda item: (item[0][0], str(item[0][1]))):
        kinds.setdefault(kind, []).append(f"{status}: {count:,}")
    for kind, counts in kinds.items():
        print(f"  {kind:<26} {'  '.join(counts)}")
    done = {kind: sum(count for (name, status), count in run.counts.items() if name == kind and status in (200, 201, 204))
            for kind in ("reset", "import", "fault started", "fault stopped")}
    print(f"answers {run.counts.total():,}; messages accepted: kept {kept.ever.total():,}, wild {wild.ever.total():,}")
    print(f"found again {keeper.checked:,}; states compared {keeper.compared}, {keeper.exact} of them at the same millisecond")
    print("; ".join(f"{kind} {count:,}" for kind, count in done.items()))
    print("slowest answers:", ", ".join(f"{kind} {seconds:.1f} s" for kind, seconds in run.slowest.most_common(4)))
    print("memory in MB, the median of each tenth of the time:", " ".join(f"{watch.megabytes(tenth):.0f}" for tenth in range(10)))
    most = max(bytes for _, bytes in watch.samples) >> 20
    print(f"memory at the end, of that after the warm-up: {watch.growth()[0]:.1%}; the most was {most} MB")
    for name, value in rest.items():
        print(f"{name}: {value}")


def soak(program, minutes, seed, rate):
    with tempfile.TemporaryDirectory() as folder:
        options, scenarios, secrets = files(program, folder)
        with Served(program, "--speed", str(SPEED), *options) as served:
            errors, reading = drained(served.process)
            run = Run(served, seed)
            kept, wild = (Tenant(run, name, scenarios[name]) for name in ("kept", "wild"))
            files_before = open_files(served.process.pid)
            all_clients = clients(run, kept, wild, secrets)
            watch = load(run, minutes * 60, rate, all_clients)
            rest = {}
            if served.process.poll() is None:
                rest = ended(run, watch, all_clients[-1][2], kept, files_before)
            served.process.terminate()
            served.process.wait()
            reading.join()
            for line in errors:
                run.fail(f"the server says: {line}")
            rest["audit files"] = audited(run)
            table(run, watch, all_clients[-1][2], kept, wild, rest)
            return run


def ended(run, watch, keeper, kept, files_before):
    """The checks after the load; returns figures."""
    served = run.served
    with open(f"/proc/{served.process.pid}/stat", encoding="ascii") as stat:
        ticks = sum(int(figure) for figure in stat.read().rsplit(") ", 1)[1].split(" ")[11:13])
    watch.is_well()
    watch.line.close()
    keeper.conserved()
    keeper.control.close()
    at_rest(run, files_before)
    counted(run, kept)
    growth, most = watch.growth()
    if growth > most:
        run.fail(f"the memory is {growth:.0%} of what it was after the warm-up, and may be {most:.0%}")
    own = resource.getrusage(resource.RUSAGE_SELF)
    cores = ticks / os.sysconf("SC_CLK_TCK") / watch.seconds
    return {
        "descriptors": f"{files_before} at the beginning, {open_files(served.process.pid)} at the end",
        "processors": f"{cores:.2f} by the server, {(own.ru_utime + own.ru_stime) / watch.seconds:.2f} by this script",
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("program")
    parser.add_argument("--minutes", type=float, default=120)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rate", type=float, default=1, help="how many times as many requests; 3 takes half a processor of a release build")
    given = parser.parse_args()
    program = os.path.abspath(given.program)
    again = f"soak.py {given.program} --minutes {given.minutes:g} --seed {given.seed} --rate {given.rate:g}"
    print(f"soak: {again}", flush=True)
    run = soak(program, given.minutes, given.seed, given.rate)
    if run.failed:
        print(f"soak: {run.failed} failures; the first are above, and again:")
        print("\n".join(run.failures))
        print(f"soak: failed; the same load: {again}")
        sys.exit(1)
    print("soak: all well")


if __name__ == "__main__":
    main()
