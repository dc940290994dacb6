// The console in a real browser: both flows by mouse and by keyboard, with and without JavaScript, in both languages, narrow and
// wide, light and dark; nothing on the browser's console, nothing from elsewhere, and no violation that axe finds. Started by
// console.py; with a folder as argument it also takes a picture of every page.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { chromium } from "playwright-core";

const { CONTROL, CONTROL_TOKEN, CHROMIUM } = process.env;
const base = `${CONTROL}/_reveille/console`;
const pictures = process.argv[2];
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });

// A request of the control API.
const control = async (method, where, body) => {
  const headers = { Authorization: `Bearer ${CONTROL_TOKEN}`, "Content-Type": "application/json" };
  const reply = await fetch(`${CONTROL}/_reveille${where}`, { method, headers, body: body && JSON.stringify(body) });
  assert.ok(reply.ok, `${method} ${where}: ${reply.status} ${reply.ok ? "" : await reply.text()}`);
  return reply.status === 204 ? null : reply.json();
};
const pass = (by) => control("POST", "/clock/advance", { by });

// A page that fails for anything on the browser's console, and for any request to somewhere else. A form that is refused has a
// status of its own, of which the browser writes a line: those are announced.
const open = async (options) => {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const expected = { refusals: 0 };
  const wrong = [];
  page.on("console", (line) => {
    const isRefusal = line.text().startsWith("Failed to load resource") && /status of 4(09|22|29|00)/.test(line.text());
    if (isRefusal && expected.refusals > 0) expected.refusals -= 1;
    else if (["error", "warning"].includes(line.type())) wrong.push(`${line.type()}: ${line.text()}`);
  });
  page.on("pageerror", (error) => wrong.push(`exception: ${error.message}`));
  page.on("request", (request) => {
    if (!request.url().startsWith(`${base}/`) && !request.url().startsWith("data:")) wrong.push(`request: ${request.url()}`);
  });
  const done = async () => {
    assert.deepEqual(wrong, []);
    await context.close();
  };
  return { context, page, expected, done };
};

const signIn = async (page) => {
  await page.goto(`${base}/`);
  await page.fill("#token", CONTROL_TOKEN);
  await page.keyboard.press("Enter");
  await page.waitForSelector("#tiles");
  return page.url().replace(/\/$/, "");
};

