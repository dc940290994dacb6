"""The checks of soak.py on one tenant: every 204 is a message, and a state that is exported, reset and imported is what it was."""

import collections
import contextlib

from soak_client import Control

SPEED = 600
# Nearly a standstill: model time goes on by some milliseconds while two states are compared.
SLOW = 0.001
MESSAGES_COMPARED, DEVICES_COMPARED = 12, 6


class Keeper:
    """Checks the tenant while nothing else is done to it, and then resets it or gives it its state back."""

    def __init__(self, run, tenant):
        self.run, self.tenant, self.control = run, tenant, Control(run, tenant)
        self.checked, self.exact, self.compared = 0, 0, 0

    def act(self, rng):
        with self.tenant.gate.alone():
            self.conserved()
            with self.slowly():
                self.carried_over(rng)
            if rng.random() < 0.3:
                self.control.call("reset", "POST", "/reset", expected=(204,))
                self.tenant.forget()

    def call(self, kind, method, path, body=None, expected=(200, 201, 204)):
        status, said = self.control.call(kind, method, path, body, expected)
        if status not in expected:
            raise RuntimeError(f"{method} {path} was answered with {status}")
        return said

    @contextlib.contextmanager
    def slowly(self):
        self.call("speed", "PUT", "/clock", {"speed": SLOW})
        try:
            # Answers when everything that was due has happened.
            self.call("advance", "POST", "/clock/advance", {"by": "1s"})
            yield
        finally:
            self.call("speed", "PUT", "/clock", {"speed": SPEED})

    def messages(self):
        found, after = [], ""
        while after is not None:
            page = self.call("messages", "GET", f"/messages?limit=1000{after}")
            found += page["items"]
            after = f"&after={page['next']}" if page["next"] is not None else None
        return found

    def conserved(self):
        """Every message that was accepted is there, as often as it was accepted, and no other."""
        found = collections.Counter(message["client_request_id"] for message in self.messages())
        if found != self.tenant.accepted:
            missing, more = self.tenant.accepted - found, found - self.tenant.accepted
            self.run.fail(f"{self.tenant.name}: accepted and not there: {dict(missing)}; there and not accepted: {dict(more)}")
        self.checked += found.total()

    def now(self):
        return self.call("clock", "GET", "/clock")["now_ms"]

    def moment(self, devices, messages):
        """What the control API says of a tenant: counts, messages, and the journeys of some."""
        snapshot = self.call("snapshot", "GET", "/snapshot")
        # The number of an event and the time are not a part of the state.
        for key in ("last_event", "now_ms", "group_quota_next_slot_ms"):
            del snapshot[key]
        journeys = {message: self.call("journeys", "GET", f"/messages/{message}/journeys?limit=1000")["items"] for message in messages}
        shown = {device: self.call("devices", "GET", f"/devices/{device}/notifications")["items"] for device in devices}
        # A state has no texts: after an import the phones show none.
        for notification in (notification for items in shown.values() for notification in items):
            del notification["title"], notification["body"]
        return {"snapshot": snapshot, "messages": self.messages(), "journeys": journeys, "shown": shown}

    def carried_over(self, rng):
        """Exports, resets and imports: the tenant is what it was."""
        count = self.call("snapshot", "GET", "/snapshot")["messages"]
        messages = rng.sample(range(count), min(MESSAGES_COMPARED, count))
        devices = rng.sample(self.tenant.phones, DEVICES_COMPARED)
        begun = self.now()
        before = self.moment(devices, messages)
        state = self.call("export", "GET", "/state")
        self.call("reset", "POST", "/reset?keep=speed")
        empty = self.call("snapshot", "GET", "/snapshot")
        if empty["messages"] or sum(empty["stations"].values()):
            self.run.fail(f"{self.tenant.name}: a reset leaves {empty}")
        self.call("import", "PUT", "/state", state)
        for accepted in (entry["deed"]["accepted"] for entry in state["inputs"] if "accepted" in entry["deed"]):
            self.tenant.again[next(iter(accepted["recipients"])).rstrip("s")] += 1
        after, again = self.moment(devices, messages), self.call("export", "GET", "/state")
        is_exact = self.now() == begun
        self.compared += 1
        self.exact += is_exact
        if (state["inputs"], state["requests"]) != (again["inputs"], again["requests"]):
            self.run.fail(f"{self.tenant.name}: a state that was imported is exported as another one")
        for what, name in differences(before, after, begun, is_exact):
            self.run.fail(f"{self.tenant.name}: after an import {name} is another: {what}")


def differences(before, after, begun, is_exact):
    """What differs between two moments. If time went on between them, only later ends may be others."""
    if is_exact:
        return [((before[key], after[key]), key) for key in before if before[key] != after[key]]
    found = []
    if sum(before["snapshot"]["stations"].values()) != sum(after["snapshot"]["stations"].values()):
        found.append(((before["snapshot"], after["snapshot"]), "the number of pairs"))
    for old, new in zip(before["messages"], after["messages"], strict=True):
        if old["settled"] and {**old, "dismissed": 0} != {**new, "dismissed": 0}:
            found.append(((old, new), "a message"))
    for message, lines in before["journeys"].items():
        for old, new in zip(lines, after["journeys"][message], strict=True):
            if {**old, "dismissed_at_ms": 0} != {**new, "dismissed_at_ms": 0} and new["at_ms"] <= begun:
                found.append(((old, new), "a journey"))
    return found
