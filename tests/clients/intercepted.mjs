// The same script in JavaScript: fetch through undici's ProxyAgent, https through https-proxy-agent, and the published Graph client,
// which sends its token to graph.microsoft.com, its default host. Started by interception.py.

import assert from "node:assert/strict";
import https from "node:https";
import { Client, PageIterator } from "@microsoft/microsoft-graph-client";
import { HttpsProxyAgent } from "https-proxy-agent";
import { ProxyAgent, fetch as proxied, setGlobalDispatcher } from "undici";

const { HTTPS_PROXY, TENANT, CLIENT, SECRET } = process.env;
const tokenEndpoint = `https://login.microsoftonline.com/${TENANT}/oauth2/v2.0/token`;

// fetch, as undici and so Node.js has it.
const dispatcher = new ProxyAgent(HTTPS_PROXY);
const form = new URLSearchParams({
  grant_type: "client_credentials",
  client_id: CLIENT,
  client_secret: SECRET,
  scope: "https://graph.microsoft.com/.default",
});
const answer = await proxied(tokenEndpoint, { method: "POST", body: form, dispatcher });
assert.equal(answer.status, 200);
const token = (await answer.json()).access_token;
await assert.rejects(proxied("https://example.org/", { dispatcher }));

// https with an agent, as axios and older SDKs do it.
const agent = new HttpsProxyAgent(HTTPS_PROXY);
const count = await new Promise((resolve, reject) => {
  const headers = { Authorization: `Bearer ${token}`, ConsistencyLevel: "eventual" };
  const url = "https://graph.microsoft.com/v1.0/users/$count";
  https
    .get(url, { agent, headers }, (response) => {
      let text = "";
      response.on("data", (part) => (text += part));
      response.on("end", () => resolve(text));
    })
    .on("error", reject);
});
assert.ok(Number(count) > 0, count);

// Graph's own client, unchanged.
setGlobalDispatcher(dispatcher);
globalThis.fetch = proxied;
const client = Client.init({ defaultVersion: "beta", authProvider: (done) => done(null, token) });
const page = await client.api("/deviceManagement/managedDevices").top(50).get();
assert.ok(page["@odata.nextLink"].startsWith("https://graph.microsoft.com/beta/"));
const devices = [];
await new PageIterator(client, page, (device) => Boolean(devices.push(device))).iterate();
assert.ok(devices.length > 100);
const phone = devices.find((device) => device.operatingSystem === "iOS");
await client
  .api(`/deviceManagement/managedDevices/${phone.id}/sendCustomNotificationToCompanyPortal`)
  .post({ notificationTitle: "Canteen closed", notificationBody: "Please use building 3: déjà vu." });
console.log(`intercepted, Node.js ${process.version}: all well`);
