"""The load of soak.py by requests that are whole: clients that send, read, sign in, watch and control. Each has a generator of its own."""

import gzip
import json
import urllib.parse

from soak_client import Connection, Control

ACTION = "sendCustomNotificationToCompanyPortal"
DEVICES = "/beta/deviceManagement/managedDevices"
UNKNOWN = "01234567-89ab-4def-8123-456789abcdef"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
SCOPE = "https://graph.microsoft.com/.default"
# Answers to a send: done, or a quota is used up; a Mac or a PC is refused.
SENT = (204, 429)
# The faults that are started by hand; a stall makes requests wait, so it is for the tenant that is reset at any time.
FAULTS = [
    {"kind": "outage", "scope": {"gateway": "apns"}}, {"kind": "outage", "mode": "refuse", "scope": {"gateway": "fcm"}},
    {"kind": "loss", "rate": 0.3}, {"kind": "loss", "rate": 0.5, "correlation": "2m"}, {"kind": "delay", "delay": "90s"},
    {"kind": "duplicate", "rate": 0.5}, {"kind": "throttle", "rate": "30/min"}, {"kind": "offline", "scope": {"pick": 0.2}},
    {"kind": "play_services_down"}, {"kind": "permission_revoked", "scope": {"pick": 0.1}}, {"kind": "app_removed", "scope": {"pick": 0.05}},
    {"kind": "crash", "rate": "20%"}, {"kind": "crash", "rate": "100%", "actors": "shard"},
]
STALL = {"kind": "stall", "rate": "10%", "delay": "5s"}


def text(rng):
    return {"notificationTitle": "Canteen closed"[: rng.randint(1, 14)], "notificationBody": "x" * rng.randint(1, 500)}


class Sender:
    """Sends to devices and groups, one by one, many at once and in batches, and notes what was accepted."""

    def __init__(self, run, tenant, name, secure=False):
        self.run, self.tenant, self.name, self.number = run, tenant, name, 0
        self.line = Connection(run, run.served.secure if secure else run.served.plain)

    def act(self, rng):
        what = rng.choices([self.to_device, self.to_groups, self.to_many, self.in_batch], [10, 2, 2, 2])[0]
        with self.tenant.gate.shared():
            self.number += 1
            what(rng, f"{self.name}-{self.number}")

    def post(self, kind, path, request, body, expected, rng):
        headers = self.tenant.headers(**{"client-request-id": request, "Content-Type": "application/json"})
        data = json.dumps(body).encode()
        if rng.random() < 0.2:
            data, headers["Content-Encoding"] = gzip.compress(data), "gzip"
        return self.line.json(kind, "POST", path, headers, data, expected)

    def to_device(self, rng, request):
        device, expected = rng.choice(self.tenant.phones), SENT
        if rng.random() < 0.05:
            device, expected = rng.choice([(rng.choice(self.tenant.others), (400,)), (UNKNOWN, (404,))])
        status, _ = self.post("device send", f"{DEVICES}/{device}/{ACTION}", request, text(rng), expected, rng)
        self.tenant.accept("device", request, int(status == 204))

    def to_groups(self, rng, request):
        groups = rng.sample(self.tenant.groups, rng.randint(1, 3))
        body = {**text(rng), "groupsToNotify": groups}
        status, _ = self.post("group send", f"/beta/deviceManagement/{ACTION}", request, body, SENT, rng)
        self.tenant.accept("group", request, int(status == 204))

    def to_many(self, rng, request):
        devices = rng.sample(self.tenant.phones, rng.randint(1, 30)) + rng.sample([*self.tenant.others, UNKNOWN], 1)
        body = {**text(rng), "actionName": "customTextNotification", "deviceIds": devices}
        _, said = self.post("many devices", f"{DEVICES}/executeAction", request, body, (200,), rng)
        if said is not None:
            self.tenant.accept("device", request, len(said["successfulDeviceIds"]))

    def in_batch(self, rng, request):
        parts = []
        for number in range(rng.randint(1, 20)):
            device = rng.choice(self.tenant.phones)
            parts.append(rng.choice([
                ("send", "POST", f"/deviceManagement/managedDevices/{device}/{ACTION}", text(rng)),
                ("group", "POST", f"/deviceManagement/{ACTION}", {**text(rng), "groupsToNotify": [rng.choice(self.tenant.groups)]}),
                ("list", "GET", "/users?$top=5&$select=displayName", None),
                ("one", "GET", f"/deviceManagement/managedDevices/{device}", None),
                ("sync", "POST", f"/deviceManagement/managedDevices/{device}/syncDevice", {}),
                ("wrong", "DELETE", "/users", None),
            ]) + (number,))
        requests = []
        for what, method, url, body, number in parts:
            part = {"id": f"{what}-{number}", "method": method, "url": url}
            if body is not None:
                part |= {"headers": {"Content-Type": "application/json"}, "body": body}
            if number and rng.random() < 0.1:
                part["dependsOn"] = [requests[-1]["id"]]
            requests.append(part)
        _, said = self.post("batch", "/beta/$batch", request, {"requests": requests}, (200,), rng)
        done = {"send": 0, "group": 0}
        for part in said["responses"] if said else []:
            what, retry_after = part["id"].split("-")[0], part.get("headers", {}).get("Retry-After")
            body = json.dumps(part.get("body", "")).encode()
            self.run.judge(f"batch: {what}", part["id"], part["status"], retry_after, body)
            if what in done and part["status"] == 204:
                done[what] += 1
        self.tenant.accept("device", request, done["send"])
        self.tenant.accept("group", request, done["group"])


