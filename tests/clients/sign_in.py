"""Microsoft's own libraries sign in over TLS, without a given token, and use the ones that they get: sign_in.py PROGRAM.

MSAL and azure-identity for Python here; MSAL and @azure/identity for Node in sign_in.mjs, which this starts. Once at the server's own
origin, and once at Microsoft's host names through the proxy: then libraries check the instance too, and the SDKs send as they are."""

import asyncio
import datetime
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
import urllib.parse

import msal
import requests
from azure import identity
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from msgraph_beta import GraphServiceClient
from msgraph_beta.generated.device_management.managed_devices.item.send_custom_notification_to_company_portal.send_custom_notification_to_company_portal_post_request_body import (
    SendCustomNotificationToCompanyPortalPostRequestBody as ToDevice,
)

from served import Served

SECRET = "a-secret-of-these-tests-alone-0123456789"
AUTHORITY = "https://login.microsoftonline.com"
GRAPH = "https://graph.microsoft.com"
PASSWORD = "correct horse battery staple"
ACCOUNT = "administrator@reveille.example"
CLI = "04b07795-8ddb-461a-bbee-02f9e1bf7b46"
ALL = ["https://graph.microsoft.com/.default"]
SCOPES = ["User.Read.All", "DeviceManagementManagedDevices.ReadWrite.All"]


def sha256(text):
    return hashlib.sha256(text.encode()).hexdigest()


def certificate(folder):
    """A key and its certificate, in one file for azure-identity and in two files."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "nightly")])
    now = datetime.datetime.now(datetime.timezone.utc)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=30))
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()
    public = made.public_bytes(pem).decode()
    for file, text in [("nightly.pem", public), ("nightly-with-key.pem", private + public)]:
        with open(os.path.join(folder, file), "w", encoding="utf-8") as out:
            out.write(text)
    return {"key": private, "certificate": public, "sha1": made.fingerprint(hashes.SHA1()).hex(), "sha256": made.fingerprint(hashes.SHA256()).hex()}


def clients(folder):
    """The file of clients: one by a secret, one by a certificate, public ones, and an account with a password."""
    everything = ["User.Read.All", "DeviceManagementManagedDevices.ReadWrite.All"]
    listed = {
        "clients": [
            {"client_id": "by-secret", "secret_sha256": sha256(SECRET), "permissions": everything, "redirect_uris": ["http://localhost/cb"]},
            {"client_id": "by-certificate", "certificates": ["nightly.pem"], "permissions": everything},
            {"client_id": "public", "public": True},
            {"client_id": CLI, "public": True, "name": "Microsoft Azure CLI"},
        ],
        "accounts": [{"name": "administrator", "password_sha256": sha256(PASSWORD)}],
    }
    path = os.path.join(folder, "clients.json")
    with open(path, "w", encoding="utf-8") as out:
        json.dump(listed, out)
    return path


class WithPort(requests.Session):
    """MSAL requests the realm of a user from the authority's host without its port; this adds the port."""

    def __init__(self, authority):
        super().__init__()
        self.authority = urllib.parse.urlsplit(authority)

    def request(self, method, url, **options):
        parts = urllib.parse.urlsplit(url)
        if parts.port is None and parts.hostname == self.authority.hostname:
            url = parts._replace(netloc=self.authority.netloc).geturl()
        return super().request(method, url, **options)


