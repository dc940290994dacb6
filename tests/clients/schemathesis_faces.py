"""Both faces against their own OpenAPI documents: some thousand requests, sensible and not, that schemathesis makes up from them.
No answer may be a 5xx, of a status, type or shape that is not in the document."""

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
EXAMPLES = int(os.environ.get("SCHEMATHESIS_EXAMPLES", "60"))
# Events never end; a clock at full speed soon comes to the end of its time, when nothing more can be asked for.
EXCEPT = ["followEvents", "setSpeed"]


def run(base, document, token):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "openapi.json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(document, file)
        command = [
            os.path.join(os.path.dirname(sys.executable), "schemathesis"), "run", path,
            "--url", base, "--header", f"Authorization: Bearer {token}", "--checks", CHECKS,
            "--max-examples", str(EXAMPLES), "--phases", "examples,coverage,fuzzing", "--seed", "1",
            "--suppress-health-check", "all", "--request-timeout", "120", "--workers", "2", "--no-color",
        ]
        for operation in EXCEPT:
            command += ["--exclude-operation-id", operation]
        subprocess.run(command, check=True, cwd=folder)


def fetch(url):
    with urllib.request.urlopen(url) as answer:
        return json.load(answer)


def main(program):
    with Served(program, "--control-token", TOKEN) as served:
        documents = [(served.control, "openapi.json", TOKEN)]
        documents.append((served.plain, "graph-openapi.json", served.token("--as", "administrator")))
        for base, name, token in documents:
            run(base, fetch(f"{served.control}/_reveille/{name}"), token)
            health = fetch(f"{served.control}/_reveille/ready")
            assert health == {"healthy": True}, health


if __name__ == "__main__":
    main(sys.argv[1])
