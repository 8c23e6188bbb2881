// A tiny made-up city in the API's shapes, for developing and testing the pages without the server.
// Its numbers come from a few sine waves and prove nothing about air.

import { readFileSync } from 'node:fs';

const pack = (name) => readFileSync(new URL(`../../cities/xiamen/${name}`, import.meta.url), 'utf8');
const [head, ...lines] = pack('demo/stations.csv').trim().split(/\r?\n/).map((line) => line.split(','));

/** The register and the base map are those of the city pack; only the values are invented here. */
export const STATIONS = lines.map((cells, i) => {
  const s = Object.fromEntries(head.map((key, n) => [key, cells[n] ?? '']));
  return { ...s, lon: Number(s.lon), lat: Number(s.lat), evaluated: s.evaluated === '1', to: s.to || null, i };
});
export const REAL_HOURS = ['2017-07-07T16:00:00+08:00', '2018-02-20T07:00:00+08:00', '2019-07-18T12:00:00+08:00'];

export const LEGEND = {
  items: [
    [1, '优', 'Excellent', 0, 50, '#00E400'], [2, '良', 'Good', 51, 100, '#FFFF00'], [3, '轻度污染', 'Lightly polluted', 101, 150, '#FF7E00'],
    [4, '中度污染', 'Moderately polluted', 151, 200, '#FF0000'], [5, '重度污染', 'Heavily polluted', 201, 300, '#99004C'], [6, '严重污染', 'Severely polluted', 301, 500, '#7E0023'],
  ].map(([level, category, category_en, aqi_from, aqi_to, color]) => ({ level, category, category_en, aqi_from, aqi_to, color })),
  source: 'HJ 633-2012 表2',
  confidence: 'verified',
  pollutants: [
    ['SO2', '二氧化硫', 'sulphur dioxide', 'µg/m³', 0, [0, 150, 500, 650, 800]],
    ['NO2', '二氧化氮', 'nitrogen dioxide', 'µg/m³', 0, [0, 100, 200, 700, 1200, 2340, 3090, 3840]],
    ['PM10', '可吸入颗粒物', 'PM10', 'µg/m³', 0, [0, 50, 150, 250, 350, 420, 500, 600]],
    ['PM2_5', '细颗粒物', 'PM2.5', 'µg/m³', 0, [0, 35, 75, 115, 150, 250, 350, 500]],
    ['CO', '一氧化碳', 'carbon monoxide', 'mg/m³', 1, [0, 5, 10, 35, 60, 90, 120, 150]],
    ['O3', '臭氧', 'ozone', 'µg/m³', 0, [0, 160, 200, 300, 400, 800, 1000, 1200]],
  ].map(([parameter, name_zh, name_en, unit, decimals, breakpoints]) => ({ parameter, name_zh, name_en, unit, decimals, breakpoints })),
};

const STEPS = [0, 50, 100, 150, 200, 300, 400, 500];
export const CRITERIA = LEGEND.pollutants.map((p) => p.parameter);
const HOUR = 3_600_000;

export const millis = (api) => Date.parse(api);
export const api = (ms) => `${new Date(ms + 8 * HOUR).toISOString().slice(0, 19)}+08:00`;
const noise = (a, b) => {
  const x = Math.sin(a * 12.9898 + b * 78.233) * 43758.5453;
  return x - Math.floor(x);
};

