// Figure fixtures: every class of figure once, with and without rows, evidence, check and note.
const definition = (zh, en) => ({ definition_zh: zh, definition_en: en });
const gb = { id: 'gb3095-2012', title_zh: 'GB 3095-2012 环境空气质量标准（含2018年修改单）', title_en: 'GB 3095-2012 Ambient air quality standard (2018 amendment)', confidence: 'verified' };
const hj = { id: 'hj663-2013', title_zh: 'HJ 663-2013 环境空气质量评价技术规范（试行）', title_en: 'HJ 663-2013 Technical regulation for ambient air quality assessment', confidence: 'memory' };

const LIST = [
  { id: 'F047', name_zh: 'PM2.5年平均浓度', name_en: 'PM2.5, annual mean', unit: 'µg/m³', class: 'M', values: { 2017: '27', 2018: '25', 2019: '24', 2021: '20', 2022: '17' }, rows: 1460, text: ['PM2.5浓度改善至17微克/立方米', 'PM2.5 improved to 17 µg/m³'], ...definition('全市国控评价点位有效日均值的年平均，按 GB/T 8170 修约到整数。', 'Mean over the valid daily means of the evaluated national stations, rounded by GB/T 8170.'), sql: "SELECT station, date, pm2_5\nFROM air_day\nWHERE city = '350200'\n  AND year = 2022\n  AND evaluated\n  AND pm2_5 IS NOT NULL", rounding: 'GB/T 8170，保留整数', source: 'simulated', norms: [gb, hj] },
  { id: 'F004', name_zh: '空气质量综合指数全国排名', name_en: 'National rank of the composite air index', unit: '位', class: 'X', values: { 2022: '9' }, rows: 1, text: ['空气质量综合指数在全国排名第9', 'ninth of the key cities by composite air index'], ...definition('由国家发布的重点城市排名，作为外部证据登记，不由本系统计算。', 'The published national rank, kept as evidence and not computed here.'), sql: null, rounding: null, source: '外部证据', norms: [], evidence: { issuer: '厦门市生态环境局', document: '厦门市生态环境局2022年工作总结', date: '2023-01-17', source_text: '空气质量综合指数在全国排名第9' }, check: { other: 'AIR-RANK', text_zh: '本系统按规则算得第 11 位，与发布值相差 2 位；发布值不改。', text_en: 'By the rule we find rank 11, two places from the published rank, which stays as it is.' } },
  { id: 'AIR-INDEX', name_zh: '空气质量综合指数', name_en: 'Composite air index', unit: '', class: 'M', values: { 2021: '2.78', 2022: '2.54' }, rows: 1460, text: ['空气质量综合指数2.54', 'composite air index 2.54'], ...definition('六项污染物年评价值与二级限值之比的和，保留两位小数。', 'Sum over six pollutants of the annual statistic divided by the grade II limit, two decimals.'), sql: "SELECT composite_index(so2, no2, pm10, pm2_5, co_p95, o3_p90)\nFROM air_year\nWHERE city = '350200' AND year = 2022", rounding: 'GB/T 8170，保留两位小数', source: 'simulated', norms: [gb, hj] },
  { id: 'AIR-RANK', name_zh: '综合指数排名（本系统计算）', name_en: 'Rank by composite index (ours)', unit: '位', class: 'M', values: { 2022: '11' }, rows: 24, text: ['排名第11', 'rank 11'], ...definition('与对照城市表中的综合指数比较，由小到大排列。', 'Place among the cities of the comparison table, smallest index first.'), sql: "SELECT rank\nFROM air_rank\nWHERE period = '2022'", rounding: null, source: 'simulated', norms: [hj], note_zh: '对照城市的指数为编造的示例。', note_en: 'The indices of the other cities are made up.' },
  { id: 'AIR-GOOD', name_zh: '优良天数比例', name_en: 'Share of good days', unit: '%', class: 'M', values: { 2021: '99.2', 2022: '98.1' }, rows: 365, text: ['优良天数比例98.1%', '98.1% of days good or better'], ...definition('AQI 不大于 100 的天数占有效天数的比例。', 'Days with an AQI up to 100 as a share of valid days.'), sql: "SELECT date, aqi\nFROM air_city_day\nWHERE year = 2022", rounding: '保留一位小数', source: 'simulated', norms: [gb, hj] },
  { id: 'AIR-EXCELLENT', name_zh: '优级天数比例', name_en: 'Share of excellent days', unit: '%', class: 'M', values: { 2021: '55.3', 2022: '57.8' }, rows: 365, text: ['优级率57.8%', '57.8% of days excellent'], ...definition('AQI 不大于 50 的天数占有效天数的比例。', 'Days with an AQI up to 50 as a share of valid days.'), sql: "SELECT date, aqi\nFROM air_city_day\nWHERE year = 2022", rounding: '保留一位小数', source: 'simulated', norms: [gb, hj] },
  { id: 'F142', name_zh: '二氧化氮和臭氧同比方向', name_en: 'Direction of NO2 and O3', unit: '', class: 'M', values: { 2022: 'up' }, rows: 2, text: ['二氧化氮和臭氧浓度同比上升', 'NO2 and ozone rose on the year before'], ...definition('两项年评价值与上年之差的符号，由系统计算，不手写。', 'The sign of the difference of both annual statistics from the year before; computed, never written.'), sql: 'SELECT parameter, this, previous\nFROM air_year_change\nWHERE year = 2022', rounding: null, source: 'simulated', norms: [hj] },
];

const direction = (now, before) => (now == null || before == null || Number.isNaN(Number(now)) ? (now === 'up' ? 'up' : null) : Number(now) > Number(before) ? 'up' : Number(now) < Number(before) ? 'down' : 'flat');

