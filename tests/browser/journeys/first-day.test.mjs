// From an empty city to a first figure. Against a real server: FIRST_DAY_URL, FIRST_DAY_CODE (the
// one-time code), and FIRST_DAY_STATIONS / FIRST_DAY_HOURS, lists of files separated by commas.
import assert from 'node:assert/strict';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { emptyCity, launch, onMock, openPage } from '../browser.mjs';
import { enterCode } from '../office.mjs';

// A run against one real server must not quietly test the mock's empty city instead.
const skip = !process.env.FIRST_DAY_URL && !onMock ? 'FIRST_DAY_URL is not set' : false;
let city, browser;
before(async () => {
  if (skip) return;
  city = await emptyCity();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  city?.stop();
});

async function files() {
  if (process.env.FIRST_DAY_URL) {
    return { stations: process.env.FIRST_DAY_STATIONS.split(','), hours: process.env.FIRST_DAY_HOURS.split(','), source: process.env.FIRST_DAY_SOURCE };
  }
  const folder = await mkdtemp(join(tmpdir(), 'first-day-'));
  await writeFile(join(folder, 'stations.csv'), 'station,name_zh,name_en,city,district,medium,kind,lon,lat,evaluated,from,to,source\n1286A,溪东,Xidong,350200,思明区,air,national,118.0966,24.4819,1,2016-01-01,,register\n');
  const rows = Array.from({ length: 48 }, (_, i) => `1286A,2022-01-0${1 + Math.floor((i + 1) / 24)}T${String((i + 1) % 24).padStart(2, '0')}:00,PM2_5,${i === 5 ? -3 : 15 + (i % 7)}`);
  await writeFile(join(folder, 'hours.csv'), `station,time,parameter,value\n${rows.join('\n')}\n`);
  await writeFile(join(folder, 'wrong.csv'), 'a,b\n1,2\n');
  await writeFile(join(folder, 'wrong.docx'), 'no table');
  return { stations: [join(folder, 'stations.csv')], hours: [join(folder, 'hours.csv')], folder };
}

test('stations, import, figure: a real empty city comes to its first number', { skip }, async () => {
  const { page, wrong, close } = await openPage(browser, city.url);
  const given = await files();
  await page.goto(`${city.url}/map`);
  await page.locator('.state.empty', { hasText: '还没有站点' }).waitFor();
  assert.equal(await page.locator('.strip').count(), 0);
  await page.getByRole('link', { name: '去首日页' }).click();
  await page.waitForURL(/\/start/);
  await page.locator('.step').first().waitFor();
  assert.equal(await page.locator('.step').count(), 3);

  await page.locator('.app-header button', { hasText: '登录' }).click();
  await enterCode(page, process.env.FIRST_DAY_CODE ?? '123456');
  await page.locator('.app-header', { hasText: '操作员' }).waitFor();

  async function load(step, path) {
    const box = page.locator('.step').nth(step);
    await box.locator('input[type=file]').setInputFiles(path);
    await box.getByRole('button', { name: '开始导入' }).click();
    await box.locator('.done').last().waitFor({ timeout: 120_000 });
    return box;
  }
  if (given.folder) {
    const box = page.locator('.step').first();
    await box.locator('input[type=file]').setInputFiles(join(given.folder, 'wrong.docx'));
    await box.getByText('不支持').waitFor();
    await box.locator('input[type=file]').setInputFiles(join(given.folder, 'wrong.csv'));
    await box.getByRole('button', { name: '开始导入' }).click();
    await box.getByText('文件没有导入').waitFor();
    assert.match(await box.locator('table').innerText(), /station[\s\S]*请补上/);
  }
  for (const path of given.stations) await load(0, path);
  await page.locator('.step').first().locator('.tag', { hasText: '已完成' }).waitFor();
  if (given.source) await page.locator('#source-observation').selectOption(given.source);
  for (const path of given.hours) await load(1, path);
  if (given.folder) assert.match(await page.locator('.step').nth(1).locator('table').innerText(), /7[\s\S]*value[\s\S]*-3/);
  await page.locator('.step').nth(2).locator('.tag', { hasText: '已完成' }).waitFor();
  await page.getByRole('link', { name: '查看指标' }).click();
  await page.locator('.figures tbody tr').first().waitFor();
  if (process.env.FIRST_DAY_URL) {
    for (const path of ['/map', '/start', '/figures', '/summary']) {
      await page.goto(city.url + path);
      await page.waitForLoadState('networkidle');
      assert.doesNotMatch(await page.locator('body').innerText(), /模拟数据|synthetic|simulated/i, path);
    }
  }
  assert.deepEqual(wrong, []);
  await close();
});

test('a wrong code is refused in words', { skip: skip || (process.env.FIRST_DAY_URL ? 'would lock a real code' : false) }, async () => {
  const { page, close } = await openPage(browser, city.url);
  await page.goto(`${city.url}/help`);
  await page.locator('.app-header button', { hasText: '登录' }).click();
  await enterCode(page, '000000');
  await page.getByRole('alert').filter({ hasText: '口令不对' }).waitFor();
  await close();
});
