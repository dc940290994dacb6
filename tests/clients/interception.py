"""Starts a server that answers for Microsoft's hosts, and unmodified clients of those hosts: interception.py PROGRAM."""

import json
import os
import subprocess
import sys
import urllib.request

from served import Served

folder = os.path.dirname(os.path.abspath(__file__))


def run(command, **more):
    environment = {key: value for key, value in os.environ.items() if key.lower() not in ("no_proxy", "all_proxy", "http_proxy")}
    subprocess.run(command, cwd=folder, env={**environment, **more}, check=True, timeout=120)


with Served(sys.argv[1], intercept=True) as served:
    script = {
        "HTTPS_PROXY": served.proxy, "https_proxy": served.proxy, "REQUESTS_CA_BUNDLE": served.certificate,
        "SSL_CERT_FILE": served.certificate, "NODE_EXTRA_CA_CERTS": served.certificate,
        "CURL_CA_BUNDLE": served.certificate, "TENANT": served.tenant, "CLIENT": served.client, "SECRET": served.secret,
    }
    run([sys.executable, "intercepted.py"], **script)
    run(["node", "intercepted.mjs"], **script)
    token = served.token("--as", "administrator")
    run(
        ["curl", "--silent", "--show-error", "--fail", "--output", os.devnull, "-H", f"Authorization: Bearer {token}",
         "https://graph.microsoft.com/v1.0/users?$top=1"],
        **script,
    )
    request = urllib.request.Request(
        served.plain + "/v1.0/deviceManagement/managedDevices?$top=1&$filter=operatingSystem%20eq%20'iOS'",
        headers={"Authorization": f"Bearer {token}"},
    )
    with urllib.request.urlopen(request) as answer:
        device = json.load(answer)["value"][0]["id"]
    run(["node", "kiota.mjs"], BASE=served.secure, TOKEN=token, DEVICE=device, NODE_EXTRA_CA_CERTS=served.certificate)
    print("interception: all well")
