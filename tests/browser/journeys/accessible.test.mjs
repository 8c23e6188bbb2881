// axe over every page in both languages, text size, and the time to a usable map.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { demoCity, launch, onMock, openPage } from '../browser.mjs';
import { becomeOfficer } from '../office.mjs';

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const AT = '2022-03-05T15:00';
let city, browser;
before(async () => {
  city = await demoCity();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  city?.stop();
});

const PAGES = [`/map?t=${AT}`, `/map?t=${AT}&st=1286A`, `/map?t=${AT}&st=1286A&tab=calendar`, `/map?t=${AT}&st=1286A&tab=series`, `/map?t=${AT}&view=table`, '/zoning?layers=units,redline', '/zoning?site=A.gqnphHwgp9uBg0PAAg3L_zPA&f.industry=C2641&f.kind=new', '/zoning?site=A.gqnphHwgp9uBg0PAAg3L_zPA&f.industry=C2641&f.kind=new&part=why', '/zoning?tab=place&pt=118.12,24.6', '/zoning?tab=compare', '/figures/F047?period=2022', '/summary?period=2022', '/norms', '/start', '/help'];

for (const [size, langs] of Object.entries({ desktop: ['zh', 'en'], phone: ['zh'] })) {
  for (const lang of langs) {
    test(`axe finds nothing: ${size}, ${lang}`, async () => {
      const { page, close } = await openPage(browser, city.url, size);
      // A dialog that is still fading in has other colours.
      await page.emulateMedia({ reducedMotion: 'reduce' });
      const found = [];
      async function look(path) {
        // Evaluated by the debugger, which the page's content policy does not bind.
        await page.evaluate(axe);
        const result = await page.evaluate(() => globalThis.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'] }));
        for (const v of result.violations) found.push(`${path} ${v.id}: ${v.nodes.slice(0, 3).map((n) => n.target.join(' ')).join(' | ')}`);
        const small = await page.evaluate(() =>
          [...document.querySelectorAll('body *')]
            .filter((e) => [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim()) && e.getClientRects().length && !e.closest('svg') && Number.parseFloat(getComputedStyle(e).fontSize) < 14)
            .map((e) => `${e.tagName}.${e.className} ${getComputedStyle(e).fontSize} ${e.textContent.trim().slice(0, 20)}`)
            .slice(0, 5),
        );
        for (const s of small) found.push(`${path} text below 14 px: ${s}`);
      }
      async function go(path) {
        await page.goto(city.url + path + (lang === 'en' ? `${path.includes('?') ? '&' : '?'}lang=en` : ''));
        await page.waitForLoadState('networkidle');
      }
      for (const path of PAGES) {
        await go(path);
        await look(path);
      }
      await go('/zoning?tab=place&pt=118.12,24.6');
      await page.locator('[data-object]').first().click();
      await page.locator('.objection').waitFor();
      await look('objection');
      await go('/help');
      await page.locator('.app-header .plain').last().click();
      await page.locator('#sign-in-login').waitFor();
      await look('sign-in');
      // The one-time code of a real city is for the journeys of its office.
      if (onMock) {
        const id = await becomeOfficer(page);
        for (const path of ['/zoning/cases', `/zoning?case=${id}`, `/zoning?case=${id}&part=ask`, '/zoning/follow-ups', '/zoning/objections', '/accounts']) {
          await go(path);
          await look(path);
        }
        await page.locator('.user .plain').click();
        await page.locator('#user-menu button').first().click();
        await page.locator('#password-old').waitFor();
        await look('password');
        await go('/zoning');
        await page.locator('.when .btn').first().click();
        await page.locator('.steps li').first().waitFor();
        await look('editions');
      }
      assert.deepEqual(found, []);
      await close();
    });
  }
}

test('the map is usable soon', async (t) => {
  const { page, close } = await openPage(browser, city.url);
  const start = Date.now();
  await page.goto(`${city.url}/map?t=${AT}`);
  await page.locator('.canvas canvas').first().waitFor();
  await page.waitForFunction(() => !document.querySelector('.messages .state') && document.querySelector('.time .label'));
  const ms = Date.now() - start;
  t.diagnostic(`map usable after ${ms} ms`);
  assert.ok(ms < Number(process.env.MAP_MS_MAX ?? 4000), `${ms} ms`);
  await close();
});
