// Load on the Graph API, with k6: a steady stream of messages to single devices.
//
//   reveille serve --speed 600
//   k6 run -e REVEILLE_TOKEN="$(reveille token --as administrator)" config/load/k6.js
//
// A refusal for a quota, 429, is the service's answer to too many messages, not a failure. BASE selects another server.
import http from "k6/http";
import { check } from "k6";

const base = __ENV.BASE || "http://127.0.0.1:8080";
const headers = { Authorization: `Bearer ${__ENV.REVEILLE_TOKEN}`, "Content-Type": "application/json" };
const text = JSON.stringify({
  notificationTitle: "Canteen closed",
  notificationBody: "Please use the one in building 3 today.",
});

http.setResponseCallback(http.expectedStatuses(200, 204, 429));

export const options = {
  scenarios: {
    stream: { executor: "constant-arrival-rate", rate: 100, timeUnit: "1s", duration: "1m", preAllocatedVUs: 50 },
  },
  thresholds: { checks: ["rate==1"], http_req_failed: ["rate==0"] },
};

export function setup() {
  const filter = encodeURIComponent("operatingSystem ne 'Windows'");
  const answer = http.get(`${base}/v1.0/deviceManagement/managedDevices?$filter=${filter}&$select=id`, { headers });
  check(answer, { "devices are listed": (listed) => listed.status === 200 });
  return answer.json("value").map((device) => device.id);
}

export default function (devices) {
  const device = devices[Math.floor(Math.random() * devices.length)];
  const action = "sendCustomNotificationToCompanyPortal";
  const url = `${base}/beta/deviceManagement/managedDevices/${device}/${action}`;
  const answer = http.post(url, text, { headers, tags: { name: "send to a device" } });
  check(answer, { "it is taken, or held back by a quota": (said) => said.status === 204 || said.status === 429 });
}
