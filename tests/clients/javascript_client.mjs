// The published JavaScript client of Microsoft Graph, unchanged, over TLS. Started by javascript_client.py, which starts the
// server and passes its addresses: BASE, TOKEN, and NODE_EXTRA_CA_CERTS for the certificate.

import assert from "node:assert/strict";
import {
  BatchRequestContent,
  BatchResponseContent,
  Client,
  PageIterator,
  RetryHandlerOptions,
} from "@microsoft/microsoft-graph-client";

const base = process.env.BASE;
const clientOf = (token) =>
  Client.init({
    baseUrl: base,
    customHosts: new Set([new URL(base).hostname]),
    defaultVersion: "beta",
    authProvider: (done) => done(null, token),
  });
const client = clientOf(process.env.TOKEN);
const text = { notificationTitle: "Canteen closed", notificationBody: "Please use building 3: déjà vu." };
const send = (device) => client.api(`/deviceManagement/managedDevices/${device}/sendCustomNotificationToCompanyPortal`);
// The client would wait three times for three minutes, its longest wait.
const atOnce = new RetryHandlerOptions(undefined, 0, 0);
const refused = async (call) => call.then(() => assert.fail("it was not refused"), (error) => error);

const page = await client.api("/deviceManagement/managedDevices").top(50).count(true).get();
const names = new Set();
await new PageIterator(client, page, (device) => Boolean(names.add(device.deviceName))).iterate();
assert.equal(names.size, page["@odata.count"]);
assert.ok(names.size > 100);

const phones = await client
  .api("/deviceManagement/managedDevices")
  .filter("operatingSystem eq 'iOS' and startswith(deviceName,'user-1')")
  .select(["id", "deviceName", "operatingSystem", "userPrincipalName"])
  .orderby("deviceName desc")
  .get();
assert.ok(phones.value.length > 0 && phones.value.every((phone) => phone.operatingSystem === "iOS"));
const phone = phones.value[0];
for (let sent = 0; sent < 10; sent += 1) await send(phone.id).post(text);
const eleventh = await refused(send(phone.id).middlewareOptions([atOnce]).post(text));
assert.equal(eleventh.statusCode, 429);
assert.equal(eleventh.code, "TooManyRequests");
assert.ok(JSON.parse(eleventh.body).innerError["request-id"]);

const groups = await client.api("/groups").get();
const crew = groups.value.find((group) => group.displayName === "Crew");
const toCrew = () =>
  client
    .api("/deviceManagement/sendCustomNotificationToCompanyPortal")
    .middlewareOptions([atOnce])
    .post({ ...text, groupsToNotify: [crew.id] });
for (let sent = 0; sent < 25; sent += 1) await toCrew();
const twentySixth = await refused(toCrew());
assert.equal(twentySixth.statusCode, 429);

const others = await client.api("/deviceManagement/managedDevices").filter("operatingSystem eq 'Android'").top(2).get();
const bulk = await client.api("/deviceManagement/managedDevices/executeAction").post({
  actionName: "customTextNotification",
  deviceIds: [phone.id, others.value[0].id],
  ...text,
});
assert.deepEqual(bulk.value.successfulDeviceIds, [others.value[0].id]);
assert.deepEqual(bulk.value.failedDeviceIds, [phone.id]);

const inBatch = (path, options) => new Request(new URL(`/beta${path}`, base), options);
const content = new BatchRequestContent([
  { id: "1", request: inBatch(`/users/${phone.userPrincipalName}`, { method: "GET" }) },
  {
    id: "2",
    request: inBatch(`/deviceManagement/managedDevices/${others.value[1].id}/sendCustomNotificationToCompanyPortal`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(text),
    }),
  },
]);
const answers = new BatchResponseContent(await client.api("/$batch").post(await content.getContent()));
assert.equal(answers.getResponseById("1").status, 200);
assert.equal(answers.getResponseById("2").status, 204);

const desk = await refused(
  clientOf(process.env.DESK_TOKEN)
    .api("/deviceManagement/sendCustomNotificationToCompanyPortal")
    .post({ ...text, groupsToNotify: [crew.id] }),
);
assert.equal(desk.statusCode, 403);
assert.equal(desk.code, "Forbidden");
console.log("the JavaScript client: all well");
