"""Starts a server and a browser that uses its console: console.py PROGRAM."""

import os
import shutil
import subprocess
import sys

from served import Served

# A phone for each end of a message: shown, blocked, skipped, lost; and one that is taken offline, whose messages wait.
TENANT = """
schema = 1
name = "console"
start = 2026-01-05T06:00:00Z
duration = "30d"

[delivery.apns]
latency = "1s"
loss = 0
[delivery.fcm]
latency = "1s"
loss = 0

[[user]]
name = "ann"
[[user]]
name = "bob"

[[device]]
name = "shown"
user = "ann"
platform = "ios"
[[device]]
name = "away"
user = "ann"
platform = "ios"
[[device]]
name = "mute"
user = "bob"
platform = "android"
push_permission = false
[[device]]
name = "mac"
user = "bob"
platform = "macos"
[[device]]
name = "lost"
user = "bob"
platform = "ios"

[[group]]
name = "Site North"
users = ["ann"]
[[group]]
name = "Both sites"
users = ["bob"]
groups = ["Site North"]

[[account]]
name = "help-desk"
role = "Help Desk Operator"

[[fault]]
name = "lossy"
kind = "loss"
rate = 1.0
at = "0s"
scope = { devices = ["lost"] }
"""

browser = next((path for path in map(shutil.which, ("chromium", "chromium-browser", "google-chrome")) if path), None)
assert browser, "a browser is missing: install it (Debian: apt-get install chromium)"
folder = os.path.dirname(os.path.abspath(__file__))
scenario = os.path.join(folder, "console.toml")
with open(scenario, "w", encoding="utf-8") as file:
    file.write(TENANT)
token = "a-token-for-tests-only"
with Served(sys.argv[1], "--scenario", scenario, "--paused", "--control-token", token) as served:
    environment = {**os.environ, "CONTROL": served.control, "CONTROL_TOKEN": token, "CHROMIUM": browser}
    subprocess.run(["node", "console.mjs", *sys.argv[2:]], cwd=folder, env=environment, check=True)