function figure(f, period) {
  const year = Number(period.slice(0, 4));
  const value = period.length === 4 ? (f.values[year] ?? null) : null;
  const previous = f.values[year - 1] ?? null;
  return {
    id: f.id, period, city: '350200', name_zh: f.name_zh, name_en: f.name_en, value, unit: f.unit, class: f.class, text_zh: value === null ? '' : f.text[0], text_en: value === null ? '' : f.text[1],
    rows: value === null ? 0 : f.rows, definition_version: 1, comparison: previous === null ? null : `${year - 1}`, previous, direction: direction(value, previous), as_of: 'observation@128;station@3',
    synthetic: year > 2019 && f.class !== 'X', note_zh: f.note_zh, note_en: f.note_en, check: f.check,
  };
}

export const figureList = (period) => ({ period, position: 'observation@128;station@3', items: LIST.map((f) => figure(f, period)), synthetic: Number(period.slice(0, 4)) > 2019 });
export function figureDetail(id, period) {
  const f = LIST.find((x) => x.id === id);
  if (!f) return null;
  return {
    ...figure(f, period), definition_zh: f.definition_zh, definition_en: f.definition_en, sql: f.sql, rounding: f.rounding, source: f.source, norms: f.norms, evidence: f.evidence,
    history: Object.entries(f.values).map(([p, value]) => ({ period: p, value })),
  };
}

export const SUMMARY = (period) => ({
  title_zh: `厦门市${period}年大气环境状况`, title_en: `Air quality in Xiamen, ${period}`, synthetic: Number(period) > 2019, position: 'observation@128;station@3',
  paragraphs: period === '2022' || period === '2021'
    ? [
        { segments: [{ text_zh: `${period}年，空气质量综合指数`, text_en: `In ${period} the composite air index was ` }, { figure: 'AIR-INDEX', text_zh: '2.54', text_en: '2.54', direction: 'down' }, { text_zh: '，在全国排名', text_en: ', placing the city ' }, { figure: 'F004', text_zh: '第9', text_en: '9th', direction: null }, { text_zh: '。', text_en: ' in the country. ' }] },
        { segments: [{ text_zh: '坚持臭氧和颗粒物协同管控，优良天数比例', text_en: 'With ozone and particles held together, the share of good days was ' }, { figure: 'AIR-GOOD', text_zh: '98.1%', text_en: '98.1%', direction: 'down' }, { text_zh: '，优级率', text_en: ', excellent days ' }, { figure: 'AIR-EXCELLENT', text_zh: '57.8%', text_en: '57.8%', direction: 'up' }, { text_zh: '，PM2.5浓度改善至', text_en: ', and PM2.5 improved to ' }, { figure: 'F047', text_zh: '17微克/立方米', text_en: '17 µg/m³', direction: 'down' }, { text_zh: '。', text_en: '.' }] },
        { segments: [{ figure: 'F142', text_zh: '二氧化氮和臭氧浓度同比上升', text_en: 'NO2 and ozone rose on the year before', direction: 'up' }, { text_zh: '，影响全市空气质量综合指数和优良天数。', text_en: ', which weighs on the index and the good days.' }] },
      ]
    : [],
});

export const NORMS = {
  hash: 'sha256:5d3b0c7f2a1e4b6c8d9e0f1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e',
  items: [
    ['gb3095-2012', 'GB 3095-2012 环境空气质量标准（含2018年修改单）', 'GB 3095-2012 Ambient air quality standard (2018 amendment)', 'air-limits', '2016-01-01', '2026-03-01', 'verified', 'GB 3095-2012 表1、表2', ['gb3095/2012/limits.csv'], []],
    ['gb3095-2026', 'GB 3095-2026 环境空气质量标准', 'GB 3095-2026 Ambient air quality standard', 'air-limits', '2026-03-01', null, 'verified', 'GB 3095-2026 前言、4.4', ['gb3095/2026/limits.csv'], ['过渡期至 2030-12-31']],
    ['hj633-2012', 'HJ 633-2012 环境空气质量指数（AQI）技术规定（试行）', 'HJ 633-2012 Technical regulation on ambient air quality index', 'air-index', '2016-01-01', '2026-03-01', 'verified', 'HJ 633-2012 表1', ['hj633/2012/breakpoints.csv'], ['国家平台将 1 小时 PM 均值用于 24 小时列：凭记忆']],
    ['hj633-2026', 'HJ 633-2026 环境空气质量指数（AQI）技术规定', 'HJ 633-2026 Technical regulation on ambient air quality index', 'air-index', '2026-03-01', null, 'verified', 'HJ 633-2026 表3', ['hj633/2026/breakpoints.csv'], []],
    ['hj663-2013', 'HJ 663-2013 环境空气质量评价技术规范（试行）', 'HJ 663-2013 Technical regulation for ambient air quality assessment', 'air-statistics', '2013-10-01', '2026-03-01', 'memory', '附录A', ['hj663/2013/statistics.toml'], ['百分位数算法：已用样例核对', '有效性规定：凭记忆']],
    ['gbt8170-2008', 'GB/T 8170-2008 数值修约规则与极限数值的表示和判定', 'GB/T 8170-2008 Rules of rounding', 'rounding', '2009-01-01', null, 'verified', 'GB/T 8170-2008 3', ['gbt8170/2008.toml'], []],
  ].map(([id, title_zh, title_en, kind, from, to, confidence, source, files, notes]) => ({ id, title_zh, title_en, kind, from, to, confidence, source, files, notes })),
};
