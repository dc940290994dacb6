// A client of Kiota with compression on, as in the SDKs generated with it: every request body is gzip. Started by
// interception.py: BASE, TOKEN, DEVICE, and NODE_EXTRA_CA_CERTS for the certificate.

import assert from "node:assert/strict";
import {
  CompressionHandler,
  CompressionHandlerOptions,
  CustomFetchHandler,
  HttpClient,
} from "@microsoft/kiota-http-fetchlibrary";

const { BASE, TOKEN, DEVICE } = process.env;
const sent = [];
const watched = async (url, init) => {
  const answer = await fetch(url, { ...init, duplex: "half" });
  sent.push({ coding: new Headers(init.headers).get("content-encoding"), status: answer.status });
  return answer;
};
const handlers = [new CompressionHandler(new CompressionHandlerOptions()), new CustomFetchHandler(watched)];
const client = new HttpClient(watched, ...handlers);
const post = (path, body) =>
  client.executeFetch(`${BASE}${path}`, {
    method: "POST",
    headers: { Authorization: `Bearer ${TOKEN}`, "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
const text = { notificationTitle: "Canteen closed", notificationBody: "Please use building 3: déjà vu." };
const path = `/beta/deviceManagement/managedDevices/${DEVICE}`;
const answer = await post(`${path}/sendCustomNotificationToCompanyPortal`, text);
assert.equal(answer.status, 204, await answer.text());
const batch = await post("/beta/$batch", { requests: [{ id: "1", method: "GET", url: `/deviceManagement/managedDevices/${DEVICE}` }] });
assert.equal((await batch.json()).responses[0].status, 200);
assert.deepEqual(sent, [{ coding: "gzip", status: 204 }, { coding: "gzip", status: 200 }], "nothing was sent a second time, unpacked");
console.log("Kiota with compression: all well");