/** Value of one parameter in one hour; null where the fixture has an outage. */
export function valueAt(s, parameter, ms) {
  const h = Math.floor(ms / HOUR);
  const year = new Date(ms + 8 * HOUR - 1).getUTCFullYear();
  if (year < 2021 && (s.kind !== 'national' || !REAL_HOURS.includes(api(ms)))) return null;
  if (noise(Math.floor(h / 5), s.i + 3) > 0.985) return null;
  if (noise(h, s.i * 7 + CRITERIA.indexOf(parameter)) > 0.992) return null;
  const local = (h + 8) % 24;
  const season = Math.cos(((h / 24) % 365.25) / 365.25 * 2 * Math.PI);
  const weather = Math.sin(h / 67) + Math.sin(h / 151 + 1);
  const road = s.kind === 'roadside' ? 1.45 : 1;
  const rush = Math.exp(-((local - 8) ** 2) / 8) + Math.exp(-((local - 18) ** 2) / 8);
  const sun = Math.max(0, Math.sin(((local - 7) / 12) * Math.PI));
  const jitter = 0.85 + 0.3 * noise(h, s.i * 31 + parameter.length);
  const base = {
    SO2: 5 + 1.5 * weather, NO2: (16 + 8 * season + 14 * rush + 5 * weather) * road, PM10: 36 + 14 * season + 12 * weather + 6 * rush * road,
    PM2_5: 18 + 9 * season + 8 * weather + 4 * rush * road, CO: (0.5 + 0.12 * season + 0.12 * rush) * road, O3: 45 + 75 * sun - 12 * season + 20 * weather - 10 * rush * road,
  }[parameter];
  const spread = 1 + (s.i % 5) * 0.04;
  const value = Math.max(parameter === 'CO' ? 0.1 : 1, base * jitter * spread);
  return parameter === 'CO' ? Math.round(value * 10) / 10 : Math.round(value);
}

export function iaqi(parameter, value) {
  if (value === null) return null;
  const b = LEGEND.pollutants.find((p) => p.parameter === parameter).breakpoints;
  const i = b.findIndex((x, n) => n > 0 && value <= x);
  if (i < 0) return null;
  return Math.max(1, Math.ceil(((STEPS[i] - STEPS[i - 1]) / (b[i] - b[i - 1])) * (value - b[i - 1]) + STEPS[i - 1]));
}
export const levelOf = (aqi) => (aqi === null ? null : (LEGEND.items.find((i) => aqi <= i.aqi_to)?.level ?? 6));
export const categoryOf = (level) => (level === null ? null : LEGEND.items[level - 1].category);

export function judge(s, ms) {
  const values = Object.fromEntries(CRITERIA.map((p) => [p, valueAt(s, p, ms)]));
  const parts = CRITERIA.map((p) => [p, iaqi(p, values[p])]);
  const missing = parts.filter(([, v]) => v === null).map(([p]) => p);
  const known = parts.filter(([, v]) => v !== null);
  const highest = known.length ? Math.max(...known.map(([, v]) => v)) : null;
  const aqi = missing.length ? null : highest;
  return {
    values, missing, aqi, aqi_available: highest, level: levelOf(aqi), category: categoryOf(levelOf(aqi)), category_available: categoryOf(levelOf(highest)),
    primary: aqi !== null && aqi > 50 ? known.filter(([, v]) => v === aqi).map(([p]) => p) : [],
  };
}

export function judgeDay(s, date) {
  const start = Date.parse(`${date}T00:00:00+08:00`);
  const values = {};
  let fewest = 24;
  for (const p of CRITERIA) {
    const list = Array.from({ length: 24 }, (_, i) => valueAt(s, p, start + (i + 1) * HOUR)).filter((v) => v !== null);
    fewest = Math.min(fewest, list.length);
    values[p] = list.length ? Math.round((list.reduce((a, b) => a + b, 0) / list.length) * 10) / 10 : null;
  }
  const valid = fewest >= 20;
  const parts = CRITERIA.map((p) => [p, iaqi(p, p === 'O3' && values[p] !== null ? values[p] * 1.3 : values[p])]).filter(([, v]) => v !== null);
  const aqi = valid && parts.length ? Math.max(...parts.map(([, v]) => v)) : null;
  return { date, aqi, level: levelOf(aqi), category: categoryOf(levelOf(aqi)), primary: aqi > 50 ? parts.filter(([, v]) => v === aqi).map(([p]) => (p === 'O3' ? 'O3_8h' : p)) : [], valid, values, present: fewest };
}

export const BASE = JSON.parse(pack('districts.geojson'));
