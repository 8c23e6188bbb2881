// Serves web/dist and fixture answers in the shapes of the HTTP API. Development and tests only.
//   node mock/server.mjs [--empty] [--port 4173]
// --empty plays a real, empty city for the first-day page; its one-time code is 123456.
import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { createHash } from 'node:crypto';
import { extname, join, normalize, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { api, BASE, iaqi, judge, judgeDay, LEGEND, levelOf, millis, REAL_HOURS, STATIONS, valueAt } from './city.mjs';
import { figureDetail, figureList, NORMS, SUMMARY } from './figures.mjs';
import { accountDoors, need, userOf, visitOf } from './office.mjs';
import { zoning } from './zoning.mjs';

const HOUR = 3_600_000;
const args = process.argv.slice(2);
const empty = args.includes('--empty');
const port = Number(args[args.indexOf('--port') + 1] || 0) || Number(process.env.PORT) || 4173;
const dist = fileURLToPath(new URL('../dist/', import.meta.url));
const LAST = '2023-01-01T00:00:00+08:00';
const state = { stations: empty ? 0 : STATIONS.length, observations: empty ? 0 : 1_163_842 };

class Problem extends Error {
  constructor(status, title, title_en, detail, detail_en, findings) {
    super(title_en);
    this.status = status;
    this.body = { type: `/problems/${status}`, title, status, detail, title_en, detail_en, findings };
  }
}
const notFound = (what) => new Problem(404, '没有找到', 'Not found', `没有“${what}”。`, `There is no “${what}”.`);
const station = (id) => STATIONS.find((s) => s.station === id) ?? (() => { throw notFound(id); })();
const isReal = (ms) => ms <= millis('2020-01-01T00:00:00+08:00');
const finding = (line, field, value, zh, en, todoZh, todoEn, severity = 'warning') => ({ code: 'import.value', severity, file: 'upload', line, field, value, message_zh: zh, message_en: en, action_zh: todoZh, action_en: todoEn });

function stationsAt(at) {
  const ms = millis(at);
  return {
    type: 'FeatureCollection', synthetic: !isReal(ms),
    features: (state.stations ? STATIONS : []).map((s) => {
      const j = judge(s, ms);
      return {
        type: 'Feature', geometry: { type: 'Point', coordinates: [s.lon, s.lat] },
        properties: { station: s.station, name_zh: s.name_zh, name_en: s.name_en, kind: s.kind, district: s.district, evaluated: s.evaluated, source: s.source === 'simulated' || !isReal(ms) ? 'simulated' : s.source, simulated: s.source === 'simulated' || !isReal(ms), time: api(ms), edition: 'HJ633-2012', ...j, category_available: undefined },
      };
    }),
  };
}
function frames(q) {
  const [from, to] = [millis(q.get('from')), millis(q.get('to'))];
  if (!(to >= from) || to - from > 31 * 24 * HOUR) throw new Problem(400, '时段不对', 'Wrong interval', '时段最长 31 天。', 'At most 31 days.');
  const what = q.get('what') ?? 'aqi';
  const times = [];
  for (let ms = from; ms <= to; ms += HOUR) times.push(ms);
  const value = times.map((ms) => STATIONS.map((s) => (what === 'aqi' ? judge(s, ms).aqi : valueAt(s, what, ms))));
  return {
    times: times.map(api), stations: STATIONS.map((s) => s.station), value, synthetic: !isReal(from),
    level: value.map((row) => row.map((v) => (v === null ? null : levelOf(what === 'aqi' ? v : iaqi(what, v))))),
  };
}
function card(id, at) {
  const s = station(id);
  const ms = millis(at);
  const j = judge(s, ms);
  const date = api(ms - HOUR).slice(0, 10);
  const day = judgeDay(s, date);
  const synthetic = !isReal(ms);
  const item = (parameter, name_zh, name_en, v) => ({ parameter, name_zh, name_en, value: Math.round(v * 100) / 100 });
  const group = (gid, name_zh, name_en, unit, items) => ({ id: gid, name_zh, name_en, unit, items, total: Math.round(items.reduce((a, i) => a + i.value, 0) * 100) / 100 });
  const pm = valueAt(s, 'PM2_5', ms) ?? 18;
  const background = STATIONS.filter((x) => x.kind === 'national').slice(0, 3);
  const increment = s.kind !== 'roadside' ? null : {
    background: background.map((b) => b.station), traffic: { value: 2380, unit: 'veh/h' },
    items: ['NO2', 'PM10', 'PM2_5', 'CO'].map((p) => {
      const value = valueAt(s, p, ms);
      const list = background.map((b) => valueAt(b, p, ms)).filter((v) => v !== null);
      const mean = list.length ? list.reduce((a, b) => a + b, 0) / list.length : null;
      return { parameter: p, name_zh: p, value, background: mean, increment: value === null || mean === null ? null : value - mean };
    }),
  };
  return {
    station: { ...s, simulated: s.source === 'simulated' }, time: api(ms), edition: 'HJ633-2012', aqi: j.aqi, category: j.category, level: j.level, color: j.level ? LEGEND.items[j.level - 1].color : null,
    primary: j.primary, aqi_available: j.aqi_available, category_available: j.category_available, missing: j.missing,
    values: LEGEND.pollutants.map((p) => ({ parameter: p.parameter, name_zh: p.name_zh, name_en: p.name_en, unit: p.unit, value: j.values[p.parameter], iaqi: iaqi(p.parameter, j.values[p.parameter]), level: levelOf(iaqi(p.parameter, j.values[p.parameter])) })),
    coverage: { present: Math.min(day.present, 24), expected: 24 },
    trend: Array.from({ length: 24 }, (_, i) => { const t = ms - (23 - i) * HOUR; const { aqi, level } = judge(s, t); return { time: api(t), aqi, level }; }),
    day: day.aqi === null ? null : day,
    speciation: s.kind !== 'super' ? null : {
      time: api(ms),
      groups: [
        group('voc', '挥发性有机物', 'VOCs', 'ppb', [item('ALKANES', '烷烃', 'alkanes', 9.1), item('ALKENES', '烯烃', 'alkenes', 1.9), item('ACETYLENE', '乙炔', 'acetylene', 1.1), item('AROMATICS', '芳香烃', 'aromatics', 3.4), item('HALOCARBONS', '卤代烃', 'halocarbons', 3.9), item('OVOCS', '含氧挥发性有机物', 'oxygenated VOCs', 7.2)]),
        group('ion', '水溶性离子', 'Ions', 'µg/m³', [item('SO4', '硫酸根', 'sulphate', pm * 0.22), item('NO3', '硝酸根', 'nitrate', pm * 0.18), item('NH4', '铵根', 'ammonium', pm * 0.13), item('CL', '氯离子', 'chloride', 0.42), item('NA', '钠离子', 'sodium', 0.61), item('K', '钾离子', 'potassium', 0.2), item('MG', '镁离子', 'magnesium', 0.07), item('CA', '钙离子', 'calcium', 0.23)]),
        group('carbon', '碳组分', 'Carbon', 'µg/m³', [item('OC', '有机碳', 'organic carbon', pm * 0.2), item('EC', '元素碳', 'elemental carbon', pm * 0.06)]),
      ],
    },
    increment, synthetic, source: synthetic ? 'simulated' : s.source,
  };
}
function hours(id, q) {
  const s = station(id);
  const [from, to] = [millis(q.get('from')), millis(q.get('to'))];
  const times = [];
  for (let ms = from; ms <= to; ms += HOUR) times.push(ms);
  const series = (q.get('parameter') ?? 'PM2_5').split(',').map((p) => {
    const known = LEGEND.pollutants.find((x) => x.parameter === p);
    return { parameter: p, name_zh: known?.name_zh ?? p, unit: known?.unit ?? '', values: times.map((ms) => valueAt(s, p, ms)), flags: [] };
  });
  return { station: id, times: times.map(api), series, synthetic: !isReal(from) };
}
function days(id, month) {
  const s = station(id);
  const [y, m] = month.split('-').map(Number);
  return { month, synthetic: y > 2019, days: Array.from({ length: new Date(Date.UTC(y, m, 0)).getUTCDate() }, (_, i) => judgeDay(s, `${month}-${String(i + 1).padStart(2, '0')}`)) };
}
function figureRows(id, q) {
  const detail = figureDetail(id, q.get('period') ?? '2022');
  if (!detail) throw notFound(id);
  const columns = [['station', '站点', 'Station'], ['name', '站名', 'Name'], ['date', '日期', 'Date'], ['pm2_5', 'PM2.5日均值（µg/m³）', 'PM2.5, daily mean (µg/m³)'], ['source', '来源', 'Source']].map(([key, name_zh, name_en]) => ({ key, name_zh, name_en }));
  const national = STATIONS.filter((s) => s.kind === 'national');
  const limit = Math.min(Number(q.get('limit') ?? 100), 1000);
  const start = Number(q.get('cursor') ?? 0);
  const format = q.get('format');
  const rows = [];
  const end = format ? detail.rows : Math.min(start + limit, detail.rows);
  for (let i = start; i < end; i++) {
    const s = national[i % 4];
    const date = new Date(Date.UTC(2022, 0, 1 + Math.floor(i / 4))).toISOString().slice(0, 10);
    rows.push({ station: s.station, name: s.name_zh, date, pm2_5: Math.round(17 + 6 * Math.sin(i / 9)), source: 'simulated' });
  }
  if (format === 'csv') return { download: 'text/csv; charset=utf-8', name: `${id}.csv`, body: `\ufeff${columns.map((c) => c.key).join(',')}\n${rows.map((r) => Object.values(r).join(',')).join('\n')}\n` };
  // An empty archive stands for the workbook, which only the real server writes.
  if (format === 'xlsx') return { download: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', name: `${id}.xlsx`, body: Buffer.concat([Buffer.from('PK\u0005\u0006'), Buffer.alloc(18)]) };
  return { columns, rows, total: detail.rows, next: end < detail.rows ? String(end) : null, geo: detail.rows > 4 ? national.map((s, i) => ({ station: s.station, lon: s.lon, lat: s.lat, name_zh: s.name_zh, name_en: s.name_en, value: 16 + i })) : [], synthetic: true };
}
function meta(visit) {
  const any = state.observations > 0;
  return {
    product: 'Yundang', version: '0.1.0', city: { code: '350200', id: 'xiamen', name_zh: '厦门市', name_en: 'Xiamen', bureau_zh: '厦门市生态环境局', bureau_en: 'Xiamen Ecology and Environment Bureau' },
    kind: empty ? 'real' : 'demo', synthetic: !empty, norms_hash: NORMS.hash, years: empty ? (any ? [2022] : []) : [2017, 2018, 2019, 2021, 2022],
    notice_zh: empty ? null : '演示城市：2021、2022 年数值由程序按模型生成，不是监测结果。', notice_en: empty ? null : 'Demo city: the values of 2021 and 2022 are made by a model, not measured.',
    time: any ? { first: '2017-01-01T01:00:00+08:00', last: LAST, default: '2022-03-05T15:00:00+08:00', marks: empty ? [] : REAL_HOURS.map((time) => ({ time, name_zh: '真实数据', name_en: 'real data' })) } : { first: null, last: null, default: null },
    counts: { stations: state.stations, observations: state.observations }, user: userOf(visit),
  };
}
function importTable(q, body, visit) {
  need(visit, 'import', Problem);
  const table = q.get('table');
  const lines = body.toString('utf8').trim().split(/\r?\n/);
  const header = lines[0]?.toLowerCase() ?? '';
  if (q.get('name')?.endsWith('.csv') && !header.includes('station')) {
    throw new Problem(422, '表头不对', 'Wrong header', '缺少 station 列。', 'The column “station” is missing.', [finding(1, 'station', lines[0] ?? '', '缺少 station 列', 'The column “station” is missing', '请补上该列后再导入', 'Add the column and import again', 'error')]);
  }
  const read = Math.max(lines.length - 1, 0);
  const bad = lines.map((l, i) => [l, i + 1]).filter(([l]) => /-\d+(\.\d+)?$/.test(l) && table === 'observation');
  state[table === 'station' ? 'stations' : 'observations'] += read - bad.length;
  return { table, rows_read: read, rows_new: read - bad.length, rows_equal: 0, rows_revised: 0, findings_total: bad.length, findings: bad.slice(0, 100).map(([l, n]) => finding(n, 'value', l.split(',').at(-1), '浓度小于零，未采用', 'The concentration is below zero and was not used', '请核对仪器零点或改正数值', 'Check the zero of the instrument or correct the value')) };
}

function answer(method, path, q, body, visit) {
  let m;
  const office = accountDoors(method, path, body, visit, Problem);
  if (office !== undefined) return office;
  if (path === '/meta') return meta(visit);
  if (path === '/legend/air') return LEGEND;
  if (path === '/layers') {
    const layer = (kind, name_zh, name_en) => ({ id: `air-${kind}`, name_zh, name_en, kind, on: true, count: state.stations ? STATIONS.filter((s) => s.kind === kind).length : 0 });
    return { groups: [{ id: 'air', name_zh: '大气', name_en: 'Air', layers: [layer('national', '国控站', 'National stations'), layer('city', '市控站', 'City stations'), layer('roadside', '路边站', 'Roadside stations'), layer('super', '超级站', 'Super-station')] }] };
  }
  if (path === '/geo/base') return BASE;
  if (path === '/air/stations') return stationsAt(q.get('at') ?? LAST);
  if (path === '/air/frames') return frames(q);
  if (path === '/stations') {
    const text = (q.get('q') ?? '').toLowerCase();
    return { items: STATIONS.filter((s) => `${s.station} ${s.name_zh} ${s.name_en}`.toLowerCase().includes(text)).map((s) => ({ ...s, simulated: s.kind !== 'national' })) };
  }
  if ((m = /^\/stations\/([^/]+)\/card$/.exec(path))) return card(decodeURIComponent(m[1]), q.get('at') ?? LAST);
  if ((m = /^\/stations\/([^/]+)\/hours$/.exec(path))) return hours(decodeURIComponent(m[1]), q);
  if ((m = /^\/stations\/([^/]+)\/days$/.exec(path))) return days(decodeURIComponent(m[1]), q.get('month'));
  if (path === '/figures') return empty && !state.observations ? { period: q.get('period'), position: null, items: [] } : figureList(q.get('period') ?? '2022');
  if ((m = /^\/figures\/([^/]+)\/rows$/.exec(path))) return figureRows(decodeURIComponent(m[1]), q);
  if ((m = /^\/figures\/([^/]+)$/.exec(path))) return figureDetail(decodeURIComponent(m[1]), q.get('period') ?? '2022') ?? (() => { throw notFound(m[1]); })();
  if (path === '/summary/air') return SUMMARY(q.get('period') ?? '2022');
  if (path === '/norms') return NORMS;
  if (path === '/start') return { kind: empty ? 'real' : 'demo', steps: [{ id: 'station', done: state.stations > 0, count: state.stations }, { id: 'observation', done: state.observations > 0, count: state.observations }, { id: 'figure', done: state.stations > 0 && state.observations > 0 }] };
  if (path === '/sources') return { items: [{ id: 'bureau-register', name_zh: '本局站点登记表', name_en: 'Bureau station register', table: 'station', note_zh: '列名见“需要的列”。', note_en: 'Columns as listed.' }, { id: 'bureau-hours', name_zh: '本局小时值', name_en: 'Bureau hourly values', table: 'observation', note_zh: '长表或宽表，时间为时段结束。', note_en: 'Long or wide, times name the end.' }, { id: 'cnemc-hours', name_zh: '国家平台小时值', name_en: 'National platform hours', table: 'observation', note_zh: '两个臭氧列在发布时互换，导入时换回。', note_en: 'The two ozone columns are swapped back.' }] };
  if (path.startsWith('/zoning/')) return zoning(method, path, q, body, { empty, visit, Problem });
  if (path === '/imports' && method === 'POST') return importTable(q, body, visit);
  throw notFound(path);
}

const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.json': 'application/json' };
// The strict policy that the product can run under; journeys fail if a page breaks it.
const POLICY = "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'";

createServer((req, res) => {
  const url = new URL(req.url, 'http://local');
  const chunks = [];
  req.on('data', (c) => chunks.push(c));
  req.on('end', () => {
    if (url.pathname === '/healthz') return res.end('ok');
    if (url.pathname.startsWith('/api/v1/')) {
      const visit = visitOf(req.headers);
      try {
        const out = answer(req.method, url.pathname.slice(7), url.searchParams, Buffer.concat(chunks), visit);
        if (out === null) return res.writeHead(204, visit.headers).end();
        if (out.bytes) return res.writeHead(200, { 'content-type': out.type, 'cache-control': 'max-age=60' }).end(out.bytes);
        if (out.inline) return res.writeHead(200, { 'content-type': out.inline }).end(out.body);
        if (out.download) return res.writeHead(200, { 'content-type': out.download, 'content-disposition': `attachment; filename="${out.name}"` }).end(out.body);
        const text = JSON.stringify(out);
        const etag = `"${createHash('sha1').update(text).digest('hex')}"`;
        if (visit.status === 200 && req.headers['if-none-match'] === etag) return res.writeHead(304, { etag }).end();
        return res.writeHead(visit.status, { 'content-type': 'application/json', etag, 'cache-control': 'no-cache', ...visit.headers }).end(text);
      } catch (error) {
        const known = error instanceof Problem;
        if (!known) console.error(error);
        res.writeHead(known ? error.status : 500, { 'content-type': 'application/problem+json', ...visit.headers });
        return res.end(JSON.stringify(known ? error.body : { title: '内部错误', title_en: 'Internal error', status: 500 }));
      }
    }
    let file = normalize(join(dist, decodeURIComponent(url.pathname)));
    if (!file.startsWith(dist.replace(/[/\\]$/, '') + sep) || !existsSync(file) || statSync(file).isDirectory()) file = join(dist, 'index.html');
    if (!existsSync(file)) return res.writeHead(503).end('run: npm run build');
    res.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream', 'content-security-policy': POLICY });
    createReadStream(file).pipe(res);
  });
}).listen(port, '127.0.0.1', () => console.log(`http://127.0.0.1:${port}/${empty ? ' (empty city, code 123456)' : ''}`));
