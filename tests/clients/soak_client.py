"""What the clients of soak.py share: the run with its counts and failures, a connection that judges each answer, and a tenant with
what was accepted there."""

import base64
import collections
import contextlib
import http.client
import json
import os
import random
import ssl
import threading
import time
import urllib.parse

CONTROL_TOKEN = "a-token-of-the-soak-alone"
# A connection is closed after this many requests, so that connections come and go.
REQUESTS_A_CONNECTION = 500
ANSWER_SECONDS_MAX = 120
FAILURES_KEPT = 20
# An answer that takes longer is printed at once, with its time: the server's log has what happened then.
SLOW_SECONDS = 10
# A token is good for an hour.
TOKEN_SECONDS = 20 * 60


class Run:
    """One soak: its server, its seed, what was asked and answered, and what was wrong."""

    def __init__(self, served, seed):
        self.served, self.seed = served, seed
        self.counts = collections.Counter()
        self.failures, self.failed = [], 0
        # By kind, the seconds of the slowest answer.
        self.slowest = collections.Counter()
        self.stopped = threading.Event()
        self.lock = threading.Lock()
        self.trust = ssl.create_default_context(cafile=served.certificate)

    def random(self, name):
        """The generator of one client: what it does does not depend on the others."""
        return random.Random(f"{self.seed} {name}")

    def count(self, kind, status):
        with self.lock:
            self.counts[kind, status] += 1

    def took(self, kind, asked, seconds):
        with self.lock:
            self.slowest[kind] = max(self.slowest[kind], seconds)
            if seconds > SLOW_SECONDS:
                print(f"slow: {kind}: {asked} took {seconds:.1f} s until {time.strftime('%H:%M:%S', time.gmtime())}Z", flush=True)

    def fail(self, text):
        with self.lock:
            self.failed += 1
            if len(self.failures) < FAILURES_KEPT:
                self.failures.append(text)
                print(f"FAILED: {text}", flush=True)

    def judge(self, kind, asked, status, retry_after, text, expected=None):
        """Counts an answer. A 5xx is wrong, unless it is a 503 that says when to come again: of a budget, or of what a reset gave up."""
        is_busy = status == 503 and retry_after is not None
        self.count(kind, status)
        if status >= 500 and not is_busy:
            self.fail(f"{kind}: {asked} was answered with {status}: {text[:300]!r}")
        elif expected and status not in expected and not is_busy:
            self.fail(f"{kind}: {asked} was answered with {status}, and not with one of {expected}: {text[:300]!r}")


class Connection:
    """A connection that stays open from request to request; each answer is counted and judged."""

    def __init__(self, run, base):
        self.run, self.base, self.http, self.requests = run, base, None, 0

    def ask(self, kind, method, path, headers=None, body=None, expected=None):
        """Sends a request; returns status, headers and body, or None if there was no answer, which is a failure."""
        if self.http is None or self.requests >= REQUESTS_A_CONNECTION:
            self.open()
        self.requests += 1
        headers = dict(headers or {})
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            headers.setdefault("Content-Type", "application/json")
        begun = time.monotonic()
        try:
            self.http.request(method, path, body=body, headers=headers)
            answer = self.http.getresponse()
            data = answer.read()
        except (OSError, http.client.HTTPException) as error:
            self.close()
            if 413 in (expected or ()) and isinstance(error, ConnectionError):
                # A body that is too long is not read to its end, and the connection is closed.
                self.run.count(kind, "closed")
            else:
                self.run.fail(f"{kind}: no answer to {method} {path}: {error!r}")
            return None
        self.run.took(kind, f"{method} {path}", time.monotonic() - begun)
        retry_after = answer.headers.get("Retry-After")
        self.run.judge(kind, f"{method} {path}", answer.status, retry_after, data, expected)
        return answer.status, answer.headers, data

    def json(self, *arguments, **named):
        """The same; the status and the body as JSON, None where the answer is not a 2xx."""
        answered = self.ask(*arguments, **named)
        if answered is None:
            return None, None
        status, _, data = answered
        return status, json.loads(data) if data and 200 <= status < 300 else None

    def open(self):
        self.close()
        host = urllib.parse.urlsplit(self.base)
        if host.scheme == "https":
            self.http = http.client.HTTPSConnection(host.netloc, timeout=ANSWER_SECONDS_MAX, context=self.run.trust)
        else:
            self.http = http.client.HTTPConnection(host.netloc, timeout=ANSWER_SECONDS_MAX)
        self.requests = 0

    def close(self):
        if self.http is not None:
            self.http.close()
        self.http = None


