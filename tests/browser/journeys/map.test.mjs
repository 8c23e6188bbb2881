// The map: stations, card, calendar, time, filter, and the address that remembers all of it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { demoCity, launch, mapReady, openPage } from '../browser.mjs';

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

async function walk(path, run, size = 'desktop') {
  const seat = await openPage(browser, city.url, size);
  try {
    await seat.page.goto(city.url + path);
    await run(seat.page);
    assert.deepEqual(seat.wrong, []);
  } finally {
    await seat.close();
  }
}
const query = (page) => new URL(page.url()).searchParams;

test('the first page shows the map with its legend, its simulated mark and its schematic base', () =>
  walk('/', async (page) => {
    await mapReady(page);
    assert.equal(new URL(page.url()).pathname, '/map');
    assert.equal(await page.locator('.legend li').count(), 6);
    assert.match(await page.locator('.legend').innerText(), /优[\s\S]*严重污染/);
    assert.match(await page.locator('.schematic').innerText(), /示意图/);
    assert.match(await page.locator('.time .label').innerText(), /\d{4}-\d\d-\d\d \d{1,2}时均值（\d\d:00–\d\d:00）/);
  }));

test('search leads to a card, the card to the calendar, a day back to the map', () =>
  walk(`/map?t=${AT}`, async (page) => {
    await mapReady(page);
    assert.match(await page.locator('.strip').innerText(), /模拟/);
    await page.keyboard.press('/');
    await page.keyboard.type('溪东');
    await page.locator('[role=option]', { hasText: '溪东' }).first().waitFor();
    await page.keyboard.press('Enter');
    await page.locator('.card h2', { hasText: '溪东' }).waitFor();
    assert.equal(query(page).get('st'), '1286A');
    const card = await page.locator('.card').innerText();
    assert.match(card, /AQI/);
    assert.match(card, /近 24 小时 \d+\/24 时/);
    assert.match(card, /首要污染物/);
    assert.equal(await page.locator('.card .values tbody tr').count(), 6);
    assert.match(card, /模拟数据/);
    await page.locator('[role=tab]', { hasText: '日历' }).click();
    await page.locator('.cell').first().waitFor();
    assert.equal(await page.locator('.cell').count(), 31);
    await page.getByRole('button', { name: '上个月' }).click();
    await page.waitForFunction(() => document.querySelectorAll('.cell').length === 28);
    assert.equal(query(page).get('m'), '2022-02');
    await page.locator('.cell').nth(9).click();
    await page.waitForFunction(() => new URL(location.href).searchParams.get('t') === '2022-02-10T15:00');
    assert.match(await page.locator('.time .label').innerText(), /2022-02-10 15时均值/);
    await page.goBack();
    await page.waitForFunction(() => new URL(location.href).searchParams.get('m') === '2022-02');
  }));

test('the year of hours draws with its gaps and counts them', () =>
  walk(`/map?t=${AT}&st=1286A&tab=series&par=O3`, async (page) => {
    await page.locator('.chart canvas').waitFor();
    assert.match(await page.locator('.year').innerText(), /2022 年有 \d+ 个小时值，应有 8760 个；缺 \d+ 个/);
    await page.locator('#series-year').selectOption('2018');
    await page.waitForFunction(() => new URL(location.href).searchParams.get('yr') === '2018');
    await page.locator('.year .tag.real, .year .state.empty').first().waitFor();
  }));

test('super-station and roadside station have their own tabs', () =>
  walk(`/map?t=${AT}`, async (page) => {
    await mapReady(page);
    await page.getByRole('button', { name: '表格' }).click();
    const row = (kind) => page.locator('.table tbody tr', { hasText: kind }).first().locator('button');
    await row('超级站').click();
    await page.locator('[role=tab]', { hasText: '组分' }).click();
    await page.locator('.card', { hasText: '硫酸根' }).waitFor();
    assert.match(await page.locator('.card').innerText(), /烷烃[\s\S]*硫酸根[\s\S]*元素碳/);
    await row('路边站').click();
    await page.locator('[role=tab]', { hasText: '增量' }).click();
    await page.locator('.card', { hasText: '车流量' }).waitFor();
    assert.match(await page.locator('.card').innerText(), /背景[\s\S]*增量/);
  }));

test('keys step, play, fold, and Escape closes', () =>
  walk(`/map?t=${AT}&st=1286A`, async (page) => {
    await mapReady(page);
    await page.locator('.card h2').waitFor();
    await page.keyboard.press(']');
    await page.waitForFunction(() => new URL(location.href).searchParams.get('t') === '2022-03-05T16:00');
    await page.keyboard.press('[');
    await page.waitForFunction(() => new URL(location.href).searchParams.get('t') === '2022-03-05T15:00');
    await page.keyboard.press('Space');
    await page.waitForFunction(() => (new URL(location.href).searchParams.get('t') ?? '') >= '2022-03-05T18:00');
    await page.keyboard.press('Space');
    await page.keyboard.press('l');
    await page.locator('.legend.folded').waitFor();
    assert.equal(await page.locator('.legend li').count(), 6);
    await page.keyboard.press('Escape');
    await page.locator('.card').waitFor({ state: 'detached' });
    await page.keyboard.press('?');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    await page.keyboard.press('g');
    await page.keyboard.press('f');
    await page.waitForURL(/\/figures/);
    await page.keyboard.press('g');
    await page.keyboard.press('m');
    await page.waitForURL(/\/map/);
  }));

