"""A server of the built program for the tests of this folder: starts it, reads its addresses, stops it."""

import os
import re
import subprocess
import tempfile


class Served:
    """`reveille serve` with TLS, in a folder of its own; with `intercept` it also answers for Microsoft's hosts as a proxy."""

    def __init__(self, program, *arguments, intercept=False):
        self.program = os.path.abspath(program)
        self.folder = tempfile.TemporaryDirectory()
        command = [self.program, "serve", "--state", "state", "--listen", "127.0.0.1:0", "--tls-listen", "127.0.0.1:0"]
        if intercept:
            command += ["--intercept", "127.0.0.1:0"]
        self.process = subprocess.Popen(
            [*command, *arguments], cwd=self.folder.name, stderr=subprocess.PIPE, text=True
        )
        said = []
        for line in self.process.stderr:
            said.append(line)
            if line.startswith("Graph at http://"):
                break
        text = "".join(said)
        self.plain = re.search(r"Graph at (http://[^/]+)/", text).group(1)
        self.control = re.search(r"control at (http://[^/]+)/", text).group(1)
        self.metrics = re.search(r"metrics at (http://\S+)", text).group(1)
        self.secure = re.search(r"Graph at (https://[^/]+)/", text).group(1)
        self.tenant = re.search(r"^tenant (\S+)", text, re.MULTILINE).group(1)
        client = re.search(r"^client (\S+) · secret (\S+)", text, re.MULTILINE)
        self.client, self.secret = client.groups() if client else (None, None)
        self.proxy = re.search(r"^intercepting .* at (http://\S+)", text, re.MULTILINE).group(1) if intercept else None
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
