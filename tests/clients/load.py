"""Puts load on a server with Locust, and checks its counts afterwards: load.py PROGRAM LOCUST SCRIPT."""

import json
import os
import subprocess
import sys
import urllib.request

from served import Served

SECONDS = 6


def metrics(address):
    """Every series of the page, with its value."""
    with urllib.request.urlopen(address) as page:
        lines = page.read().decode().splitlines()
    return {line.rsplit(" ", 1)[0]: float(line.rsplit(" ", 1)[1]) for line in lines if line and not line.startswith("#")}


def total(series, name, **labels):
    wanted = [f'{label}="{value}"' for label, value in labels.items()]
    return sum(value for key, value in series.items() if key.split("{")[0] == name and all(one in key for one in wanted))


def answered(series, route):
    return total(series, "reveille_http_requests_total", route=route)


def main(program, locust, script):
    with Served(program, "--speed", "600") as served:
        command = [
            os.path.abspath(locust), "-f", os.path.abspath(script), "--headless", "--host", served.plain, "--users", "20",
            "--spawn-rate", "20", "--run-time", f"{SECONDS}s", "--stop-timeout", "20", "--json-file", "load",
            "--exit-code-on-error", "1", "--only-summary",
        ]
        environment = {**os.environ, "REVEILLE_TOKEN": served.token("--as", "administrator")}
        subprocess.run(command, cwd=served.folder.name, env=environment, check=True)
        with open(os.path.join(served.folder.name, "load.json")) as file:
            rows = json.load(file)
        series = metrics(served.metrics)
        asked = {row["name"]: row["num_requests"] for row in rows}
        assert all(row["num_failures"] == 0 for row in rows), rows
        routes = {
            "send to a device": "send_to_device", "send to a group": "send_to_groups",
            "look at a device": "managed_device", "list devices": "managed_devices", "list groups": "groups",
        }
        for name, route in routes.items():
            assert asked.get(name, 0) == answered(series, route), f"{name}: {asked.get(name)} asked, {answered(series, route)} answered"
        for kind, route in [("device", "send_to_device"), ("group", "send_to_groups")]:
            sent = total(series, "reveille_http_requests_total", route=route, status="204")
            accepted = total(series, "reveille_messages_accepted_total", kind=kind)
            assert sent == accepted, f"{kind}: {sent} times 204, {accepted} messages"
            assert kind == "group" or sent > 50, f"{sent} messages to devices in {SECONDS} s are no load"
        assert total(series, "reveille_conservation_error") == 0
        pairs = total(series, "reveille_journeys_settled_total") + total(series, "reveille_journeys_open")
        accepted = total(series, "reveille_messages_accepted_total")
        assert pairs >= accepted, f"{accepted} messages have {pairs} journeys"
        errors = total(series, "reveille_http_requests_total", status="503")
        assert errors == 0, f"{errors} times 503"
        print(f"load: {sum(asked.values())} requests, {int(accepted)} messages, {int(pairs)} journeys, none lost")


main(*sys.argv[1:])
