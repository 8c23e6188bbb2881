// Zoning: a site is pasted or drawn, questions are answered, the verdict follows, and its address opens the same again.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { demoCity, emptyCity, launch, onMock, openPage } from '../browser.mjs';

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
    await seat.page.locator('.zone-legend li').first().waitFor();
    await run(seat.page);
    assert.deepEqual(seat.wrong, []);
  } finally {
    await seat.close();
  }
}
const query = (page) => new URL(page.url()).searchParams;
const verdict = (page) => page.locator('.band .verdict').getAttribute('data-verdict');
const becomes = (page, name) => page.waitForFunction((n) => document.querySelector('.band .verdict')?.getAttribute('data-verdict') === n, name);
const answer = (page, fact, word) => page.locator(`[data-fact=${fact}]`).getByRole('button', { name: word, exact: true }).click();
async function paste(page, lines, crs) {
  await page.getByRole('button', { name: '粘贴坐标' }).click();
  await page.locator('#site-text').fill(lines.join('\n'));
  if (crs) await page.locator('#site-crs').selectOption(crs);
  await page.getByRole('button', { name: '读取', exact: true }).click();
}
const PARK = ['118.116,24.597', '118.124,24.597', '118.124,24.603', '118.116,24.603'];

test('layers, legend and search keep pace with each other', () =>
  walk('/zoning', async (page) => {
    assert.match(await page.locator('.strip').innerText(), /模拟/);
    const before = await page.locator('.zone-legend li').count();
    await page.locator('.tree .find').fill('红线');
    await page.locator('.tree [data-layer]').first().check();
    await page.waitForFunction((n) => document.querySelectorAll('.zone-legend li').length === n + 1, before);
    assert.match(query(page).get('layers') ?? '', /^units,/);
    await page.locator('.tree .find').fill('');
    await page.keyboard.press('Escape');
    await page.locator('.search input').fill('ZH35');
    await page.locator('[role=option]').first().waitFor();
    await page.locator('.search input').press('Enter');
    await page.locator('.unit h2').waitFor();
    const unit = await page.locator('.unit').innerText();
    for (const word of ['空间布局约束', '平面面积', '准入条件', '剩余环境容量']) assert.ok(unit.includes(word), word);
    assert.match(query(page).get('unit') ?? '', /^ZH\d+/);
    // The map has flown to the unit once the address holds the new extent.
    await page.waitForFunction(() => new URL(location.href).searchParams.has('z'));
  }));

test('a click on the map says what lies there', () =>
  walk('/zoning?x=118.12&y=24.6&z=13', async (page) => {
    await page.waitForLoadState('networkidle');
    await page.locator('.canvas').click({ position: { x: 640, y: 420 } });
    await page.locator('.place .link').first().waitFor();
    assert.match(await page.locator('.place').innerText(), /管控单元[\s\S]*ZH35/);
    await page.getByRole('button', { name: '以此点研判' }).click();
    await page.locator('.band .verdict').waitFor();
    assert.match(query(page).get('site') ?? '', /^P\./);
  }));

test('coordinates without a system are asked about, never guessed', () =>
  walk('/zoning', async (page) => {
    await paste(page, PARK);
    await page.locator('.reader .ask [data-crs]').first().waitFor();
    assert.equal(query(page).get('site'), null);
    assert.match(await page.locator('.reader .ask').innerText(), /落在本市/);
    await page.locator('.reader .ask [data-crs="EPSG:4490"]').click();
    await page.locator('.band .verdict').waitFor();
    assert.match(query(page).get('site') ?? '', /^A\./);
    assert.match(await page.locator('.site').innerText(), /面积 [\d,]+/);
  }));

