"""Starts a server and the test of the JavaScript client against it: javascript_client.py PROGRAM."""

import os
import subprocess
import sys

from served import Served

with Served(sys.argv[1]) as served:
    environment = {
        **os.environ,
        "BASE": served.secure + "/",
        "TOKEN": served.token("--as", "administrator"),
        "DESK_TOKEN": served.token("--as", "help-desk"),
        "NODE_EXTRA_CA_CERTS": served.certificate,
    }
    folder = os.path.dirname(os.path.abspath(__file__))
    subprocess.run(["node", "javascript_client.mjs"], cwd=folder, env=environment, check=True)
