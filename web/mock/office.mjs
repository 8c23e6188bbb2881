// What the office keeps, in memory: accounts and sessions, cases with their replay, judgements and papers, objections, the
// life of editions. It follows the API's words closely and its rules roughly.
import { randomUUID } from 'node:crypto';

const ROLE_RIGHTS = { officer: ['cases', 'judge', 'objections'], editor: ['cases', 'editions'], administrator: ['accounts', 'import'] };
const OPERATOR_RIGHTS = ['import', 'accounts'];
const TRIES_MAX = 5;
const PAUSE_S = 900;
const COMMON = ['password1234', 'qwertyuiop123', '123456789012'];

const accounts = [];
const sessions = new Map();
const tries = [];
const cases = [];
const keys = new Map();
const objections = [];
const followUps = [];
const steps = new Map();
const now = () => new Date().toISOString();

/** Signs in the visitor of a request: `who` holds what `/meta` says about them. */
export function visitOf(headers) {
  const id = /(?:^|;\s*)yundang_session=([\w-]+)/.exec(headers.cookie ?? '')?.[1];
  const session = sessions.get(id);
  const account = session?.account ? accounts.find((a) => a.id === session.account && !a.disabled) : null;
  const role = account ? 'account' : session && !session.account ? 'operator' : 'public';
  const may = role === 'operator' ? OPERATOR_RIGHTS : [...new Set((account?.roles ?? []).flatMap((r) => ROLE_RIGHTS[r]))];
  return { id, account, role, may, key: headers['idempotency-key'], status: 200, headers: {} };
}
export const userOf = ({ role, account, may }) => ({ role, who: account ? { login: account.login, display_name: account.display_name, roles: account.roles } : null, may });

function rulesBroken(password, login, name) {
  const finding = (code, zh, en) => ({ code, severity: 'error', file: null, line: null, field: 'new', value: null, message_zh: zh, message_en: en, action_zh: '', action_en: '' });
  const lower = password.toLowerCase();
  return [
    password.length < 12 && finding('short', '至少 12 个字符', 'needs at least 12 characters'),
    COMMON.includes(lower) && finding('common', '属于常见密码或已泄露密码', 'is among those that everybody tries first'),
    new Set(lower).size < 5 && finding('repetitive', '至少 5 种不同字符', 'needs at least 5 different characters'),
    [login, name].some((w) => w && lower.includes(w.toLowerCase())) && finding('name', '不能包含用户名或姓名', 'may not contain the login or the name'),
  ].filter(Boolean);
}

