"""Load on the Graph API, with Locust: users that list devices, send to one of them, and sometimes to a group.

    reveille serve --speed 600
    locust -f config/load/locustfile.py --headless --host http://127.0.0.1:8080 --users 50 --spawn-rate 10 --run-time 1m

REVEILLE_TOKEN is a token of `reveille token --as administrator`. A refusal for a quota, 429, is what the service says when it is
sent too much: it is counted by a name of its own and is no failure.
"""

import os
import random

from locust import HttpUser, between, task

TEXT = {"notificationTitle": "Canteen closed", "notificationBody": "Please use the one in building 3 today."}
ACTION = "sendCustomNotificationToCompanyPortal"


class Sender(HttpUser):
    """A user with a script."""

    wait_time = between(0.01, 0.1)

    def on_start(self):
        self.client.headers["Authorization"] = "Bearer " + os.environ["REVEILLE_TOKEN"]
        phones = "/v1.0/deviceManagement/managedDevices?$filter=operatingSystem ne 'Windows'&$select=id"
        self.devices = [device["id"] for device in self.client.get(phones, name="list devices").json()["value"]]
        groups = self.client.get("/v1.0/groups?$select=id", name="list groups").json()["value"]
        self.groups = [group["id"] for group in groups]

    def post(self, name, path, body):
        with self.client.post(path, json=body, name=name, catch_response=True) as answer:
            if answer.status_code in (204, 429):
                answer.success()
            else:
                answer.failure(f"{answer.status_code}: {answer.text[:200]}")

    @task(20)
    def send_to_a_device(self):
        device = random.choice(self.devices)
        self.post("send to a device", f"/beta/deviceManagement/managedDevices/{device}/{ACTION}", TEXT)

    @task(1)
    def send_to_a_group(self):
        body = {**TEXT, "groupsToNotify": [random.choice(self.groups)]}
        self.post("send to a group", f"/beta/deviceManagement/{ACTION}", body)

    @task(4)
    def look_at_a_device(self):
        device = random.choice(self.devices)
        self.client.get(f"/v1.0/deviceManagement/managedDevices/{device}", name="look at a device")