test('answers change the verdict, and its address opens the same again', { skip: !onMock && 'the numbers are the mock’s' }, () =>
  walk('/zoning', async (page) => {
    await paste(page, PARK, 'EPSG:4490');
    await becomes(page, 'NEEDS_INFORMATION');
    assert.match(await page.locator('.band').innerText(), /系统研判意见（辅助）[\s\S]*最好为“[\s\S]*最坏为“/);
    await page.locator('[data-fact=industry] input').fill('tlzz');
    await page.locator('[role=option]', { hasText: '涂料制造' }).click();
    await answer(page, 'kind', '新建');
    await page.locator('[data-fact=delta_voc_t] input').fill('2.5');
    await page.locator('[data-fact=delta_voc_t] input').press('Enter');
    await page.locator('[data-fact=offset_voc_t] input').waitFor();
    await page.locator('[data-fact=offset_voc_t] input').fill('3');
    await page.locator('[data-fact=offset_voc_t] input').press('Enter');
    await page.locator('[data-fact=two_high]').waitFor();
    await answer(page, 'two_high', '不知道');
    await page.getByText(/答了“不知道”（1）/).waitFor();
    assert.equal(await verdict(page), 'NEEDS_INFORMATION');
    await page.getByRole('button', { name: '结论与依据' }).click();
    // The question is a button that leads back to the form.
    await page.locator('[data-ask=two_high]').click();
    await page.locator('#fact-two_high').waitFor();
    await answer(page, 'two_high', '否');
    await becomes(page, 'RESTRICTED_UNMET');
    await page.getByRole('button', { name: '结论与依据' }).click();
    const clause = page.locator('.clause.deciding[data-rule=R10]');
    assert.match(await clause.innerText(), /未满足[\s\S]*依据[\s\S]*公开来源/);
    assert.match(await page.locator('.nearest').innerText(), /替代量再增加 2 吨\/年[\s\S]*附条件允许/);
    await clause.getByRole('button', { name: '为什么' }).click();
    await clause.locator('.node .node').first().waitFor();
    assert.match(await clause.locator('.trace').innerText(), /净增量[\s\S]*2\.5[\s\S]*申请人/);

    const address = page.url();
    const words = await page.locator('.band').innerText();
    const again = await openPage(browser, city.url);
    await again.page.goto(address);
    await becomes(again.page, 'RESTRICTED_UNMET');
    assert.equal(await again.page.locator('.band').innerText(), words);
    assert.deepEqual(again.wrong, []);
    await again.close();
  }));

test('a polygon is drawn, and the red line forbids', { skip: !onMock && 'the layers are the mock’s' }, () =>
  walk('/zoning?x=118.02&y=24.655&z=14&layers=units,redline&f.limited_human_activity=false', async (page) => {
    await page.waitForLoadState('networkidle');
    await page.locator('[data-draw=Polygon]').click();
    for (const [x, y] of [[690, 430], [750, 430], [750, 480]]) await page.locator('.canvas').click({ position: { x, y } });
    await page.locator('.canvas').dblclick({ position: { x: 690, y: 480 } });
    await becomes(page, 'PROHIBITED');
    await page.getByRole('button', { name: '结论与依据' }).click();
    assert.match(await page.locator('.clause.deciding').first().innerText(), /生态保护红线[\s\S]*条文未核实[\s\S]*凭记忆/);
    assert.match(await page.locator('.nearest').innerText(), /向东移动/);
  }));

test('editions and sites stand side by side', () =>
  walk('/zoning?tab=compare', async (page) => {
    await page.locator('.change').first().waitFor();
    assert.match(await page.locator('.compare').innerText(), /管控单元的变化[\s\S]*条款的变化/);
    if (onMock) assert.equal(await page.locator('.diff ins').first().innerText(), '倍');
    // A link must mean the same two editions when a newer one comes.
    assert.ok(query(page).get('from') && query(page).get('to'));
    await page.getByRole('button', { name: '两个场址' }).click();
    await page.waitForURL(/[?&]cmp=sites/);
  }));

test('an outfall is typed, stands in the address and is screened with', () =>
  walk('/zoning?site=A.gqnphHwgp9uBg0PAAg3L_zPA', async (page) => {
    await page.locator('.band .verdict').waitFor();
    await page.locator('.outfall summary').click();
    await page.locator('[name=outfall]').fill('118.128 度');
    await page.locator('.outfall').getByRole('button', { name: '确定' }).click();
    await page.getByRole('alert').filter({ hasText: '例如 118.1234' }).waitFor();
    await page.locator('[name=outfall]').fill('118.128，24.594');
    const asked = page.waitForRequest((r) => r.url().endsWith('/zoning/screen') && /outfall/.test(r.postData() ?? ''));
    await page.locator('.outfall').getByRole('button', { name: '确定' }).click();
    assert.deepEqual(JSON.parse((await asked).postData()).outfall, { type: 'Point', coordinates: [118.128, 24.594] });
    assert.match(query(page).get('out') ?? '', /^P\./);
    await page.getByRole('button', { name: '去掉排污口' }).click();
    await page.waitForURL((url) => !url.searchParams.has('out'));
  }));

