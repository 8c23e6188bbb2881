// Starts Debian's Chromium, and the mock server when no BASE_URL names a real one.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
export const SIZES = { desktop: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } };
/** True when the fixture city answers, whose exact numbers a journey may then name. */
export const onMock = !process.env.BASE_URL;

async function startMock(args, port) {
  const server = fileURLToPath(new URL('../../web/mock/server.mjs', import.meta.url));
  const child = spawn(process.execPath, [server, ...args, '--port', String(port)], { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise((resolve, reject) => {
    child.stdout.once('data', resolve);
    child.once('exit', (code) => reject(new Error(`mock server ended with ${code}`)));
  });
  return { url: `http://127.0.0.1:${port}`, stop: () => child.kill() };
}

/** The city to walk through: BASE_URL, or the mock. */
export const demoCity = async () => (process.env.BASE_URL ? { url: process.env.BASE_URL.replace(/\/$/, ''), stop: () => {} } : startMock([], 4517));
/** An empty city: FIRST_DAY_URL with FIRST_DAY_CODE, or the mock's empty city. */
export const emptyCity = async () =>
  process.env.FIRST_DAY_URL ? { url: process.env.FIRST_DAY_URL.replace(/\/$/, ''), stop: () => {} } : startMock(['--empty'], 4518);

export async function launch() {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: FLAGS });
}

/**
 * A page that collects what must never happen: requests that leave the origin, script errors,
 * and breaches of the content policy.
 */
export async function openPage(browser, base, size = 'desktop') {
  const context = await browser.newContext({ viewport: SIZES[size], locale: 'zh-CN', acceptDownloads: true, hasTouch: size === 'phone' });
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: base });
  const page = await context.newPage();
  const wrong = [];
  page.on('request', (r) => {
    const url = new URL(r.url());
    if (url.protocol.startsWith('http') && url.origin !== new URL(base).origin) wrong.push(`outside request: ${r.url()}`);
  });
  page.on('pageerror', (e) => wrong.push(`script error: ${e.message}`));
  page.on('console', (m) => {
    if (m.type() === 'error' && !/status of 4\d\d/.test(m.text())) wrong.push(`console: ${m.text()}`);
  });
  page.setDefaultTimeout(15_000);
  return { page, wrong, close: () => context.close() };
}

/** Waits until the map page has its stations and frames. */
export async function mapReady(page) {
  await page.waitForSelector('.canvas canvas');
  await page.waitForSelector('.time .label');
  await page.waitForLoadState('networkidle');
}