class Signing:
    """The authority to sign in at, and the use of a token."""

    def __init__(self, served, made, folder, is_known):
        self.authority, self.graph = (AUTHORITY, GRAPH) if is_known else (served.secure, served.secure)
        # The libraries would ask Microsoft about an authority that they do not know.
        self.is_known = is_known
        self.made, self.folder = made, folder
        document = requests.get(f"{self.authority}/contoso.example/v2.0/.well-known/openid-configuration").json()
        self.tenant = document["issuer"].split("/")[3]
        self.count = 0

    def used(self, token, what):
        """The token is accepted for reading and for sending."""
        headers = {"Authorization": f"Bearer {token}"}
        users = requests.get(f"{self.graph}/v1.0/users", headers=headers)
        assert users.status_code == 200 and users.json()["value"], (what, users.text)
        phones = requests.get(
            f"{self.graph}/v1.0/deviceManagement/managedDevices?$filter=operatingSystem eq 'iOS'&$top=50", headers=headers
        ).json()["value"]
        phone = phones[self.count % len(phones)]["id"]
        sent = requests.post(
            f"{self.graph}/beta/deviceManagement/managedDevices/{phone}/sendCustomNotificationToCompanyPortal",
            headers=headers, json={"notificationTitle": "t", "notificationBody": what},
        )
        assert sent.status_code == 204, (what, sent.status_code, sent.text)
        self.count += 1
        print(f"  {what}: well")

    def confirm(self, uri, code, account="administrator"):
        """A person types the code in, and picks an account."""
        page = requests.get(uri, params={"user_code": code})
        assert page.status_code == 200 and f'value="{account}"' in page.text, page.text
        done = requests.post(uri, data={"user_code": code, "account": account})
        assert done.status_code == 200 and "signed in" in done.text, done.text

    def browse(self, address):
        """A person follows a link, and picks the first account; returns the final address."""
        answer = requests.get(address, allow_redirects=False)
        if answer.status_code == 200:
            link = re.search(r'<a href="([^"]+)">administrator</a>', answer.text).group(1).replace("&amp;", "&")
            answer = requests.get(urllib.parse.urljoin(address, link), allow_redirects=False)
        assert answer.status_code == 302, (answer.status_code, answer.text)
        return answer.headers["Location"]


def token_of(answer):
    assert "access_token" in answer, answer
    return answer["access_token"]


def by_msal(signing):
    options = {"authority": f"{signing.authority}/{signing.tenant}", "instance_discovery": signing.is_known}
    made = signing.made
    for tenant in [signing.tenant, "contoso.example", "organizations"]:
        app = msal.ConfidentialClientApplication("by-secret", client_credential=SECRET, **{**options, "authority": f"{signing.authority}/{tenant}"})
        signing.used(token_of(app.acquire_token_for_client(ALL)), f"MSAL, secret, at {tenant}")
    for credential in [
        {"private_key": made["key"], "thumbprint": made["sha1"]},
        {"private_key": made["key"], "public_certificate": made["certificate"]},
        {"private_key": made["key"], "thumbprint": made["sha1"], "public_certificate": made["certificate"]},
    ]:
        app = msal.ConfidentialClientApplication("by-certificate", client_credential=credential, **options)
        signing.used(token_of(app.acquire_token_for_client(ALL)), f"MSAL, certificate, {' and '.join(credential)}")
        # The library presents the same assertion again, for another request.
        token_of(app.acquire_token_for_client(["00000003-0000-0000-c000-000000000000/.default"]))

    app = msal.PublicClientApplication("public", **options)
    flow = app.initiate_device_flow(SCOPES)
    assert flow["expires_in"] == 900 and flow["user_code"] in flow["message"], flow
    pending = app.acquire_token_by_device_flow({**flow, "expires_at": 0})
    assert pending["error"] == "authorization_pending", pending
    signing.confirm(flow["verification_uri"], flow["user_code"])
    answer = app.acquire_token_by_device_flow(flow)
    signing.used(token_of(answer), "MSAL, device code")
    assert answer["id_token_claims"]["preferred_username"] == ACCOUNT, answer["id_token_claims"]
    [account] = app.get_accounts()
    assert account["username"] == ACCOUNT, account
    assert token_of(app.acquire_token_silent(SCOPES, account)) == token_of(answer)
    signing.used(token_of(app.acquire_token_silent(SCOPES, account, force_refresh=True)), "MSAL, refresh token")

    for app, redirect in [
        (msal.PublicClientApplication("public", **options), "http://localhost:50123"),
        (msal.ConfidentialClientApplication("by-secret", client_credential=SECRET, **options), "http://localhost:50123/cb"),
    ]:
        flow = app.initiate_auth_code_flow(SCOPES, redirect_uri=redirect)
        led = signing.browse(flow["auth_uri"])
        answer = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(led).query))
        signing.used(token_of(app.acquire_token_by_auth_code_flow(flow, answer)), f"MSAL, code with PKCE, to {redirect}")
        again = app.acquire_token_by_auth_code_flow(flow, answer)
        assert again["error"] == "invalid_grant" and 54005 in again["error_codes"], again

    app = msal.PublicClientApplication("public", http_client=WithPort(signing.authority), **options)
    answer = app.acquire_token_by_username_password(ACCOUNT, PASSWORD, scopes=SCOPES)
    signing.used(token_of(answer), "MSAL, password")
    wrong = app.acquire_token_by_username_password(ACCOUNT, "wrong", scopes=SCOPES)
    assert wrong["error"] == "invalid_grant" and wrong["error_codes"] == [50126], wrong
    app = msal.PublicClientApplication("public", **options)
    signing.used(token_of(app.acquire_token_interactive(SCOPES, login_hint=ACCOUNT, timeout=30)), "MSAL, interactive")


