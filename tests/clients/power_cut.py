"""Power cuts on a real file system: power_cut.py PROGRAM [--file-system ext4] [--rounds 10] [--seed 1].

    sudo python tests/clients/power_cut.py target/release/reveille --file-system xfs

A server keeps its store on a file system of its own, in an image behind a loop device. Under load the file system is shut down without
writing its log, as a power cut does; the server is killed, the image is mounted again and a server starts with the store that is found.
Every 204 must be there, once. Needs Linux, root, a loop device and mkfs."""

import argparse
import fcntl
import http.client
import json
import os
import random
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time

# EXT4_IOC_SHUTDOWN, which XFS has too, without flushing the log.
SHUTDOWN, NO_LOG_FLUSH = 0x8004587D, 2
IMAGE_MIB = {"ext4": 64, "xfs": 320}
CLIENTS = 8
CONTROL_TOKEN = "a-token-for-power-cuts"
SCENARIO = """
schema = 1
name = "cut"
duration = "366d"
[fleet]
users = 5000
"""


class Disk:
    """An image with a file system, mounted below a folder."""

    def __init__(self, folder, kind):
        self.image, self.place = os.path.join(folder, "image"), os.path.join(folder, "disk")
        os.mkdir(self.place)
        with open(self.image, "wb") as file:
            file.truncate(IMAGE_MIB[kind] << 20)
        subprocess.run([f"mkfs.{kind}", "-q", self.image], check=True)
        self.mount()

    def mount(self):
        subprocess.run(["mount", "-o", "loop", self.image, self.place], check=True)

    def unmount(self):
        subprocess.run(["umount", self.place], check=True)

    def cut(self):
        """From now on nothing that is not on the disk comes to it."""
        folder = os.open(self.place, os.O_RDONLY)
        fcntl.ioctl(folder, SHUTDOWN, struct.pack("I", NO_LOG_FLUSH))
        os.close(folder)


class Server:
    """The program with its store on the disk."""

    def __init__(self, program, folder):
        ready = os.path.join(folder, "ready.json")
        if os.path.exists(ready):
            os.remove(ready)
        command = [program, "serve", "--state", "state", "--scenario", "scenario.toml", "--store", "disk/store"]
        command += ["--listen", "127.0.0.1:0", "--control-token", CONTROL_TOKEN, "--ready-file", "ready.json", "--lenient-queries"]
        self.errors = open(os.path.join(folder, "errors.txt"), "w+", encoding="utf-8")
        self.process = subprocess.Popen(command, cwd=folder, stderr=self.errors)
        until = time.monotonic() + 60
        while not os.path.exists(ready):
            if self.process.poll() is not None or time.monotonic() > until:
                self.errors.seek(0)
                sys.exit(f"the server does not start: {self.errors.read()}")
            time.sleep(0.01)
        with open(ready, encoding="utf-8") as file:
            told = json.load(file)
        self.graph, self.control = (told[name].split("//")[1].split("/")[0] for name in ("graph", "control"))

    def get(self, address, path, token):
        connection = http.client.HTTPConnection(address, timeout=60)
        connection.request("GET", path, headers={"Authorization": f"Bearer {token}"})
        answer = connection.getresponse()
        text = answer.read()
        assert answer.status == 200, text
        return json.loads(text)

    def end(self, how):
        self.process.send_signal(how)
        code = self.process.wait()
        self.errors.close()
        return code


class Load:
    """Clients that send as fast as they are answered, and a ledger of what was."""

    def __init__(self, server, token, devices, first):
        self.server, self.token, self.devices = server, token, devices
        self.lock, self.next, self.answered = threading.Lock(), first, []
        self.threads = [threading.Thread(target=self.send) for _ in range(CLIENTS)]
        for thread in self.threads:
            thread.start()

    def send(self):
        body = json.dumps({"notificationTitle": "t", "notificationBody": "b"})
        try:
            connection = http.client.HTTPConnection(self.server.graph, timeout=60)
            while True:
                with self.lock:
                    number = self.next
                    self.next += 1
                device = self.devices[number % len(self.devices)]
                path = f"/beta/deviceManagement/managedDevices/{device}/sendCustomNotificationToCompanyPortal"
                headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json", "client-request-id": f"r{number}"}
                connection.request("POST", path, body, headers)
                answer = connection.getresponse()
                answer.read()
                if answer.status == 204:
                    with self.lock:
                        self.answered.append(f"r{number}")
                elif answer.status == 503:
                    return
        except (OSError, http.client.HTTPException):
            return

    def wait(self):
        for thread in self.threads:
            thread.join()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--file-system", choices=sorted(IMAGE_MIB), default="ext4")
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if os.geteuid() != 0:
        sys.exit("power_cut.py mounts a file system: run it as root")
    program, chance = os.path.abspath(options.program), random.Random(options.seed)
    with tempfile.TemporaryDirectory() as folder:
        disk = Disk(folder, options.file_system)
        try:
            with open(os.path.join(folder, "scenario.toml"), "w", encoding="utf-8") as file:
                file.write(SCENARIO)
            server, ledger, number = Server(program, folder), [], 0
            words = [program, "token", "--state", "state", "--scenario", "scenario.toml", "--as", "administrator", "--expires", "8h"]
            token = subprocess.run(words, cwd=folder, check=True, capture_output=True, text=True).stdout.strip()
            listed = server.get(server.graph, "/v1.0/deviceManagement/managedDevices?$top=999&$select=id", token)
            devices = [device["id"] for device in listed["value"]]
            for turn in range(1, options.rounds + 1):
                load = Load(server, token, devices, number)
                time.sleep(chance.uniform(0.05, 1.5))
                disk.cut()
                # What is answered from now on, without an error of the disk, would be a lie.
                time.sleep(0.2)
                server.end(signal.SIGKILL)
                load.wait()
                ledger += load.answered
                number = load.next
                disk.unmount()
                disk.mount()
                server = Server(program, folder)
                found = {}
                for request in server.get(server.control, "/_reveille/state", CONTROL_TOKEN)["requests"]:
                    found[request] = found.get(request, 0) + 1
                lost = [request for request in ledger if request not in found]
                twice = [request for request, times in found.items() if times > 1]
                what = f"round {turn} of seed {options.seed} on {options.file_system}"
                assert not lost, f"{what}: lost {len(lost)} of {len(ledger)}, first {lost[0]}"
                assert not twice, f"{what}: twice {twice[0]}"
                print(f"{what}: {len(load.answered)} answers before the cut, {len(found)} messages found, none of {len(ledger)} lost", flush=True)
            assert server.end(signal.SIGTERM) == 0, "the server ends well"
        finally:
            subprocess.run(["umount", disk.place], check=False, stderr=subprocess.DEVNULL)
    print("all well")


main()
