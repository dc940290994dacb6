"""A server of the built program for the tests of this folder: starts it, reads its addresses, stops it."""

import json
import os
import subprocess
import tempfile


class Served:
    """`reveille serve` with TLS, in a folder of its own; with `intercept` it also answers for Microsoft's hosts as a proxy."""

    def __init__(self, program, *arguments, intercept=False):
        self.program = os.path.abspath(program)
        self.folder = tempfile.TemporaryDirectory()
        command = [self.program, "serve", "--state", "state", "--listen", "127.0.0.1:0", "--tls-listen", "127.0.0.1:0"]
        command += ["--ready-file", "ready.json"]
        if intercept:
            command += ["--intercept", "127.0.0.1:0"]
        self.process = subprocess.Popen(
            [*command, *arguments], cwd=self.folder.name, stderr=subprocess.PIPE, text=True
        )
        for line in self.process.stderr:
            if line.startswith("Graph at http://"):
                break
        with open(os.path.join(self.folder.name, "ready.json"), encoding="utf-8") as file:
            ready = json.load(file)
        self.plain, self.secure, self.proxy = ready["graph"], ready["graph_tls"], ready["proxy"]
        self.control, self.metrics = ready["control"].removesuffix("/_reveille"), ready["metrics"]
        tenant = ready["tenants"][0]
        self.tenant, self.client, self.secret = tenant["id"], tenant["client_id"], None
        if tenant["client_secret_file"]:
            with open(tenant["client_secret_file"], encoding="utf-8") as file:
                self.secret = file.read()
        self.certificate = os.path.join(self.folder.name, "state", "tls-ca.pem")

    def token(self, *arguments):
        command = [self.program, "token", "--state", "state", *arguments]
        return subprocess.run(command, cwd=self.folder.name, check=True, capture_output=True, text=True).stdout.strip()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.stderr.read()
        assert self.process.wait() == 0, "the server ends well"
        self.folder.cleanup()
