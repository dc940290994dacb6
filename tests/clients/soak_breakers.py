"""The load of soak.py by requests that are not whole: clients that follow and go away, do not read, hang up, or send nonsense."""

import json
import random
import socket
import urllib.parse

from soak_client import CONTROL_TOKEN

READ_SECONDS_MAX = 10
READ_BYTES_MAX = 1 << 20
# Connections that are held open and neither read nor written.
HELD_MAX = 12
ACTION = "sendCustomNotificationToCompanyPortal"


def place(base):
    host, port = urllib.parse.urlsplit(base).netloc.rsplit(":", 1)
    return host, int(port)


def head(method, path, headers, length=None):
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", *(f"{name}: {value}" for name, value in headers.items())]
    if length is not None:
        lines.append(f"Content-Length: {length}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


class Breaker:
    """A client that works on sockets, and holds some of them."""

    def __init__(self, run):
        self.run, self.held = run, []

    def connect(self, base):
        return socket.create_connection(place(base), timeout=READ_SECONDS_MAX)

    def send(self, base, data):
        """A connection on which this was sent; the server may have closed it before it took everything."""
        line = self.connect(base)
        try:
            line.sendall(data)
        except OSError:
            pass
        return line

    def hold(self, rng, line):
        self.held.append(line)
        while len(self.held) > HELD_MAX:
            self.held.pop(rng.randrange(len(self.held))).close()

    def close(self):
        for line in self.held:
            line.close()
        self.held.clear()

    def answer(self, kind, asked, line):
        """Reads the head of an answer and judges it. Silence until the deadline, and an end without an answer, are counted."""
        data = b""
        try:
            while b"\r\n\r\n" not in data and len(data) < READ_BYTES_MAX:
                part = line.recv(65_536)
                if not part:
                    break
                data += part
        except TimeoutError:
            return self.run.count(kind, "silence")
        except OSError:
            pass
        if not data.startswith(b"HTTP/1.1 "):
            return self.run.count(kind, "closed")
        first, *lines = data.split(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
        headers = dict(part.lower().split(": ", 1) for part in lines if ": " in part)
        self.run.judge(kind, asked, int(first.split(" ")[1]), headers.get("retry-after"), data[-300:])


class Follower(Breaker):
    """Follows events and goes away."""

    def __init__(self, run, tenants):
        super().__init__(run)
        self.tenants = tenants

    def act(self, rng):
        tenant, since = rng.choice(self.tenants), rng.choice(["", "&after=0", f"&after={rng.randint(1, 9_999)}"])
        path = f"/_reveille/events?tenant={tenant.id}{since}"
        line = self.send(self.run.served.control, head("GET", path, {"Authorization": f"Bearer {CONTROL_TOKEN}"}))
        if rng.random() < 0.7:
            self.answer("event stream", path, line)
        self.hold(rng, line)


class HangUp(Breaker):
    """Asks for long answers and does not read them, leaves bodies unfinished, and closes early or by half."""

    def __init__(self, run, tenant):
        super().__init__(run)
        self.tenant = tenant

    def act(self, rng):
        what = rng.choice([self.long_answer, self.unread, self.unfinished, self.early, self.half, self.state, self.idle])
        what(rng)
        self.run.count(f"hang-up: {what.__name__.replace('_', ' ')}", "done")

    def batch(self):
        url = "/deviceManagement/managedDevices?$top=1000"
        body = json.dumps({"requests": [{"id": str(id), "method": "GET", "url": url} for id in range(20)]}).encode()
        headers = self.tenant.headers(**{"Content-Type": "application/json"})
        return self.send(self.run.served.plain, head("POST", "/v1.0/$batch", headers, len(body)) + body)

    def long_answer(self, rng):
        line = self.batch()
        try:
            line.recv(rng.choice([1, 1_000, 100_000]))
        except TimeoutError:
            self.run.count("hang-up: long answer", "silence")
        line.close()

    def unread(self, rng):
        self.hold(rng, self.batch())

    def unfinished(self, rng):
        served, headers = self.run.served, {"Authorization": f"Bearer {CONTROL_TOKEN}", "Content-Type": "application/json"}
        base, method, path, headers = rng.choice([
            (served.plain, "POST", f"/{self.tenant.id}/oauth2/v2.0/token", {"Content-Type": "application/x-www-form-urlencoded"}),
            (served.plain, "POST", "/beta/$batch", self.tenant.headers(**{"Content-Type": "application/json"})),
            (served.control, "PUT", f"/_reveille/state?tenant={self.tenant.id}", headers),
        ])
        length = rng.randint(100, 8_000)
        line = self.send(base, head(method, path, headers, length) + b"x" * rng.randrange(length))
        self.hold(rng, line) if rng.random() < 0.5 else line.close()

    def early(self, rng):
        body = json.dumps({"notificationTitle": "t", "notificationBody": "b"}).encode()
        device = rng.choice(self.tenant.phones)
        method, path, body = rng.choice([
            ("GET", "/v1.0/deviceManagement/managedDevices?$orderby=deviceName%20desc", b""),
            ("POST", f"/beta/deviceManagement/managedDevices/{device}/{ACTION}", body),
        ])
        headers = self.tenant.headers(**{"Content-Type": "application/json"})
        self.send(self.run.served.plain, head(method, path, headers, len(body)) + body).close()

    def half(self, rng):
        path = rng.choice(["/v1.0/organization", "/v1.0/users?$top=5"])
        line = self.send(self.run.served.plain, head("GET", path, self.tenant.headers()))
        line.shutdown(socket.SHUT_WR)
        self.answer("half-closed", path, line)
        line.close()

    def state(self, _):
        headers = {"Authorization": f"Bearer {CONTROL_TOKEN}"}
        self.send(self.run.served.control, head("GET", f"/_reveille/state?tenant={self.tenant.id}", headers)).close()

    def idle(self, rng):
        served = self.run.served
        beginning = rng.choice([b"", b"GET /v1.0/us", b"\x16\x03\x01\x02\x00\x01\x00"])
        self.hold(rng, self.send(rng.choice([served.plain, served.secure, served.control]), beginning))


class Nonsense(Breaker):
    """Sends requests that are wrong in their bytes."""

    def __init__(self, run, tenant):
        super().__init__(run)
        self.tenant = tenant

    def act(self, rng):
        served, control = self.run.served, {"Authorization": f"Bearer {CONTROL_TOKEN}"}
        base, data = rng.choice([
            (served.plain, b"GET / HTTP/9.9\r\n\r\n"),
            (served.plain, b"\x00" * rng.randint(1, 99) + b"\r\n\r\n"),
            (served.plain, head("GET", "/v1.0/users", {"Authorization": "Bearer " + "x" * rng.randint(0, 9_000)})),
            (served.plain, head("GET", "/v1.0/" + "%" * rng.randint(1, 99), self.tenant.headers())),
            (served.plain, head("GET", "/v1.0/users?$filter=" + "(" * rng.randint(1, 900), self.tenant.headers())),
            (served.plain, head("GET", "/v1.0/users", {"X": "y" * rng.randint(1, 200_000)})),
            (served.plain, head("POST", "/beta/$batch", self.json(), 6) + b"[{}]\r\n"),
            (served.plain, head("POST", "/beta/$batch", self.json(), 1 << 40)),
            (served.plain, head("POST", "/beta/$batch", self.json() | {"Content-Encoding": "gzip"}, 30) + rng.randbytes(30)),
            (served.plain, head("POST", "/beta/$batch", self.json() | {"Transfer-Encoding": "chunked"}) + b"zz\r\n\r\n"),
            (served.plain, head("DELETE", "/beta/$batch", self.json())),
            (served.secure, b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
            (served.secure, rng.randbytes(rng.randint(1, 600))),
            (served.control, head("GET", "/_reveille/state", control)),
            (served.control, head("GET", "/_reveille/messages?tenant=" + "9" * rng.randint(1, 99), control)),
            (served.control, head("PUT", f"/_reveille/clock?tenant={self.tenant.id}", control | self.plain_json(), 13) + b'{"speed": -1}'),
            (served.control, head("PUT", f"/_reveille/state?tenant={self.tenant.id}", control | self.plain_json(), 9) + b"[1,2,3,4]"),
            (served.control, head("POST", f"/_reveille/faults?tenant={self.tenant.id}", control | self.plain_json(), 15) + b'{"kind":"loss"}'),
            (served.control, head("GET", "/_reveille/snapshot", {"Authorization": "Bearer wrong"})),
            (served.metrics.removesuffix("/metrics"), head("POST", "/metrics", {}, 3) + b"abc"),
            (served.metrics.removesuffix("/metrics"), b"GET /metrics"),
        ])
        if rng.random() < 0.3:
            data = mutated(rng, data)
        line = self.send(base, data)
        line.settimeout(1)
        self.answer("malformed", data[:120], line)
        line.close()

    def plain_json(self):
        return {"Content-Type": "application/json"}

    def json(self):
        return self.tenant.headers(**self.plain_json())


def mutated(rng: random.Random, data):
    """The same with some bytes changed, removed or doubled."""
    data = bytearray(data)
    for _ in range(rng.randint(1, 8)):
        at = rng.randrange(len(data))
        rng.choice([
            lambda: data.__setitem__(at, rng.randrange(256)),
            lambda: data.__delitem__(slice(at, at + 1)) if len(data) > 1 else None,
            lambda: data.insert(at, data[at]),
        ])()
    return bytes(data)
