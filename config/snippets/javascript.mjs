import { execFileSync } from "node:child_process";
const [program, ...words] = {TOKEN};
const token = execFileSync(program, words, { encoding: "utf8" }).trim();
const text = { notificationTitle: "Canteen closed", notificationBody: "Please use the one in building 3 today." };
const url = "{BASE}/beta/deviceManagement/managedDevices/{DEVICE}/sendCustomNotificationToCompanyPortal";
const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
console.log((await fetch(url, { method: "POST", headers, body: JSON.stringify(text) })).status);