class Control(Connection):
    """The control API, of one tenant."""

    def __init__(self, run, tenant):
        super().__init__(run, run.served.control)
        self.tenant = tenant

    def call(self, kind, method, path, body=None, expected=None):
        path = f"/_reveille{path}{'&' if '?' in path else '?'}tenant={self.tenant.id}"
        return self.json(kind, method, path, {"Authorization": f"Bearer {CONTROL_TOKEN}"}, body, expected)


class Gate:
    """Many pass at once, or one alone. Waiting for being alone comes first."""

    def __init__(self):
        self.changed = threading.Condition()
        self.inside, self.waiting, self.is_alone = 0, 0, False

    @contextlib.contextmanager
    def shared(self):
        with self.changed:
            self.changed.wait_for(lambda: not self.is_alone and not self.waiting)
            self.inside += 1
        try:
            yield
        finally:
            with self.changed:
                self.inside -= 1
                self.changed.notify_all()

    @contextlib.contextmanager
    def alone(self):
        with self.changed:
            self.waiting += 1
            self.changed.wait_for(lambda: not self.is_alone and self.inside == 0)
            self.waiting -= 1
            self.is_alone = True
        try:
            yield
        finally:
            with self.changed:
                self.is_alone = False
                self.changed.notify_all()


class Tenant:
    """A tenant of the server: its ids, a token, and the messages that were accepted since its last reset. The wild one is reset at any
    time, and what is done to it is not checked."""

    def __init__(self, run, name, file):
        self.run, self.name, self.file, self.is_wild = run, name, file, name == "wild"
        self.lock, self.gate = threading.Lock(), Gate()
        self.made_at, self.text = None, ""
        # By the id of a request, how many messages it made; by kind, how many ever, and how many came back by an import.
        self.accepted, self.ever, self.again = collections.Counter(), collections.Counter(), collections.Counter()
        self.latest = None
        line = Connection(run, run.served.plain)
        headers = self.headers()
        payload = self.text.split(".")[1]
        self.id = json.loads(decoded(payload))["tid"]
        listed = {
            "phones": "/v1.0/deviceManagement/managedDevices?$filter=operatingSystem%20ne%20'Windows'&$select=id",
            "others": "/v1.0/deviceManagement/managedDevices?$filter=operatingSystem%20eq%20'Windows'&$select=id",
            "groups": "/v1.0/groups?$select=id",
            "users": "/v1.0/users?$top=200&$select=id",
        }
        for key, path in listed.items():
            _, page = line.json("list", "GET", path, headers, expected=(200,))
            setattr(self, key, [entry["id"] for entry in page["value"]])
        line.close()

    def headers(self, **more):
        """The headers of a request by the administrator."""
        with self.lock:
            if self.made_at is None or time.monotonic() - self.made_at > TOKEN_SECONDS:
                self.text = self.run.served.token("--as", "administrator", "--scenario", self.file)
                self.made_at = time.monotonic()
        return {"Authorization": f"Bearer {self.text}", **more}

    def accept(self, kind, request, messages):
        with self.lock:
            if messages:
                self.accepted[request] += messages
                self.ever[kind] += messages
                self.latest = request

    def forget(self):
        with self.lock:
            self.accepted.clear()


def decoded(payload):
    return base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))


def resident_bytes(process):
    with open(f"/proc/{process}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) << 10 for line in status if line.startswith("VmRSS:"))


def open_files(process):
    return len(os.listdir(f"/proc/{process}/fd"))
