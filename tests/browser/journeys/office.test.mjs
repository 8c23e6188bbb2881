// What the office keeps: an account comes in, a screening is saved, found, replayed and judged; a visitor objects to data.
// Against a real server CITY_CODE names its one-time code, which is used once.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { demoCity, launch, onMock, openPage } from '../browser.mjs';
import { addAccount, call, cityCode, enterCode, enterPassword, needsCode, newPerson, openSignIn, signOut } from '../office.mjs';

const SITE = 'A.gqnphHwgp9uBg0PAAg3L_zPA';
const person = newPerson('林青');
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
    await seat.page.locator('.app-header').waitFor();
    await run(seat.page);
    assert.deepEqual(seat.wrong, []);
  } finally {
    await seat.close();
  }
}
const query = (page) => new URL(page.url()).searchParams;
async function asOfficer(page) {
  await openSignIn(page);
  await enterPassword(page, person.login, person.password);
  await page.locator('.user', { hasText: person.display_name }).waitFor();
}

test('the one-time code adds an account, and the account signs in with its password', { skip: needsCode }, () =>
  walk('/help', async (page) => {
    await openSignIn(page);
    await enterPassword(page, person.login, 'not the password at all');
    await page.getByRole('alert').filter({ hasText: '用户名或密码不对' }).waitFor();
    await enterCode(page, cityCode);
    await page.locator('.user', { hasText: '操作员' }).waitFor();
    assert.equal((await addAccount(page, person)).status, 201);
    await page.locator('.user .plain').click();
    await page.getByRole('link', { name: '账户管理' }).click();
    await page.locator(`[data-login=${person.login}]`).waitFor();
    await signOut(page);

    await openSignIn(page);
    await enterPassword(page, person.login, person.first);
    // Whoever was given a password must take another one before anything else.
    await page.locator('#password-old').fill(person.first);
    await page.locator('#password-new').fill('1234');
    await page.locator('#password-again').fill('1234');
    await page.getByRole('dialog').getByRole('button', { name: '修改密码' }).click();
    await page.getByRole('alert').filter({ hasText: '至少 12 个字符' }).waitFor();
    await page.locator('#password-new').fill(person.password);
    await page.locator('#password-again').fill(person.password);
    await page.getByRole('dialog').getByRole('button', { name: '修改密码' }).click();
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    await page.locator('.user', { hasText: person.display_name }).waitFor();
    await signOut(page);
    await asOfficer(page);
  }));

test('too many wrong passwords are answered with a wait', { skip: !onMock && 'would lock the address out of a real city' }, async () => {
  // A city of its own: the wait is for the address, and the other journeys come from the same.
  const seat = await openPage(browser, city.url);
  const { page } = seat;
  await page.route('**/api/v1/session', (route) => route.fulfill({ status: 429, contentType: 'application/problem+json', headers: { 'retry-after': '840' }, body: '{"title":"尝试次数过多","status":429}' }));
  await page.goto(`${city.url}/help`);
  await openSignIn(page);
  await enterPassword(page, 'lin', 'x');
  await page.getByRole('alert').filter({ hasText: '请在 14 分钟后再试' }).waitFor();
  await seat.close();
});