test('a line is asked for its width, which is screened with and stands in the address', () =>
  walk('/zoning', async (page) => {
    await paste(page, ['LINESTRING(118.116 24.597,118.124 24.597)'], 'EPSG:4490');
    await page.locator('.band .verdict').waitFor();
    assert.match(await page.locator('.site').innerText(), /长度 8\d\d/);
    await page.getByLabel('廊道宽度（米）').fill('三十');
    await page.locator('.corridor').getByRole('button', { name: '确定' }).click();
    await page.getByRole('alert').filter({ hasText: '不超过 2000' }).waitFor();
    await page.getByLabel('廊道宽度（米）').fill('30');
    const asked = page.waitForRequest((r) => r.url().endsWith('/zoning/screen') && /corridor_m/.test(r.postData() ?? ''));
    await page.locator('.corridor').getByRole('button', { name: '确定' }).click();
    assert.equal(JSON.parse((await asked).postData()).corridor_m, 30);
    await page.locator('.site', { hasText: /面积 24,\d{3}/ }).waitFor();
    assert.equal(query(page).get('cw'), '30');
    await page.reload();
    await page.locator('.band .verdict').waitFor();
    assert.equal(await page.locator('[name=corridor]').inputValue(), '30');
    await page.getByRole('button', { name: '去掉宽度' }).click();
    await page.waitForURL((url) => !url.searchParams.has('cw'));
  }));

test('a file is uploaded, and one of its shapes becomes the site', () =>
  walk('/zoning', async (page) => {
    await page.getByRole('button', { name: '上传文件' }).click();
    await page.locator('#site-file').setInputFiles(fileURLToPath(new URL('../../../testdata/zoning/formats/parcels.geojson', import.meta.url)));
    await page.locator('.shapes li').nth(2).waitFor();
    assert.match(await page.locator('.reader').innerText(), /EPSG:4548|中央经线 117°/);
    assert.match(await page.locator('.shapes li').first().innerText(), /集美后溪工业集中区|ZH35021120001/);
    await page.locator('.shapes li').first().getByRole('button', { name: '用作场址' }).click();
    await page.locator('.band .verdict').waitFor();
    assert.match(query(page).get('site') ?? '', /^A\./);
    // 9,293 m² on its own plane, a little less on the mock’s.
    assert.match(await page.locator('.site').innerText(), /面积 9,2[89]\d/);
  }));

test('Ctrl+P prints the sheet of the button, and never a blank page', () =>
  walk('/zoning?site=A.gqnphHwgp9uBg0PAAg3L_zPA', async (page) => {
    await page.locator('.band .verdict').waitFor();
    assert.equal(await page.locator('.sheet').count(), 0);
    const paper = await page.pdf({ printBackground: true });
    assert.ok(paper.length > 40_000, `${paper.length} bytes of paper`);
    // As it is at the moment of printing.
    await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
    await page.emulateMedia({ media: 'print' });
    assert.match(await page.locator('.sheet').innerText(), /选址研判单[\s\S]*系统研判意见（辅助）/);
    assert.ok(await page.locator('.sheet canvas').evaluate((c) => c.width > 300));
    await page.emulateMedia({ media: null });
    await page.evaluate(() => dispatchEvent(new Event('afterprint')));
    await page.locator('.sheet').waitFor({ state: 'detached' });
    await page.goto(`${city.url}/zoning`);
    await page.locator('.zone-legend li').first().waitFor();
    assert.ok((await page.pdf({ printBackground: true })).length > 20_000);
  }));

test('where a layer was surveyed is shown as a hatch', { skip: !onMock && 'the cover is the mock’s' }, () =>
  walk('/zoning?layers=units,redline', async (page) => {
    await page.locator('.tree .find').fill('生态保护红线');
    await page.locator('[data-layer="coverage:redline"]').check();
    await page.locator('.zone-legend', { hasText: '生态保护红线：调查范围' }).waitFor();
    assert.equal(query(page).get('layers'), 'units,redline,coverage:redline');
    await page.locator('[data-layer=redline]').uncheck();
    await page.waitForFunction(() => new URL(location.href).searchParams.get('layers') === 'units');
  }));

test('a phone shows the same verdict in a sheet', { skip: !onMock && 'the site is the mock’s' }, () =>
  walk('/zoning?site=A.gqnphHwgp9uBg0PAAg3L_zPA&f.industry=C2641&f.kind=new&f.delta_voc_t=2.5', async (page) => {
    await becomes(page, 'NEEDS_INFORMATION');
    const sheet = await page.locator('.right').boundingBox();
    assert.ok(sheet && sheet.width > 380 && sheet.y > 300, JSON.stringify(sheet));
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 390);
    await page.getByRole('button', { name: '收起面板' }).click();
    await page.waitForFunction(() => (document.querySelector('.right')?.getBoundingClientRect().height ?? 999) < 80);
  }, 'phone'));

test('without an edition the page says what to do', { skip: !onMock && 'needs an empty city' }, async () => {
  const empty = await emptyCity();
  const { page, wrong, close } = await openPage(browser, empty.url);
  await page.goto(`${empty.url}/zoning`);
  await page.getByText('还没有发布的管控版次').waitFor();
  assert.deepEqual(wrong, []);
  await close();
  empty.stop();
});
