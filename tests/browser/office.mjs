// People of the office for journeys: the one-time code makes an account, and the account signs in with its password.
import { onMock } from './browser.mjs';

/** The one-time code of the city at BASE_URL; it works once, so one file of journeys alone may use it. */
export const cityCode = onMock ? '123456' : process.env.CITY_CODE;
export const needsCode = cityCode ? false : 'CITY_CODE is not set';

const FIRST = '初次登录用的密码 2026';
export const newPerson = (display_name, roles = ['officer', 'editor', 'administrator']) => ({ login: `j${Date.now().toString(36)}`, display_name, roles, password: '白鹭洲公园里有七只鸭子 7', first: FIRST });

/** Asks the API as the page does, with its cookie and from its origin. */
export const call = (page, method, path, body, headers = {}) =>
  page.evaluate(
    async ([m, p, b, h]) => {
      const answer = await fetch(`/api/v1${p}`, { method: m, headers: { 'content-type': 'application/json', ...h }, ...(b ? { body: JSON.stringify(b) } : {}) });
      const text = await answer.text();
      return { status: answer.status, body: text ? JSON.parse(text) : null };
    },
    [method, path, body ?? null, headers],
  );

/** Through the dialog, which must be open. */
export async function enterCode(page, code) {
  await page.locator('[data-way=code]').click();
  await page.locator('#sign-in-code').fill(code);
  await page.getByRole('dialog').getByRole('button', { name: '登录', exact: true }).click();
}
export async function enterPassword(page, login, password) {
  await page.locator('#sign-in-login').fill(login);
  await page.locator('#sign-in-password').fill(password);
  await page.getByRole('dialog').getByRole('button', { name: '登录', exact: true }).click();
}
export const openSignIn = (page) => page.locator('.app-header').getByRole('button', { name: '登录', exact: true }).click();
export async function signOut(page) {
  await page.locator('.user .plain').click();
  await page.locator('#user-menu').getByRole('button', { name: '退出' }).click();
  await page.locator('.app-header').getByRole('button', { name: '登录', exact: true }).waitFor();
}
/** Adds an account as the operator who is signed in. */
export const addAccount = (page, person) => call(page, 'POST', '/accounts', { login: person.login, display_name: person.display_name, district: null, roles: person.roles, password: person.first });

/** On the mock: signs in with an account that may everything, keeps a case with a judgement, evaluates a unit, and objects; the case's id comes back. */
export async function becomeOfficer(page) {
  const person = newPerson('林青');
  await call(page, 'POST', '/session', { code: '123456' });
  await addAccount(page, person);
  await call(page, 'POST', '/session', { login: person.login, password: person.first });
  await call(page, 'POST', '/session/password', { old: person.first, new: person.password });
  const ring = [[118.116, 24.597], [118.124, 24.597], [118.124, 24.603], [118.116, 24.603], [118.116, 24.597]];
  const made = await call(page, 'POST', '/zoning/cases', { title: '示例', crs: 'EPSG:4490', geometry: { type: 'Polygon', coordinates: [ring] }, facts: { industry: 'C2641', two_high: true } }, { 'idempotency-key': person.login + person.login });
  await call(page, 'POST', `/zoning/cases/${made.body.id}/judgements`, { key: null, value: 'ALLOWED', reason: '示例', authority: '示例' });
  await call(page, 'POST', '/zoning/follow-ups', { unit: 'ZH35020320001', year: 2026, indicators: { '评价': '管控要求已落实。', 'PM2.5 年均浓度（μg/m³）': 21.5 } });
  await call(page, 'POST', '/zoning/objections', { edition: 'demo-2026', layer: 'redline', feature: '', text: '此处界线有误，请核对。' });
  return made.body.id;
}