test('saved, listed, opened, replayed, judged and reported', { skip: needsCode }, () =>
  walk(`/zoning?site=${SITE}&f.industry=C2641&f.kind=new`, async (page) => {
    await page.locator('.band .verdict').waitFor();
    const address = page.url();
    const title = `示例项目 ${person.login}`;
    assert.match(await page.locator('.save').innerText(), /登录后可保存/);
    await page.locator('.save').getByRole('button', { name: '登录' }).click();
    await enterPassword(page, person.login, person.password);
    await page.locator('#case-title').fill(title);
    assert.equal(page.url(), address);
    const verdict = await page.locator('.band .verdict').getAttribute('data-verdict');
    const sent = page.waitForRequest((r) => r.method() === 'POST' && r.url().endsWith('/zoning/cases'));
    await page.getByRole('button', { name: '存为案件' }).click();
    assert.match((await sent).headers()['idempotency-key'] ?? '', /^[0-9a-f]{8}-[0-9a-f]{4}-4/);
    const saved = await page.locator('.made').innerText();
    const number = /已存为案件 (\S+)。/.exec(saved)?.[1];
    assert.ok(number, saved);
    await page.getByRole('link', { name: '打开案件' }).click();
    await page.locator(`[data-case="${number}"]`).waitFor();

    await page.getByRole('link', { name: '案件列表' }).click();
    await page.locator('[name=q]').fill(title);
    await page.waitForURL(/[?&]q=/);
    await page.locator(`tr[data-case="${number}"]`).waitFor();
    await page.waitForFunction(() => document.querySelectorAll('tr[data-case]').length === 1);
    await page.locator('[name=verdict]').selectOption(verdict === 'ALLOWED' ? 'PROHIBITED' : 'ALLOWED');
    await page.getByText('没有符合条件的案件').waitFor();
    await page.locator('.filters').getByRole('button', { name: '清除条件' }).click();
    await page.locator(`tr[data-case="${number}"] a`).first().click();

    const band = page.locator('.case-band');
    await band.waitFor();
    assert.match(await band.innerText(), new RegExp(`已保存的研判[\\s\\S]*${title}[\\s\\S]*${number}`));
    assert.equal(await page.locator('.band .verdict').getAttribute('data-verdict'), verdict);
    await page.getByRole('button', { name: '重放', exact: true }).click();
    await page.locator('.replay .result[data-same=true]').waitFor({ timeout: 30_000 });
    assert.match(await page.locator('.replay').innerText(), /按今天的版次[\s\S]*结论/);

    await page.getByRole('button', { name: '签署认定' }).click();
    await page.getByRole('button', { name: '下一步：核对' }).click();
    await page.getByRole('alert').filter({ hasText: '请填写认定结果' }).waitFor();
    await page.locator('[name=value]').selectOption('ALLOWED_WITH_CONDITIONS');
    await page.locator('[name=judgement-reason]').fill('现场核查无异议。');
    await page.locator('[name=authority]').fill('环评科');
    await page.getByRole('button', { name: '下一步：核对' }).click();
    assert.match(await page.locator('.review').innerText(), new RegExp(`以“${person.display_name}”的名义签署。签署后不能修改`));
    await page.getByRole('button', { name: '确认签署' }).click();
    const judgement = page.locator('[data-judgement]').first();
    assert.match(await judgement.innerText(), new RegExp(`附条件允许[\\s\\S]*现场核查无异议[\\s\\S]*${person.display_name} 签署于`));
    await judgement.getByRole('button', { name: '撤销' }).click();
    await page.locator('.deed [name=reason]').fill('引用有误');
    await page.locator('.deed').getByRole('button', { name: '撤销' }).click();
    await page.locator('[data-judgement].revoked').waitFor();
    // The answer of the program stays what it was.
    assert.equal(await page.locator('.band .verdict').getAttribute('data-verdict'), verdict);

    const units = page.locator('.follow-ups');
    await units.getByRole('button', { name: '登记跟踪评价' }).click();
    await units.getByRole('button', { name: '保存评价' }).click();
    await page.getByRole('alert').filter({ hasText: '请写明评价内容' }).waitFor();
    await page.locator('[name=follow-text]').fill(`管控要求已落实 ${person.login}`);
    await units.getByRole('button', { name: '保存评价' }).click();
    const evaluation = units.locator('[data-follow-up]', { hasText: person.login });
    assert.match(await evaluation.innerText(), new RegExp(`\\d{4} 年[\\s\\S]*管控要求已落实[\\s\\S]*登记于`));
    // The same unit and year again corrects what stands.
    await units.getByRole('button', { name: '登记跟踪评价' }).click();
    assert.match(await page.locator('[name=follow-text]').inputValue(), /管控要求已落实/);
    await page.locator('[name=follow-text]').fill(`尚有一处未落实 ${person.login}`);
    await units.getByRole('button', { name: '保存评价' }).click();
    await units.locator('[data-follow-up]', { hasText: '尚有一处未落实' }).getByText(/第 \d+ 次登记/).waitFor();
    assert.match(await units.locator('[data-follow-up]', { hasText: '尚有一处未落实' }).innerText(), new RegExp(`${person.display_name} 登记于`));
    // The list of the whole city, and a number.
    const kept = page.url();
    await page.goto(`${city.url}/zoning/follow-ups`);
    const listed = page.locator('[data-follow-up]', { hasText: `尚有一处未落实 ${person.login}` });
    const unit = /ZH\d{11}/.exec(await listed.innerText())[0];
    await page.locator('[name=unit]').fill(unit);
    await page.waitForURL((url) => url.searchParams.get('unit') === unit);
    await page.getByRole('button', { name: '登记跟踪评价' }).click();
    await page.locator('[name=follow-unit]').fill(unit);
    await page.waitForFunction(() => /尚有一处未落实/.test(document.querySelector('[name=follow-text]').value));
    await page.getByRole('button', { name: '添加指标' }).click();
    await page.locator('[name=follow-name-0]').fill('PM2.5（μg/m³）');
    await page.locator('[name=follow-value-0]').fill('约 21');
    await page.getByRole('button', { name: '保存评价' }).click();
    await page.getByRole('alert').filter({ hasText: '应为十进制数' }).waitFor();
    await page.locator('[name=follow-value-0]').fill('21.5');
    await page.getByRole('button', { name: '保存评价' }).click();
    await listed.getByText('PM2.5（μg/m³）：21.5').waitFor();
    await page.goto(kept);

    for (const format of ['docx', 'html', 'json']) {
      const href = await page.locator(`.case-band [data-paper=${format}]`).getAttribute('href');
      assert.match(href ?? '', new RegExp(`report\\?format=${format}`));
      assert.equal(await page.evaluate(async (url) => (await fetch(url)).status, href), 200, format);
    }
    await page.getByRole('button', { name: '以此为底重新研判' }).click();
    await page.waitForURL((url) => !url.searchParams.has('case') && url.searchParams.get('f.industry') === 'C2641');
    await page.locator('.band .verdict').waitFor();
  }));