// What axe finds on a page, and whether it is too wide: told together at the end.
const unfit = [];
const check = async (page, name, look) => {
  await page.evaluate(axe);
  const found = await page.evaluate(() => globalThis.axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }));
  const violations = found.violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html.slice(0, 200)).join(" | ")}`);
  if (violations.length > 0) unfit.push(`${name} ${look}: ${violations.join("; ")}`);
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  if (overflow > 0) unfit.push(`${name} ${look} is ${overflow} px too wide`);
  if (pictures) await page.screenshot({ path: path.join(pictures, `${name}-${look}.png`), fullPage: true });
};

// Both flows by mouse; a refusal of each kind; what became of it; the clock.
{
  const { page, expected, done } = await open({ viewport: { width: 1440, height: 900 }, locale: "en-GB" });
  const home = await signIn(page);
  await page.click("text=Send custom notifications");
  expected.refusals += 1;
  await page.click("button.primary");
  await page.waitForSelector(".errors");
  assert.equal(await page.evaluate(() => document.activeElement.className), "errors", "what is wrong is read first");
  await page.click('.errors a[href="#title"]');
  assert.equal(await page.evaluate(() => document.activeElement.id), "title");
  await page.fill("#title", "Canteen closed");
  await page.fill("#body", "Please use the one in building 3.");
  assert.match(await page.textContent("#title-help"), /^14 \/ 50/);
  await page.click("button.primary");
  await page.waitForSelector("#chosen");
  assert.equal(await page.evaluate(() => document.activeElement.id), "step", "the focus moves to the step");
  await page.fill("#q", "both");
  await page.click('button[value="search"]');
  await page.click('button[name="add"]');
  assert.match(await page.textContent(".reached"), /2 users, 5 devices/);
  await page.click("button.primary");
  await page.waitForSelector("#summary");
  assert.match(await page.textContent("main"), /40\s%/, "two of five phones");
  await page.click("button.primary");
  await page.waitForURL(/\/messages\/0\?created=1$/);
  assert.match(await page.textContent(".banner.good"), /The custom notification was sent\./);
  // Another message takes the place of one that waits for a phone that is offline.
  await control("PATCH", "/devices/away/phone", { online: false });
  await pass("1m");
  await page.waitForFunction(() => document.querySelector("#reach .figure").textContent.startsWith("20"), null, { timeout: 8_000 });
  const device = async (name) => {
    await page.goto(`${home}/devices?q=${name}`);
    await page.click("tbody th a");
    await page.waitForSelector("#traits");
    return page.url();
  };
  const away = await device("away");
  for (const title of ["First", "Second"]) {
    await page.goto(`${away}/send`);
    await page.fill("#title", title);
    await page.fill("#body", "Restart your phone.");
    await page.click("button.primary");
    assert.match(await page.textContent(".banner.good"), new RegExp(title));
    await pass("10s");
  }
  for (const [name, message, words] of [
    ["shown", 0, /It is shown/],
    ["away", 1, /A newer message takes its place/],
    ["mute", 0, /Let the user allow notifications/],
    ["mac", 0, /can never get one/],
    ["lost", 0, /Drew .* it happens below 100/],
  ]) {
    await page.goto(`${await device(name)}/why/${message}`);
    assert.match(await page.textContent("main"), words, name);
  }
  const shown = await device("shown");
  await page.goto(`${shown}/phone`);
  await page.click(".note button");
  await page.waitForSelector(".empty");
  // A send by an account that may not, in Graph's words.
  await page.goto(`${home}/send`);
  await page.fill("#title", "t");
  await page.fill("#body", "b");
  await page.selectOption("#account", "help-desk");
  await page.click("button.primary");
  await page.click('button[name="add"]');
  await page.click("button.primary");
  assert.match(await page.textContent(".banner.bad"), /does not permit sending this kind of notification/);
  await page.goto(`${home}/faults?kind=outage`);
  await page.fill("#name", "no push");
  await page.selectOption('[id="scope.gateway"]', "apns");
  await page.click("button.primary");
  await page.waitForSelector("text=no push");
  await page.click('button[aria-label="Stop: no push"]');
  await page.waitForSelector("text=stopped on");
  await page.goto(`${home}/`);
  await page.selectOption("#by", "4h");
  await page.click('button[value="by"]');
  await page.waitForFunction(() => document.querySelector("#clock time").textContent.includes("10:01"), null, { timeout: 8_000 });
  // The page follows, and stops following when it is told to.
  await page.click("#pause");
  assert.equal(await page.textContent("#pause"), "Resume updates");
  await pass("1h");
  await page.waitForTimeout(1_500);
  assert.match(await page.textContent("#clock time"), /10:01/);
  await page.click("#pause");
  await page.waitForFunction(() => document.querySelector("#clock time").textContent.includes("11:01"), null, { timeout: 8_000 });
  await done();
}

// Both flows by keyboard, in French, on a narrow and dark screen.
{
  const { page, done } = await open({ viewport: { width: 320, height: 640 }, locale: "fr-FR", colorScheme: "dark" });
  const home = await signIn(page);
  // Tabs to what has this name, as a person would, and presses a key on it.
  const press = async (selector, key = "Enter") => {
    for (let tabs = 0; tabs < 80; tabs += 1) {
      if (await page.evaluate((wanted) => document.activeElement.matches(wanted), selector)) {
        await page.keyboard.press(key);
        return;
      }
      await page.keyboard.press("Tab");
    }
    assert.fail(`${selector} is not reached by the keyboard`);
  };
  const write = async (selector, text) => {
    await press(selector, "End");
    await page.keyboard.type(text);
  };
  await press(".skip");
  await page.goto(`${home}/send`);
  await write("#title", "Cantine fermée");
  await write("#body", "Merci d’utiliser celle du bâtiment 3.");
  await press("button.primary");
  await page.waitForSelector("#chosen");
  await press('button[name="add"]');
  await page.waitForSelector('button[name="remove"]');
  await press("button.primary");
  await page.waitForSelector("#summary");
  assert.match(await page.textContent(".steps"), /De base.*Affectations.*Vérifier \+ créer/s);
  await press("button.primary");
  await page.waitForURL(/created=1$/);
  assert.match(await page.textContent(".banner.good"), /La notification personnalisée a été envoyée\./);
  await page.goto(`${home}/devices/shown`);
  await press('a[href$="/send"].button');
  await page.waitForSelector("#title");
  await write("#title", "Redémarrez");
  await write("#body", "Merci.");
  await press("button.primary");
  await page.waitForSelector(".banner.good");
  await pass("10s");
  await page.goto(`${home}/devices/shown/phone`);
  const notes = await page.locator(".note").count();
  await press(".note button");
  await page.waitForFunction((before) => document.querySelectorAll(".note").length < before, notes, { timeout: 8_000 });
  await done();
}

// The same flows without JavaScript.
{
  const { page, done } = await open({ viewport: { width: 1_000, height: 800 }, locale: "en", javaScriptEnabled: false });
  await page.goto(`${base}/`);
  await page.fill("#token", CONTROL_TOKEN);
  await page.click("button.primary");
  const home = page.url().replace(/\/$/, "");
  await page.click("text=Send custom notifications");
  await page.fill("#title", "t");
  await page.fill("#body", "b");
  await page.click("button.primary");
  await page.locator('button[name="add"]').first().click();
  await page.click("button.primary");
  await page.click("button.primary");
  assert.match(page.url(), /created=1$/);
  await page.goto(`${home}/devices/shown/send`);
  await page.fill("#title", "t");
  await page.fill("#body", "b");
  await page.click("button.primary");
  assert.match(await page.textContent(".banner.good"), /was sent/);
  await pass("10s");
  await page.goto(`${home}/devices/shown/phone`);
  await page.locator(".note button").first().click();
  await page.goto(`${home}/faults?kind=delay`);
  await page.fill("#name", "slow");
  await page.fill("#delay", "1s");
  await page.click("button.primary");
  await page.click('button[aria-label="Stop: slow"]');
  await page.goto(`${home}/`);
  await page.click('button[value="settled"]').catch(() => {});
  await page.click('a[lang="fr"]');
  assert.equal(await page.getAttribute("html", "lang"), "fr");
  await done();
}

// The 26th message of an hour.
{
  const { page, expected, done } = await open({ viewport: { width: 1440, height: 900 }, locale: "en" });
  const home = await signIn(page);
  await pass("2h");
  await page.goto(`${home}/send`);
  await page.fill("#title", "t");
  await page.fill("#body", "b");
  await page.click("button.primary");
  const group = await page.locator('button[name="add"]').first().getAttribute("value");
  await page.locator('button[name="add"]').first().click();
  await page.click("button.primary");
  await page.waitForSelector("#summary");
  // The forms of 25 others.
  const statuses = await page.evaluate(
    async ([address, id]) => {
      const sent = [];
      for (let number = 0; number < 25; number += 1) {
        const body = new URLSearchParams({ title: "t", body: "b", group: id, key: crypto.randomUUID() });
        sent.push((await fetch(address, { method: "POST", body, redirect: "manual" })).type);
      }
      return sent;
    },
    [`${home}/send/create`, group],
  );
  assert.deepEqual(new Set(statuses), new Set(["opaqueredirect"]));
  expected.refusals += 1;
  await page.click("button.primary");
  await page.waitForSelector(".errors");
  assert.match(await page.textContent(".errors"), /At most 25 notifications an hour.*The next slot is free at/s);
  await done();
}

// Every page, in both languages, schemes and widths; for pictures each scheme in each width.
await control("PATCH", "/devices/away/phone", { online: null });
const looks = [["en", "light", 1440], ["fr", "dark", 320]];
if (pictures) looks.push(["en", "dark", 1440], ["fr", "light", 320]);
for (const [locale, colorScheme, width] of looks) {
  const { page, expected, done } = await open({ viewport: { width, height: 900 }, locale, colorScheme, reducedMotion: "reduce" });
  const look = `${locale}-${colorScheme}-${width}`;
  await page.goto(`${base}/sign-in`);
  await check(page, "sign-in", look);
  const home = await signIn(page);
  for (const [name, where] of [
    ["overview", "/"],
    ["messages", "/messages"],
    ["message", "/messages/0?created=1"],
    ["phones", "/messages/0/phones?station=blocked&cause=permission"],
    ["devices", "/devices"],
    ["device", "/devices/shown"],
    ["device-send", "/devices/shown/send"],
    ["phone", "/devices/shown/phone"],
    ["phone-silent", "/devices/mute/phone"],
    ["why", "/devices/lost/why/0"],
    ["faults", "/faults?kind=loss"],
    ["scenario", "/scenario"],
    ["send-1-basics", "/send"],
  ]) {
    await page.goto(`${home}${where}`);
    await check(page, name, look);
  }
  expected.refusals += 1;
  await page.click("button.primary");
  await page.waitForSelector(".errors");
  await check(page, "send-1-errors", look);
  await page.fill("#title", "Canteen closed");
  await page.fill("#body", "Please use the one in building 3.");
  await page.click("button.primary");
  await page.locator('button[name="add"]').first().click();
  await check(page, "send-2-assignments", look);
  await page.click("button.primary");
  await page.waitForSelector("#summary");
  await check(page, "send-3-review", look);
  await done();
}

// A page that is gone, in one look.
{
  const { page, done } = await open({ viewport: { width: 1440, height: 900 }, locale: "en" });
  const home = await signIn(page);
  await page.goto(`${home}/`);
  await control("POST", "/reset");
  await page.waitForFunction(() => document.querySelector("#tiles .figure").textContent === "0", null, { timeout: 8_000 });
  await done();
}

assert.deepEqual(unfit, []);
await browser.close();
console.log(`the console in ${path.basename(CHROMIUM)}: all well`);
