"""Both APIs against their own OpenAPI documents: some thousand requests, valid and invalid, that schemathesis generates.
No answer may be a 5xx, or have a status, type or shape that is not in the document."""

import base64
import json
import os
import subprocess
import sys
import tempfile
import urllib.request

from served import Served

TOKEN = "a-token-for-tests-only"
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,response_schema_conformance"
# Requests to each operation and phase at most.
EXAMPLES = int(os.environ.get("SCHEMATHESIS_EXAMPLES", "30"))
# Events never end; a clock at full speed soon reaches the end of model time, after which requests are refused.
# A reset would remove the data that other requests read.
EXCEPT = ["followEvents", "setSpeed", "resetTenant"]


def run(base, document, token):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "openapi.json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(document, file)
        command = [
            os.path.join(os.path.dirname(sys.executable), "schemathesis"), "run", path,
            "--url", base, "--header", f"Authorization: Bearer {token}", "--checks", CHECKS,
            "--max-examples", str(EXAMPLES), "--phases", "examples,coverage,fuzzing", "--seed", "1",
            "--suppress-health-check", "all", "--request-timeout", "120", "--no-color",
        ]
        operations = {operation["operationId"] for item in document["paths"].values() for operation in item.values()}
        for operation in operations.intersection(EXCEPT):
            command += ["--exclude-operation-id", operation]
        subprocess.run(command, check=True, cwd=folder)


def fetch(url, token=None, body=None):
    headers = {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    request = urllib.request.Request(url, headers=headers, data=json.dumps(body).encode() if body is not None else None)
    with urllib.request.urlopen(request) as answer:
        text = answer.read()
        return json.loads(text) if text else None


def claims(token):
    """The claims of a token."""
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def known(document, keys):
    """Replaces half of the generated values of these path variables, and of the tenant, by existing ones."""
    fault = document["components"]["schemas"].get("Fault")
    if fault:
        # A stalled actor makes all requests wait, as it should.
        fault["properties"]["kind"]["enum"].remove("stall")
    for item in document["paths"].values():
        for operation in item.values():
            for parameter in operation.get("parameters", []):
                if parameter.get("name") == "timeout":
                    # Some messages wait for a phone for hours: this script does not wait that long.
                    parameter["schema"] = {"type": "string", "pattern": "^[1-9][0-9]ms$"}
                if parameter.get("in") == "path" or parameter.get("name") == "tenant":
                    parameter["schema"] = {"anyOf": [{"enum": keys[parameter["name"]]}, parameter["schema"]]}
    return document


def main(program):
    with Served(program, "--control-token", TOKEN) as served:
        graph = served.token("--as", "administrator")

        def ids(path):
            return [entry["id"] for entry in fetch(f"{served.plain}/v1.0/{path}", graph)["value"]][:5]

        devices, groups = ids("deviceManagement/managedDevices"), ids("groups")
        action = "sendCustomNotificationToCompanyPortal"
        body = {"notificationTitle": "t", "notificationBody": "b", "groupsToNotify": groups}
        for _ in range(3):
            fetch(f"{served.plain}/beta/deviceManagement/{action}", graph, body)
        fetch(f"{served.control}/_reveille/clock/advance", TOKEN, {"by": "20m"})
        tenant = [claims(graph)["tid"]]
        of_graph = {
            "id": devices, "user": ids("users"), "group": groups, "device": ids("devices"), "tenant": tenant,
            "organization": ids("organization"),
        }
        fetch(f"{served.control}/_reveille/faults", TOKEN, {"name": "known", "kind": "offline", "scope": {"pick": 0.1}})
        of_control = {"device": devices, "message": [0, 1, 2], "fault": ["known"], "tenant": tenant}
        # Graph first, so that the control API has messages to report.
        for base, name, token, keys in [
            (served.plain, "graph-openapi.json", graph, of_graph),
            (served.control, "openapi.json", TOKEN, of_control),
        ]:
            run(base, known(fetch(f"{served.control}/_reveille/{name}"), keys), token)
            assert fetch(f"{served.control}/_reveille/ready") == {"healthy": True}


if __name__ == "__main__":
    main(sys.argv[1])