test('a case of the older edition says what is different today', { skip: !onMock && 'the editions are the mock’s' }, () =>
  walk('/help', async (page) => {
    await asOfficer(page);
    const ring = [[118.116, 24.597], [118.124, 24.597], [118.124, 24.603], [118.116, 24.603], [118.116, 24.597]];
    const made = await call(page, 'POST', '/zoning/cases', { title: '旧版案件', edition: 'demo-2023', crs: 'EPSG:4490', geometry: { type: 'Polygon', coordinates: [ring] }, facts: { industry: 'C2641', kind: 'new', delta_voc_t: 2.5, offset_voc_t: 3, two_high: false, boilers: [] } }, { 'idempotency-key': 'journey-old-edition' });
    await page.goto(`${city.url}/zoning?case=${made.body.id}`);
    await page.getByRole('button', { name: '重放', exact: true }).click();
    await page.locator('[data-what=verdict]').waitFor();
    assert.match(await page.locator('.replay').innerText(), /2023年版[\s\S]*2026年版[\s\S]*附条件允许[\s\S]*限制，条件未满足/);
    assert.match(await page.locator('.case-band').innerText(), /已失效/);
    assert.equal(query(page).get('case'), made.body.id);
  }));

test('a case in projected metres is drawn, and a line keeps its width', () =>
  walk('/help', async (page) => {
    await asOfficer(page);
    const made = await call(page, 'POST', '/zoning/cases', { title: '管线', crs: 'EPSG:4548', geometry: { type: 'LineString', coordinates: [[613_050, 2_721_400], [613_850, 2_721_400]] }, corridor_m: 30, facts: { kind: 'new' } }, { 'idempotency-key': 'journey-projected' });
    await page.goto(`${city.url}/zoning?case=${made.body.id}`);
    await page.locator('.case-band').getByRole('button', { name: '以此为底重新研判' }).waitFor();
    assert.doesNotMatch(await page.locator('.case-band').innerText(), /图上不画出/);
    await page.locator('[data-part=ask]').click();
    await page.locator('.asked', { hasText: '廊道宽度 30 米' }).waitFor();
    await page.getByRole('button', { name: '以此为底重新研判' }).click();
    await page.waitForURL((url) => url.searchParams.get('cw') === '30' && (url.searchParams.get('site') ?? '').startsWith('L.'));
    assert.equal(await page.locator('[name=corridor]').inputValue(), '30');
  }));

