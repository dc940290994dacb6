"""A typical script: it names Microsoft's hosts and has no setting for this server. By requests and by httpx; what is not its own
comes from the environment, HTTPS_PROXY and the CA. Started by interception.py."""

import os
import ssl
import sys

import httpx
import requests

GRAPH = "https://graph.microsoft.com"
TOKEN = f"https://login.microsoftonline.com/{os.environ['TENANT']}/oauth2/v2.0/token"
form = {
    "grant_type": "client_credentials",
    "client_id": os.environ["CLIENT"],
    "client_secret": os.environ["SECRET"],
    "scope": GRAPH + "/.default",
}
text = {"notificationTitle": "Canteen closed", "notificationBody": "Please use building 3: déjà vu."}


def script(session, failure):
    """Signs in, walks the pages, sends to the first phone, and is refused elsewhere."""
    answer = session.post(TOKEN, data=form)
    assert answer.status_code == 200, answer.text
    headers = {"Authorization": "Bearer " + answer.json()["access_token"]}
    url = GRAPH + "/v1.0/deviceManagement/managedDevices?$top=10&$filter=operatingSystem eq 'iOS'"
    devices = []
    while url:
        assert url.startswith(GRAPH + "/v1.0/"), url
        page = session.get(url, headers=headers)
        assert page.headers["content-type"] == "application/json; charset=utf-8", page.headers
        devices += page.json()["value"]
        url = page.json().get("@odata.nextLink")
    assert 0 < len(devices) == len({device["id"] for device in devices}), len(devices)
    path = f"/beta/deviceManagement/managedDevices/{devices[0]['id']}/sendCustomNotificationToCompanyPortal"
    assert session.post(GRAPH + path, headers=headers, json=text).status_code == 204
    document = session.get(f"https://login.microsoftonline.com/{os.environ['TENANT']}/v2.0/.well-known/openid-configuration")
    assert document.json()["token_endpoint"] == TOKEN, document.text
    try:
        session.get("https://example.org/")
    except failure as error:
        assert "not intercepted" in str(error), error
    else:
        raise AssertionError("another host was reached")


script(requests.Session(), requests.exceptions.ProxyError)
with httpx.Client(verify=ssl.create_default_context(cafile=os.environ["REQUESTS_CA_BUNDLE"])) as session:
    script(session, httpx.ProxyError)
print(f"intercepted, Python {sys.version_info.major}.{sys.version_info.minor}, requests {requests.__version__}, "
      f"httpx {httpx.__version__}: all well")