test('play goes on over the end of its window', () =>
  walk('/map?t=2022-03-05T22:00&w=1', async (page) => {
    await mapReady(page);
    await page.locator('.play').click();
    await page.waitForFunction(() => (new URL(location.href).searchParams.get('t') ?? '') >= '2022-03-06T03:00', null, { timeout: 20_000 });
    await page.locator('.play').click();
  }));

test('latest, layers, filter and quantity are in the address and come back', () =>
  walk(`/map?t=${AT}`, async (page) => {
    await mapReady(page);
    await page.locator('.legend .class').nth(1).click();
    await page.waitForFunction(() => new URL(location.href).searchParams.get('lv') === '2');
    await page.locator('#legend-what').selectOption('O3');
    await page.waitForFunction(() => new URL(location.href).searchParams.get('what') === 'O3');
    await page.locator('.layers input[type=checkbox]').nth(1).click();
    await page.waitForFunction(() => new URL(location.href).searchParams.has('layers'));
    await page.getByRole('button', { name: '最新' }).click();
    await page.waitForFunction(() => new URL(location.href).searchParams.get('t') === 'latest');
    await page.reload();
    await mapReady(page);
    assert.equal(await page.locator('.legend .class').nth(1).getAttribute('aria-pressed'), 'true');
    assert.equal(await page.locator('#legend-what').inputValue(), 'O3');
    assert.equal(await page.locator('.layers input[type=checkbox]').nth(1).isChecked(), false);
    await page.goBack();
    await page.waitForFunction((at) => new URL(location.href).searchParams.get('t') === at, AT);
  }));

test('a click on the canvas opens a station, a drag moves the extent into the address', async () => {
  const { items } = await (await fetch(`${city.url}/api/v1/stations?q=1286A`)).json();
  const { lon, lat } = items[0];
  await walk(`/map?t=${AT}&x=${lon}&y=${lat}&z=14`, async (page) => {
    await mapReady(page);
    const box = await page.locator('.canvas').boundingBox();
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    await page.mouse.click(x, y);
    await page.locator('.card h2', { hasText: '溪东' }).waitFor();
    await page.keyboard.press('Escape');
    await page.mouse.move(x + 200, y - 150);
    await page.mouse.down();
    await page.mouse.move(x + 260, y - 100, { steps: 5 });
    await page.mouse.up();
    await page.waitForFunction((x) => Math.abs(Number(new URL(location.href).searchParams.get('x')) - x) > 1e-3, lon);
    const place = query(page).get('x');
    await page.reload();
    await mapReady(page);
    assert.equal(query(page).get('x'), place);
  });
});

test('an hour of 2018 says that it is real', () =>
  walk('/map?t=2018-02-20T07:00&st=1287A', async (page) => {
    await mapReady(page);
    await page.locator('.card .tag.real').waitFor();
    assert.match(await page.locator('.card').innerText(), /真实数据/);
  }));

test('an unknown station says what happened and what to do', () =>
  walk(`/map?t=${AT}&st=9999X`, async (page) => {
    await page.locator('.card .state.error').waitFor();
    assert.match(await page.locator('.card .state.error').innerText(), /没有成功[\s\S]*怎么办/);
  }));

test('on a phone the card is a bottom sheet and nothing runs out of the window', () =>
  walk(`/map?t=${AT}&st=1286A`, async (page) => {
    await mapReady(page);
    const sheet = await page.locator('.side-card').boundingBox();
    assert.equal(Math.round(sheet.width), 390);
    assert.equal(Math.round(sheet.y + sheet.height), 844);
    const legendAbove = async (top) => {
      const legend = await page.locator('.legend').boundingBox();
      assert.ok(legend.y + legend.height <= top + 1 && legend.x >= 0 && legend.x + legend.width <= 390, 'the legend stays in sight');
    };
    await legendAbove(sheet.y);
    await page.locator('.card').getByRole('button', { name: '关闭卡片' }).click();
    await page.getByRole('button', { name: '表格' }).click();
    await page.locator('.table tbody tr').first().waitFor();
    await legendAbove((await page.locator('.time').boundingBox()).y);
    await page.locator('.table').getByRole('button', { name: '地图' }).click();
    await page.locator('.table').waitFor({ state: 'detached' });
    for (const path of ['/map', '/figures', '/figures/F047', '/summary', '/norms', '/start', '/help']) {
      await page.goto(city.url + path);
      await page.waitForLoadState('networkidle');
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(wide <= 390, `${path} is ${wide} px wide`);
    }
  }, 'phone'));