/** Doors below /session and /accounts; undefined when the path is another's. */
export function accountDoors(method, path, body, visit, Problem) {
  const read = () => JSON.parse(body.toString() || '{}');
  const refuse = (status, type, zh, en, detail, detailEn, findings) => {
    const problem = new Problem(status, zh, en, detail ?? zh, detailEn ?? en, findings);
    problem.body.type = `/problems/${type}`;
    return problem;
  };
  const checked = (password, login, name) => {
    const broken = rulesBroken(password ?? '', login, name);
    if (broken.length) throw refuse(422, 'password-rules', '密码不合规则', 'The password breaks rules', broken.map((b) => b.message_zh).join('；'), broken.map((b) => b.message_en).join('; '), broken);
    return password;
  };
  if (path === '/session' && method === 'POST') {
    const given = read();
    const recent = tries.filter((t) => Date.now() - t < PAUSE_S * 1000);
    if (recent.length >= TRIES_MAX) {
      visit.headers['retry-after'] = String(Math.ceil(PAUSE_S - (Date.now() - recent[0]) / 1000));
      throw refuse(429, 'too-many', '尝试次数过多', 'Too many tries');
    }
    const account = given.login === undefined ? null : accounts.find((a) => a.login === given.login && a.password === given.password && !a.disabled);
    if (given.login === undefined ? given.code !== '123456' : !account) {
      tries.push(Date.now());
      throw refuse(401, 'wrong', '一次性口令或密码不对', 'Wrong code or password');
    }
    tries.length = 0;
    const id = randomUUID();
    sessions.set(id, { account: account?.id ?? null });
    visit.headers['set-cookie'] = `yundang_session=${id}; Path=/; HttpOnly; SameSite=Strict`;
    return account?.must_change ? { must_change: true } : null;
  }
  if (path === '/session' && method === 'DELETE') {
    sessions.delete(visit.id);
    return null;
  }
  if (path === '/session/password') {
    const given = read();
    if (!visit.account) throw refuse(401, 'sign-in', '需要登录', 'Sign in first');
    if (given.old !== visit.account.password) throw refuse(401, 'wrong', '原密码不对', 'The present password is wrong');
    Object.assign(visit.account, { password: checked(given.new, visit.account.login, visit.account.display_name), must_change: false });
    return null;
  }
  if (visit.account?.must_change && path !== '/meta') throw refuse(403, 'password-change-needed', '须先修改密码', 'The password must be changed first');
  if (!path.startsWith('/accounts')) return undefined;
  need(visit, 'accounts', Problem);
  const shown = ({ password: _kept, ...rest }) => rest;
  if (path === '/accounts' && method === 'GET') return { items: accounts.map(shown) };
  if (path === '/accounts') {
    const { login, display_name, district, roles, password } = read();
    if (accounts.some((a) => a.login === login)) throw refuse(422, 'login-taken', '用户名已被使用', 'The login is taken', `用户名“${login}”已有账户。`, `There is an account “${login}”.`);
    const made = { id: randomUUID(), login, display_name, district, roles, password: checked(password, login, display_name), disabled: false, must_change: true, created_at: now() };
    accounts.push(made);
    visit.status = 201;
    return { id: made.id };
  }
  const [, id, what] = /^\/accounts\/([^/]+)\/(roles|disabled|password)$/.exec(path) ?? [];
  const account = accounts.find((a) => a.id === id);
  if (!account) throw refuse(404, 'not-found', '没有找到', 'Not found');
  const given = read();
  if (what === 'password') Object.assign(account, { password: checked(given.password, account.login, account.display_name), must_change: true });
  else account[what] = given[what];
  return null;
}

export function need(visit, right, Problem) {
  if (visit.may.includes(right)) return;
  if (visit.role === 'public') throw new Problem(401, '需要登录', 'Sign-in needed', '这项操作需要登录。', 'This needs a sign-in.');
  throw new Problem(403, '没有权限', 'Not allowed', '您的账户没有这项权限。', 'Your account does not have this right.');
}

const hashOf = (text) => {
  let h = 2_166_136_261;
  for (const c of text) h = Math.imul(h ^ c.codePointAt(0), 16_777_619) >>> 0;
  return `sha256:${Array.from({ length: 8 }, (_, i) => (Math.imul(h, i * 7919 + 1) >>> 0).toString(16).padStart(8, '0')).join('')}`;
};
const days = (n) => new Date(Date.now() + n * 86_400_000).toISOString().slice(0, 10);

