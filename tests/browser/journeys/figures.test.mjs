// Every number opens: figure, definition, filter, norms, rows, export; and the summary links to it.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { demoCity, launch, openPage } from '../browser.mjs';

let city, browser;
before(async () => {
  city = await demoCity();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  city?.stop();
});
async function walk(path, run) {
  const seat = await openPage(browser, city.url);
  try {
    await seat.page.goto(city.url + path);
    await run(seat.page);
    assert.deepEqual(seat.wrong, []);
  } finally {
    await seat.close();
  }
}

test('a figure opens to its definition, its filter, its norms and its rows, and exports', () =>
  walk('/figures?period=2022', async (page) => {
    await page.locator('.figures a', { hasText: /PM2\.5/ }).first().click();
    await page.waitForURL(/\/figures\/F047/);
    const detail = page.locator('.detail');
    await detail.locator('pre').waitFor();
    const text = await detail.innerText();
    assert.match(text, /定义/);
    assert.match(text, /依据标准/);
    assert.match(await detail.locator('pre').innerText(), /select/i);
    await detail.locator('.el-table-v2__row').first().waitFor();
    assert.ok((await detail.locator('.el-table-v2__row').count()) > 3);
    await detail.locator('.map canvas').first().waitFor();
    await page.getByRole('button', { name: '复制表格' }).click();
    await detail.getByText(/已复制 \d+ 行/).waitFor();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    assert.ok(copied.split('\r\n').length > 3 && copied.includes('\t'));
    for (const [name, start] of [['导出 CSV', null], ['导出 XLSX', 'PK']]) {
      const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name }).click()]);
      const bytes = await readFile(await download.path());
      assert.ok(bytes.length > 10, name);
      if (start) assert.equal(bytes.subarray(0, 2).toString(), start);
    }
    await page.keyboard.press('Escape');
    await page.waitForURL((url) => url.pathname.replace(/\/$/, '') === '/figures');
    await page.goBack();
    await page.waitForURL(/F047/);
  }));

test('an evidence figure shows its document, and the check beside it', () =>
  walk('/figures/F004?period=2022', async (page) => {
    const detail = page.locator('.detail');
    await detail.getByText('发布单位').waitFor();
    assert.match(await detail.innerText(), /证据[\s\S]*原文/);
  }));

test('periods change the list and stay in the address', () =>
  walk('/figures?period=2022', async (page) => {
    await page.locator('#period-year').selectOption('2021');
    await page.waitForURL(/period=2021/);
    await page.locator('.figures tbody tr').first().waitFor();
    await page.goBack();
    await page.waitForURL(/period=2022/);
    assert.equal(await page.locator('#period-year').inputValue(), '2022');
  }));

test('each number of the summary leads to its figure', () =>
  walk('/summary?period=2022', async (page) => {
    await page.locator('.para a').first().waitFor();
    assert.match(await page.locator('.sheet').innerText(), /模拟数据/);
    const link = page.locator('.para a[href*="F047"]');
    await link.first().click();
    await page.waitForURL(/\/figures\/F047.*period=2022/);
    await page.locator('.detail h2').waitFor();
  }));

test('norms show their dates and what is from memory', () =>
  walk('/norms', async (page) => {
    await page.locator('table tbody tr').first().waitFor();
    assert.match(await page.locator('table').innerText(), /3095/);
    await page.getByRole('button', { name: '只看未核对的' }).click();
    await page.waitForURL(/only=memory/);
  }));

test('an unknown figure says what happened and what to do', () =>
  walk('/figures/F999?period=2022', async (page) => {
    await page.locator('.detail .state.error').waitFor();
    assert.match(await page.locator('.detail .state.error').innerText(), /没有成功[\s\S]*怎么办/);
  }));

test('the language switches, stays over pages and leaves no Chinese labels', () =>
  walk('/figures?period=2022', async (page) => {
    await page.locator('.app-header .lang').click();
    await page.waitForURL(/lang=en/);
    await page.locator('h1', { hasText: 'Figures' }).waitFor();
    assert.equal(await page.evaluate(() => document.documentElement.lang), 'en');
    await page.locator('nav a', { hasText: 'Norms' }).click();
    await page.waitForURL(/\/norms.*lang=en/);
    await page.locator('h1', { hasText: 'Norms' }).waitFor();
    assert.doesNotMatch(await page.locator('h1, nav, thead').allInnerTexts().then((t) => t.join(' ')), /[\u4e00-\u9fff]/);
    await page.goBack();
    await page.locator('h1', { hasText: 'Figures' }).waitFor();
    await page.goBack();
    await page.locator('h1', { hasText: '指标' }).waitFor();
  }));