class Reader:
    """Lists with options and follows some pages."""

    def __init__(self, run, tenant, secure=False):
        self.tenant, self.line = tenant, Connection(run, run.served.secure if secure else run.served.plain)

    def act(self, rng):
        device, user, group = (rng.choice(ids) for ids in (self.tenant.phones, self.tenant.users, self.tenant.groups))
        advanced = {"ConsistencyLevel": "eventual"}
        path, more = rng.choice([
            (f"/v1.0/deviceManagement/managedDevices?$orderby=deviceName desc&$top={rng.randint(5, 60)}", {}),
            (f"{DEVICES}?$filter=operatingSystem eq 'iOS'&$orderby=lastSyncDateTime,id&$skip={rng.randint(0, 90)}&$top=9", {}),
            (f"/v1.0/deviceManagement/managedDevices/{device}", {}),
            (f"/beta/deviceManagement/managedDevices/{device}/users", {}),
            ("/v1.0/deviceManagement/managedDeviceOverview", {}),
            (f"/v1.0/users?$top={rng.randint(5, 60)}&$orderby=displayName desc&$count=true", advanced),
            (f"/v1.0/users?$filter=startswith(displayName,'user-{rng.randint(1, 9)}')&$select=id,displayName", {}),
            (f'/v1.0/users?$search="displayName:user-{rng.randint(1, 99)}"', advanced),
            (f"/beta/users/{user}/managedDevices", {}),
            (f"/v1.0/users/{user}?$expand=memberOf", {}),
            (f"/v1.0/groups/{group}/transitiveMembers?$top={rng.randint(5, 60)}", {}),
            (f"/v1.0/groups/{group}/members/$count", advanced),
            ("/v1.0/devices?$count=true&$top=20&$filter=operatingSystem eq 'Android'", advanced),
            ("/v1.0/organization", {}),
        ])
        path = urllib.parse.quote(path, safe="/?$&=,()'\":")
        for _ in range(rng.randint(1, 4)):
            _, page = self.line.json("list", "GET", path.replace('"', "%22"), self.tenant.headers(**more), expected=(200,))
            following = page.get("@odata.nextLink") if isinstance(page, dict) else None
            if following is None:
                return
            parts = urllib.parse.urlsplit(following)
            path = f"{parts.path}?{parts.query}"


class SignIn:
    """Requests tokens, with right and wrong secrets, and uses what it gets."""

    def __init__(self, run, tenant, secrets):
        self.run, self.tenant, self.secrets, self.line = run, tenant, secrets, Connection(run, run.served.plain)

    def ask(self, kind, expected, **form):
        form = {"grant_type": "client_credentials", "scope": SCOPE, **form}
        path = f"/{self.tenant.id}/oauth2/v2.0/token"
        return self.line.json(kind, "POST", path, FORM, urllib.parse.urlencode(form).encode(), expected)

    def act(self, rng):
        what = rng.choices(["random", "chosen", "wrong", "unknown", "password", "wrong password", "form"], [10, 3, 1, 3, 1, 1, 2])[0]
        if what in ("random", "chosen"):
            _, said = self.ask("token right", (200, 429), client_id=what, client_secret=self.secrets[what])
            if said:
                bearer = {"Authorization": f"Bearer {said['access_token']}"}
                self.line.json("list", "GET", "/v1.0/users?$top=5", bearer, expected=(200,))
        elif what == "wrong":
            self.ask("token wrong", (401, 429), client_id=rng.choice(["guessed", "chosen"]), client_secret=f"guess-{rng.random()}")
        elif what == "unknown":
            self.ask("token wrong", (400, 401, 429), client_id=f"nothing-{rng.randint(0, 10**9)}", client_secret="x" * rng.randint(1, 99))
        elif what == "form":
            noise = {f"p{rng.randint(0, 9)}": "%" * rng.randint(0, 3_000) for _ in range(3)}
            self.ask("token wrong", (400, 401, 413, 429), client_id="random", **noise)
        else:
            password = self.secrets["password"] if what == "password" else f"guess-{rng.random()}"
            named = {"grant_type": "password", "client_id": "public", "username": "help-desk", "scope": "User.Read offline_access"}
            kind = "token right" if what == "password" else "token wrong"
            self.ask(kind, (200, 429) if what == "password" else (400, 429), **named, password=password)