/** Doors of cases, judgements, objections and the life of editions; undefined when the path is another's. */
export function recordDoors(method, path, q, body, visit, { answer, editions, nameOf, Problem }) {
  const read = () => JSON.parse(body.toString() || '{}');
  const missing = () => new Problem(404, '没有找到', 'Not found', '没有这项记录。', 'There is no such record.');
  const by = visit.account?.display_name;
  const who = { by: visit.account?.login ?? 'operator', by_name: by ?? null };
  const current = editions[0]?.id;
  const row = (c) => ({ id: c.id, number: c.number, title: c.title, edition: c.edition, as_of: c.as_of, verdict: c.answer.verdict, verdict_zh: c.answer.verdict_zh, verdict_en: c.answer.verdict_en, units: c.answer.units.map((u) => u.code), valid_until: c.valid_until, valid: c.edition === current, at: c.at, by: c.by, by_name: c.by_name });
  let m;
  if (path === '/zoning/cases' && method === 'POST') {
    need(visit, 'cases', Problem);
    const key = visit.key ?? '';
    if (!/^[\x21-\x7e]{8,128}$/.test(key)) throw new Problem(422, '缺少幂等键', 'No idempotency key', '请求须带 Idempotency-Key，8 至 128 个可见字符。', 'Send Idempotency-Key of 8 to 128 visible characters.');
    const text = body.toString();
    const held = keys.get(key);
    if (held && held.text !== text) throw new Problem(422, '幂等键已用于别的内容', 'The key was used for something else', '请换一个键。', 'Take another key.');
    visit.status = 201;
    if (held) return held.made;
    const request = read();
    const given = answer(request);
    const c = { id: randomUUID(), number: `XZ-2026-${String(cases.length + 1).padStart(4, '0')}`, title: request.title, edition: given.edition.id, as_of: given.as_of, valid_until: days(180), at: now(), ...who, request, answer: given, judgements: [] };
    cases.unshift(c);
    const made = { id: c.id, number: c.number, answer: given };
    keys.set(key, { text, made });
    return made;
  }
  if (path === '/zoning/cases') {
    need(visit, 'cases', Problem);
    const fits = (c) => (!q.get('verdict') || c.answer.verdict === q.get('verdict')) && (!q.get('unit') || c.answer.units.some((u) => u.code.includes(q.get('unit')))) && (!q.get('edition') || c.edition === q.get('edition')) && (!q.get('q') || `${c.number} ${c.title}`.includes(q.get('q'))) && (q.get('mine') !== 'true' || c.by === who.by);
    const all = cases.filter(fits);
    const [from, limit] = [Number(q.get('cursor') ?? 0), Number(q.get('limit') ?? 50)];
    return { items: all.slice(from, from + limit).map(row), next: from + limit < all.length ? String(from + limit) : null };
  }
  if ((m = /^\/zoning\/cases\/([^/]+)(?:\/(\w+))?$/.exec(path))) {
    need(visit, 'cases', Problem);
    const c = cases.find((x) => x.id === m[1]) ?? (() => { throw missing(); })();
    const hash = hashOf(JSON.stringify(c.answer));
    if (!m[2]) return { ...row(c), engine: c.answer.engine, edition_hash: c.answer.edition.hash, answer_hash: hash, request: c.request, answer: c.answer, judgements: c.judgements };
    if (m[2] === 'answer') return c.answer;
    if (m[2] === 'judgements') {
      need(visit, 'judge', Problem);
      const made = { id: randomUUID(), official: by, at: now(), by, revoked_at: null, ...read() };
      c.judgements.unshift(made);
      visit.status = 201;
      return { id: made.id };
    }
    if (m[2] === 'report') {
      const format = q.get('format');
      const text = `${c.number} ${c.title} ${c.answer.verdict_zh}`;
      if (format === 'html') return { inline: 'text/html; charset=utf-8', body: `<!doctype html><meta charset="utf-8"><title>${c.number}</title><h1>${text}</h1>` };
      if (format === 'json') return { download: 'application/json', name: `${c.number}.json`, body: JSON.stringify({ number: c.number, answer: c.answer }) };
      // An empty archive stands for the document, which only the real server writes.
      return { download: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document', name: `${c.number}.docx`, body: Buffer.concat([Buffer.from('PK\u0005\u0006'), Buffer.alloc(18)]) };
    }
    if (m[2] === 'replay') {
      const again = answer({ ...c.request, edition: c.edition, as_of: c.as_of });
      const today = answer({ ...c.request, edition: undefined, as_of: undefined });
      const changes = [];
      if (today.verdict !== c.answer.verdict) changes.push({ what: 'verdict', id: 'verdict', title: null, from: c.answer.verdict, to: today.verdict });
      if (today.edition.id !== c.edition) changes.push({ what: 'edition', id: today.edition.id, title: null, from: c.answer.edition.title_zh, to: today.edition.title_zh });
      const before = new Map(c.answer.rules.map((r) => [r.id, r]));
      for (const r of today.rules) if (before.get(r.id)?.outcome !== r.outcome) changes.push({ what: 'rule', id: r.id, title: r.title, from: before.get(r.id)?.outcome ?? null, to: r.outcome });
      return { same: hashOf(JSON.stringify(again)) === hash, answer_hash: hash, again_hash: hashOf(JSON.stringify(again)), engine: c.answer.engine, engine_now: again.engine, edition: c.edition, today: { edition: today.edition.id, as_of: today.as_of, verdict: today.verdict, best: today.best, worst: today.worst }, changes };
    }
  }
  if ((m = /^\/zoning\/judgements\/([^/]+)\/revocation$/.exec(path))) {
    need(visit, 'judge', Problem);
    const j = cases.flatMap((c) => c.judgements).find((x) => x.id === m[1]) ?? (() => { throw missing(); })();
    j.revoked_at = now();
    return null;
  }
  if (path === '/zoning/follow-ups') {
    need(visit, 'cases', Problem);
    const newest = (unit, year) => followUps.filter((f) => f.unit === unit && f.year === year).length;
    if (method !== 'POST') {
      const fits = (f) => (!q.get('year') || f.year === Number(q.get('year'))) && (!q.get('unit') || f.unit === q.get('unit')) && f.revision === newest(f.unit, f.year);
      const all = followUps.filter(fits).reverse();
      const [from, limit] = [Number(q.get('cursor') ?? 0), Number(q.get('limit') ?? 50)];
      return { items: all.slice(from, from + limit), next: from + limit < all.length ? String(from + limit) : null };
    }
    const { unit, year, indicators } = read();
    followUps.push({ unit, year, revision: newest(unit, year) + 1, indicators, unit_name: null, at: now(), ...who });
    visit.status = 201;
    return { id: randomUUID() };
  }
  if (path === '/zoning/objections' && method === 'POST') {
    const given = read();
    if (objections.filter((o) => !o.by && Date.now() - Date.parse(o.at) < 3_600_000).length >= TRIES_MAX && !by) {
      visit.headers['retry-after'] = '2400';
      throw new Problem(429, '提交过于频繁', 'Too many objections', '每个地址每小时最多 5 件。', 'At most five an hour from one address.');
    }
    const made = { id: `YY-${String(objections.length + 1).padStart(4, '0')}`, contact: null, ...given, at: now(), by: by ?? '', state: 'filed', reason: '', state_at: null, state_by: null };
    objections.unshift(made);
    visit.status = 201;
    return { id: made.id };
  }
  if (path === '/zoning/objections') {
    need(visit, 'objections', Problem);
    const named = (o) => ({ ...o, feature_name: nameOf(o.layer, o.feature) });
    return { items: objections.filter((o) => (!q.get('state') || o.state === q.get('state')) && (!q.get('edition') || o.edition === q.get('edition'))).map(named) };
  }
  if ((m = /^\/zoning\/objections\/([^/]+)\/answer$/.exec(path))) {
    need(visit, 'objections', Problem);
    const o = objections.find((x) => x.id === m[1]) ?? (() => { throw missing(); })();
    Object.assign(o, read(), { state_at: now(), state_by: by });
    return null;
  }
  if ((m = /^\/zoning\/editions\/([^/]+)\/(history|publication|end|withdrawal)$/.exec(path))) {
    need(visit, 'editions', Problem);
    const e = editions.find((x) => x.id === decodeURIComponent(m[1])) ?? (() => { throw missing(); })();
    const step = (state, reason, who, impact = null) => ({ state, from: e.from, to: e.to, at: now(), by: who, reason, hash: e.hash, impact });
    if (!steps.has(e.id)) steps.set(e.id, [step('draft', '导入', '数据组'), step('checked', '检查通过，0 处缺漏', by), ...(e.state === 'published' ? [step('published', '', '审核人', 'impact-0001')] : [])]);
    const list = steps.get(e.id);
    if (m[2] === 'history') return { items: list.map((s, i) => ({ step: i + 1, ...s })) };
    const given = read();
    if (m[2] === 'publication' && list.at(-1).by === by) throw new Problem(422, '不能自己发布', 'Four eyes', '提交检查的人不能发布同一版次，请由另一位版本管理员发布。', 'Who checked an edition cannot publish it; ask another editor.');
    const state = { publication: 'published', end: 'published', withdrawal: 'withdrawn' }[m[2]];
    Object.assign(e, { state }, m[2] === 'end' ? { to: given.to } : {});
    list.push(step(state, given.reason ?? '', by, given.impact ?? null));
    return null;
  }
  return undefined;
}