def by_azure_identity(signing):
    options = {"authority": signing.authority, "disable_instance_discovery": not signing.is_known}
    tenant = {"tenant_id": signing.tenant, **options}
    told = lambda uri, code, until: signing.confirm(uri, code)  # noqa: E731
    file = os.path.join(signing.folder, "nightly-with-key.pem")
    for what, credential in [
        ("secret", identity.ClientSecretCredential(signing.tenant, "by-secret", SECRET, **options)),
        ("certificate", identity.CertificateCredential(signing.tenant, "by-certificate", file, **options)),
        ("certificate with chain", identity.CertificateCredential(signing.tenant, "by-certificate", file, send_certificate_chain=True, **options)),
        ("device code of its own client", identity.DeviceCodeCredential(prompt_callback=told, **options)),
        ("device code", identity.DeviceCodeCredential("public", prompt_callback=told, **tenant)),
        ("interactive", identity.InteractiveBrowserCredential(login_hint=ACCOUNT, redirect_uri="http://localhost:50124", timeout=30, **tenant)),
    ]:
        signing.used(credential.get_token(*ALL).token, f"azure-identity, {what}")


async def by_sdk(tenant):
    """Microsoft's SDK signs in, looks for a phone and sends, as documented, without a setting for this server."""
    client = GraphServiceClient(credentials=identity.ClientSecretCredential(tenant, "by-secret", SECRET), scopes=ALL)
    devices = client.device_management.managed_devices
    page = await devices.get()
    phone = next(device for device in page.value if device.operating_system == "Android")
    body = ToDevice(notification_title="Canteen closed", notification_body="Please use building 3.")
    await devices.by_managed_device_id(phone.id).send_custom_notification_to_company_portal.post(body)
    print("  msgraph-beta-sdk by azure-identity: well")


def from_node(signing, *options):
    environment = {
        **os.environ,
        "AUTHORITY": signing.authority,
        "GRAPH": signing.graph,
        "TENANT": signing.tenant,
        "SECRET": SECRET,
        "PASSWORD": PASSWORD,
        "ACCOUNT": ACCOUNT,
        "KEY": signing.made["key"],
        "CERTIFICATE": os.path.join(signing.folder, "nightly-with-key.pem"),
        "SHA256": signing.made["sha256"],
    }
    beside = os.path.dirname(os.path.abspath(__file__))
    subprocess.run(["node", *options, "sign_in.mjs"], cwd=beside, env=environment, check=True)


def main(program):
    beside = os.path.dirname(os.path.abspath(__file__))
    os.environ["BROWSER"] = f"{sys.executable} {os.path.join(beside, 'browser.py')} %s &"
    # Requests to this machine bypass the proxy; those to Microsoft's names use it.
    for name in ["ALL_PROXY", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"]:
        os.environ.pop(name, None)
        os.environ.pop(name.lower(), None)
    with tempfile.TemporaryDirectory() as folder:
        made = certificate(folder)
        arguments = ["--clients", clients(folder), "--tenant-domain", "contoso.example"]
        for is_known in [False, True]:
            with Served(program, *arguments, intercept=is_known) as served:
                for name in ["REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"]:
                    os.environ[name] = served.certificate
                if is_known:
                    os.environ["HTTPS_PROXY"] = served.proxy
                signing = Signing(served, made, folder, is_known)
                print(f"at {signing.authority}")
                by_msal(signing)
                by_azure_identity(signing)
                if is_known:
                    asyncio.run(by_sdk(signing.tenant))
                from_node(signing, *(["--import", "./proxied.mjs"] if is_known else []))
        del os.environ["HTTPS_PROXY"]
        with Served(program, "--auto-consent=help-desk") as served:
            os.environ["REQUESTS_CA_BUNDLE"] = served.certificate
            app = msal.PublicClientApplication(CLI, authority=f"{served.secure}/common", instance_discovery=False)
            answer = app.acquire_token_by_device_flow(app.initiate_device_flow(["User.Read"]))
            assert answer["id_token_claims"]["name"] == "help-desk", answer
    print("signing in: all well")


if __name__ == "__main__":
    main(sys.argv[1])
