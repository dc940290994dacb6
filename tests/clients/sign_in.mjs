// MSAL and @azure/identity for Node, unchanged, sign in over TLS without a given token. Started by sign_in.py, which starts
// the server and passes its addresses: AUTHORITY, GRAPH, TENANT, and NODE_EXTRA_CA_CERTS for the certificate.

import assert from "node:assert/strict";
import { ConfidentialClientApplication, CryptoProvider, PublicClientApplication } from "@azure/msal-node";
import {
  AuthorizationCodeCredential,
  ClientCertificateCredential,
  ClientSecretCredential,
  DeviceCodeCredential,
  UsernamePasswordCredential,
} from "@azure/identity";
import { Client } from "@microsoft/microsoft-graph-client";
import { TokenCredentialAuthenticationProvider } from "@microsoft/microsoft-graph-client/authProviders/azureTokenCredentials/index.js";

const { AUTHORITY, GRAPH, TENANT, SECRET, PASSWORD, ACCOUNT, KEY, CERTIFICATE, SHA256 } = process.env;
const ALL = ["https://graph.microsoft.com/.default"];
const SCOPES = ["User.Read.All", "DeviceManagementManagedDevices.ReadWrite.All"];
const isKnown = AUTHORITY.includes("login.microsoftonline.com");
const auth = { authority: `${AUTHORITY}/${TENANT}`, knownAuthorities: isKnown ? [] : [new URL(AUTHORITY).host] };
let count = 20;

async function used(token, what) {
  const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
  const users = await fetch(`${GRAPH}/v1.0/users`, { headers });
  assert.equal(users.status, 200, `${what}: ${await users.clone().text()}`);
  const list = await fetch(`${GRAPH}/v1.0/deviceManagement/managedDevices?$filter=operatingSystem eq 'iOS'&$top=50`, { headers });
  const phones = (await list.json()).value;
  const path = `managedDevices/${phones[count++ % phones.length].id}/sendCustomNotificationToCompanyPortal`;
  const body = JSON.stringify({ notificationTitle: "t", notificationBody: what });
  const sent = await fetch(`${GRAPH}/beta/deviceManagement/${path}`, { method: "POST", headers, body });
  assert.equal(sent.status, 204, `${what}: ${await sent.text()}`);
  console.log(`  ${what}: well`);
}

async function confirm(uri, code) {
  const page = await (await fetch(`${uri}?user_code=${code}`)).text();
  assert.ok(page.includes('value="administrator"'), page);
  const done = await fetch(uri, { method: "POST", body: new URLSearchParams({ user_code: code, account: "administrator" }) });
  assert.equal(done.status, 200);
}

// The redirect address of a sign-in with a known account.
async function codeOf(address) {
  const answer = await fetch(address, { redirect: "manual" });
  assert.equal(answer.status, 302, await answer.text());
  return new URL(answer.headers.get("Location")).searchParams.get("code");
}

for (const system of [{}, { protocolMode: "OIDC" }]) {
  const app = new ConfidentialClientApplication({ auth: { ...auth, ...system, clientId: "by-secret", clientSecret: SECRET } });
  const answer = await app.acquireTokenByClientCredential({ scopes: ALL });
  await used(answer.accessToken, `MSAL for Node, secret ${system.protocolMode ?? ""}`);
}
const clientCertificate = { thumbprintSha256: SHA256, privateKey: KEY };
const certified = new ConfidentialClientApplication({ auth: { ...auth, clientId: "by-certificate", clientCertificate } });
await used((await certified.acquireTokenByClientCredential({ scopes: ALL })).accessToken, "MSAL for Node, certificate");

const open = new PublicClientApplication({ auth: { ...auth, clientId: "public" } });
const byDevice = await open.acquireTokenByDeviceCode({
  scopes: SCOPES,
  deviceCodeCallback: (told) => void confirm(told.verificationUri, told.userCode),
});
await used(byDevice.accessToken, "MSAL for Node, device code");
assert.equal(byDevice.account.username, ACCOUNT);
const refreshed = await open.acquireTokenSilent({ account: byDevice.account, scopes: SCOPES, forceRefresh: true });
await used(refreshed.accessToken, "MSAL for Node, refresh token");

const { verifier, challenge } = await new CryptoProvider().generatePkceCodes();
const redirectUri = "http://localhost:50125";
const byCode = { scopes: SCOPES, redirectUri };
const link = await open.getAuthCodeUrl({ ...byCode, codeChallenge: challenge, codeChallengeMethod: "S256", loginHint: ACCOUNT });
const code = await codeOf(link);
const wrong = await open.acquireTokenByCode({ ...byCode, code, codeVerifier: verifier.replace(/^./, (c) => (c === "a" ? "b" : "a")) }).catch((error) => error);
assert.equal(wrong.errorCode, "invalid_grant", String(wrong));
await used((await open.acquireTokenByCode({ ...byCode, code, codeVerifier: verifier })).accessToken, "MSAL for Node, code with PKCE");
const byPassword = await open.acquireTokenByUsernamePassword({ scopes: SCOPES, username: ACCOUNT, password: PASSWORD });
await used(byPassword.accessToken, "MSAL for Node, password");

const options = { authorityHost: AUTHORITY, disableInstanceDiscovery: !isKnown };
const told = (info) => void confirm(info.verificationUri, info.userCode);
const codeLink = `${AUTHORITY}/${TENANT}/oauth2/v2.0/authorize?${new URLSearchParams({
  client_id: "by-secret", response_type: "code", redirect_uri: "http://localhost/cb", scope: ALL[0], login_hint: ACCOUNT,
})}`;
for (const [what, credential] of [
  ["secret", new ClientSecretCredential(TENANT, "by-secret", SECRET, options)],
  ["certificate", new ClientCertificateCredential(TENANT, "by-certificate", { certificatePath: CERTIFICATE }, options)],
  ["certificate with chain", new ClientCertificateCredential(TENANT, "by-certificate", { certificatePath: CERTIFICATE }, { ...options, sendCertificateChain: true })],
  ["device code of its own client", new DeviceCodeCredential({ ...options, tenantId: TENANT, userPromptCallback: told })],
  ["device code", new DeviceCodeCredential({ ...options, tenantId: TENANT, clientId: "public", userPromptCallback: told })],
  ["password", new UsernamePasswordCredential(TENANT, "public", ACCOUNT, PASSWORD, options)],
  ["code", new AuthorizationCodeCredential(TENANT, "by-secret", SECRET, await codeOf(codeLink), "http://localhost/cb", options)],
]) {
  await used((await credential.getToken(ALL)).token, `@azure/identity, ${what}`);
}
if (isKnown) {
  // Graph's own client by a credential, as documented, without a setting for this server.
  const credential = new ClientSecretCredential(TENANT, "by-secret", SECRET);
  const authProvider = new TokenCredentialAuthenticationProvider(credential, { scopes: ALL });
  const client = Client.initWithMiddleware({ authProvider, defaultVersion: "beta" });
  const list = await client.api("/deviceManagement/managedDevices").filter("operatingSystem eq 'Android'").top(1).get();
  await client
    .api(`/deviceManagement/managedDevices/${list.value[0].id}/sendCustomNotificationToCompanyPortal`)
    .post({ notificationTitle: "Canteen closed", notificationBody: "Please use building 3." });
  console.log("  microsoft-graph-client by @azure/identity: well");
}
console.log("signing in from Node: all well");