test('a visitor objects to data, and an officer answers', () =>
  walk('/zoning?tab=place&pt=118.12,24.6', async (page) => {
    await page.locator('.place .link').first().click();
    await page.locator('.unit [data-object=units]').click();
    await page.getByRole('button', { name: '提交异议' }).click();
    await page.getByRole('alert').filter({ hasText: '至少 10 个字' }).waitFor();
    const text = `此单元的界线与公布文件不一致，请核对 ${person.login}`;
    await page.locator('[name=objection]').fill(text);
    assert.match(await page.locator('.objection [name=feature]').inputValue(), /^ZH/);
    await page.getByRole('button', { name: '提交异议' }).click();
    await page.getByText('异议已提交').waitFor();
    await page.getByRole('button', { name: '关闭', exact: true }).click();
    if (needsCode) return;
    await asOfficer(page);
    await page.goto(`${city.url}/zoning/objections?state=filed`);
    const item = page.locator('[data-objection]', { hasText: text });
    await item.getByRole('button', { name: '答复' }).click();
    await page.locator('.deed [value=rejected]').check();
    await page.locator('.deed').getByRole('button', { name: '答复' }).click();
    await page.getByRole('alert').filter({ hasText: '请写明理由' }).waitFor();
    await page.locator('.deed [name=reason]').fill('经核对与公布文件一致。');
    await page.locator('.deed').getByRole('button', { name: '答复' }).click();
    await item.waitFor({ state: 'detached' });
    await page.locator('[name=state]').selectOption('rejected');
    assert.match(await page.locator('[data-objection]', { hasText: text }).innerText(), /已驳回[\s\S]*经核对与公布文件一致/);
  }));

test('an edition is published by four eyes, and its history is told', { skip: !onMock && 'would change the editions of a real city' }, () =>
  walk('/zoning', async (page) => {
    await asOfficer(page);
    await page.getByRole('button', { name: '版次管理' }).click();
    await page.locator('.steps li').first().waitFor();
    await page.locator('[data-edition=demo-2027]').click();
    await page.locator('[data-deed=publish]').click();
    await page.locator('.deed').getByRole('button', { name: '发布' }).click();
    await page.locator('.deed .state', { hasText: '提交检查的人不能发布同一版次' }).waitFor();
    await page.locator('.deed').getByRole('button', { name: '取消' }).click();
    await page.locator('[data-edition=demo-2023]').click();
    await page.locator('[data-deed=withdraw]').click();
    await page.locator('.deed').getByRole('button', { name: '撤回' }).click();
    await page.getByRole('alert').filter({ hasText: '请写明理由' }).waitFor();
  }));

test('a right that is missing is said, and a sign-in helps', () =>
  walk('/zoning/cases', async (page) => {
    await page.locator('.state.stranger').waitFor();
    assert.match(await page.locator('.state.stranger').innerText(), /登录后可查看案件列表/);
    if (needsCode) return;
    await page.locator('.state.stranger').getByRole('button', { name: '登录' }).click();
    await enterPassword(page, person.login, person.password);
    await page.locator('tr[data-case], .state.empty').first().waitFor();
  }, 'phone'));