class Observer:
    """Reads what the control API says of messages, devices, faults and time; dismisses notifications."""

    def __init__(self, run, tenant):
        self.tenant, self.control = tenant, Control(run, tenant)

    def act(self, rng):
        device, after = rng.choice(self.tenant.phones), rng.randint(0, 300)
        found = self.control.call("messages", "GET", f"/messages?limit={rng.randint(1, 50)}&after={after}", expected=(200,))[1]
        message = rng.choice(found["items"])["id"] if found and found["items"] else rng.randint(0, 50)
        kind, path = rng.choice([
            ("messages", f"/messages?client-request-id={self.tenant.latest}"),
            ("messages", f"/messages/{message}"),
            ("messages", f"/messages/{message}?wait=settled&timeout=2s"),
            ("journeys", f"/messages/{message}/journeys?limit=200"),
            ("journeys", f"/devices/{device}/journeys"),
            ("explain", f"/devices/{device}/messages/{message}/explain"),
            ("devices", "/devices?limit=100"), ("devices", f"/devices/{device}"), ("devices", f"/devices/{device}/notifications"),
            ("snapshot", "/snapshot"), ("faults", "/faults"), ("clock", "/clock"), ("export", "/state"),
        ])
        # A reset may have come meanwhile.
        self.control.call(kind, "GET", path, expected=(200, 404))
        if rng.random() < 0.3:
            with self.tenant.gate.shared():
                there = self.control.call("devices", "GET", f"/devices/{device}/notifications", expected=(200,))[1]
                for shown in there["items"][:2] if there else []:
                    path = f"/devices/{device}/notifications/{shown['message']}/dismiss"
                    self.control.call("dismiss", "POST", path, expected=(200, 404))


class Meddler:
    """Starts and stops faults and lets time pass; of a tenant that is reset at any time also speed, reset and import."""

    def __init__(self, run, tenant):
        self.tenant, self.control = tenant, Control(run, tenant)
        self.number, self.kept = 0, None

    def act(self, rng):
        choices = [(self.start, 6), (self.stop, 4), (self.advance, 4)]
        if self.tenant.is_wild:
            choices += [(self.speed, 2), (self.export, 1), (self.bring_back, 1), (self.reset, 1)]
        what = rng.choices(*zip(*choices))[0]
        with self.tenant.gate.shared():
            what(rng)

    def start(self, rng):
        self.number += 1
        fault = {"name": f"f{self.number}", **rng.choice(FAULTS + [STALL] * self.tenant.is_wild), "may_touch_nothing": True}
        if fault["kind"] == "stall" or rng.random() < 0.7:
            fault["for"] = f"{rng.randint(1, 90)}m"
        # There are 128 at most until a reset.
        self.control.call("fault started", "POST", "/faults", fault, (201, 409))

    def stop(self, rng):
        known = self.control.call("faults", "GET", "/faults", expected=(200,))[1]
        active = [fault["name"] for fault in known["items"] if fault["active"] and fault["by_hand"]] if known else []
        if active:
            # Time goes on: it may be over, or a reset came.
            self.control.call("fault stopped", "POST", f"/faults/{rng.choice(active)}/stop", expected=(200, 404, 409))

    def advance(self, rng):
        self.control.call("advance", "POST", "/clock/advance", {"by": f"{rng.randint(1, 120)}m"}, (200,))

    def speed(self, rng):
        self.control.call("speed", "PUT", "/clock", {"speed": rng.choice([60, 600, 3_600])}, (200,))

    def reset(self, _):
        self.control.call("reset", "POST", "/reset", expected=(204,))

    def export(self, _):
        self.kept = self.control.call("export", "GET", "/state", expected=(200,))[1]

    def bring_back(self, rng):
        if self.kept:
            wrong = rng.random() < 0.3
            state = {**self.kept, "seed": self.kept["seed"] + 1} if wrong else self.kept
            self.control.call("import refused" if wrong else "import", "PUT", "/state", state, (409,) if wrong else (204,))
