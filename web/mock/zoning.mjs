// Made-up zoning in the API's shapes: a grid of units, layers of blobs, and a handful of clauses judged by plain ifs.
// It proves nothing about any law or boundary; it lets the pages be developed and walked through without the server.
import { BASE } from './city.mjs';
import { recordDoors } from './office.mjs';
import { tile } from './tile.mjs';

const NOTICE = { synthetic: true, notice_zh: '分区管控的单元、图层和条款均为编造的示例，不是任何城市的管控成果。', notice_en: 'Units, layers and clauses are made-up examples and no zoning of any city.' };
const EDITIONS = [
  { id: 'demo-2026', title_zh: '演示管控成果（2026年版）', title_en: 'Demo zoning, 2026', from: '2026-08-15', to: null, hash: 'sha256:9d1c44f07be2a3518c6f0d2e7a9b1c3f5e7d8a6b4c2e0f1d3b5a7c9e8f6d4b2a' },
  { id: 'demo-2023', title_zh: '演示管控成果（2023年版）', title_en: 'Demo zoning, 2023', from: '2023-12-01', to: '2026-08-15', hash: 'sha256:1f7e55c0aa3b4d6e8f90123456789abcdef0fedcba9876543210a1b2c3d4e5f6' },
  { id: 'demo-2027', title_zh: '演示管控成果（2027年版，未发布）', title_en: 'Demo zoning, 2027, unpublished', from: '2027-01-01', to: null, hash: 'sha256:5a0c7be19d3f24680ace13579bdf02468ace13579bdf02468ace13579bdf0246', state: 'checked' },
].map((e) => ({ state: 'published', ...e, synthetic: true, counts: { units: 0, layers: 0, conditions: 107_713, clauses: 30, industries: 437 } }));

const noise = (a, b) => {
  const x = Math.sin(a * 12.9898 + b * 78.233) * 43758.5453;
  return x - Math.floor(x);
};
const within = ([x, y], ring) => ring.reduce((inside, [ax, ay], i) => { const [bx, by] = ring[(i + 1) % ring.length]; return (ay > y) !== (by > y) && x < ((bx - ax) * (y - ay)) / (by - ay) + ax ? !inside : inside; }, false);
const ringsOf = (g) => (g.type === 'MultiPolygon' ? g.coordinates.map((p) => p[0]) : [g.coordinates[0]]);
const DISTRICTS = BASE.features.filter((f) => f.properties.role === 'district').map((f) => ({ ...f.properties, rings: ringsOf(f.geometry) }));
const SEA = BASE.features.filter((f) => f.properties.role === 'sea').flatMap((f) => ringsOf(f.geometry));
const districtAt = (p) => DISTRICTS.find((d) => d.rings.some((r) => within(p, r)));

const [W, S, STEP_X, STEP_Y, COLS, ROWS] = [117.88, 24.36, 0.0335, 0.0315, 19, 18];
const corner = (i, j) => [W + (i + (noise(i, j) - 0.5) * 0.55) * STEP_X, S + (j + (noise(j + 40, i) - 0.5) * 0.55) * STEP_Y];
const CLASSES = [
  { class: 'priority', name_zh: '优先保护单元', name_en: 'Priority protection', fill: '#6fae7f', stroke: '#2f6b41', hatch: 'rising' },
  { class: 'key', name_zh: '重点管控单元', name_en: 'Key control', fill: '#e6a08e', stroke: '#93412c', hatch: 'falling' },
  { class: 'general', name_zh: '一般管控单元', name_en: 'General control', fill: '#f1e6b8', stroke: '#8d7b34', hatch: null },
];
const centreOf = (ring) => ring.reduce(([x, y], [a, b]) => [x + a / ring.length, y + b / ring.length], [0, 0]);
const boxOf = (ring) => [Math.min(...ring.map((p) => p[0])), Math.min(...ring.map((p) => p[1])), Math.max(...ring.map((p) => p[0])), Math.max(...ring.map((p) => p[1]))];
const areaOf = (ring) => Math.abs(ring.reduce((s, [x, y], i) => { const [u, v] = ring[(i + 1) % ring.length]; return s + x * v - u * y; }, 0) / 2) * 111_320 * 110_750 * Math.cos((24.55 * Math.PI) / 180);
const lengthOf = (line) => line.slice(1).reduce((s, [x, y], i) => s + Math.hypot((x - line[i][0]) * 101_300, (y - line[i][1]) * 110_750), 0);

const UNITS = [];
for (let j = 0; j < ROWS; j++)
  for (let i = 0; i < COLS; i++) {
    const ring = [corner(i, j), corner(i + 1, j), corner(i + 1, j + 1), corner(i, j + 1)];
    const centre = centreOf(ring);
    const d = districtAt(centre);
    const sea = !d && SEA.some((r) => within(centre, r));
    if (!d && !sea) continue;
    const n = noise(i * 3 + 1, j * 7 + 2);
    const cls = CLASSES[n < 0.28 ? 0 : n < 0.68 ? 1 : 2];
    const grade = cls.class === 'priority' ? 1 : cls.class === 'key' ? 2 : 3;
    const serial = String(UNITS.length + 1).padStart(3, '0');
    UNITS.push({
      code: `ZH${d?.code ?? '350200'}${grade}0${serial}`, class: cls.class, district: d?.code ?? null, ring, centre,
      name: d ? `${d.name_zh.replace('区', '')}${cls.name_zh.slice(0, 4)}单元${serial}` : `厦门湾近岸海域${cls.name_zh.slice(0, 4)}单元${serial}`,
    });
  }

const blob = (k, lon, lat, size) => Array.from({ length: 18 }, (_, i) => { const r = size * (0.7 + 0.5 * noise(k + i, k * 3)); return [lon + Math.cos((i / 18) * 2 * Math.PI) * r, lat + Math.sin((i / 18) * 2 * Math.PI) * r * 0.9]; });
const GROUPS = [
  ['eco', '生态', 'Ecology', '#4f9a63', '#1d5b31', ['生态保护红线', '一般生态空间', '自然保护地', '森林公园', '湿地', '重要生境', '古树名木保护范围', '水土流失敏感区']],
  ['water', '水环境', 'Water', '#7fb2dc', '#1f5a8f', ['饮用水水源一级保护区', '饮用水水源二级保护区', '饮用水水源准保护区', '水环境优先保护区', '水环境工业污染重点管控区', '水环境城镇生活污染重点管控区', '水环境农业污染重点管控区', '河湖岸线保护区', '入河排污口', '水功能区']],
  ['air', '大气环境', 'Air', '#c9b4de', '#64458a', ['大气环境优先保护区', '大气环境高排放重点管控区', '大气环境布局敏感重点管控区', '大气环境弱扩散重点管控区', '大气环境受体敏感重点管控区', '高污染燃料禁燃区', '机动车低排放区']],
  ['noise', '声环境', 'Noise', '#e8c98f', '#87611b', ['0类声环境功能区', '1类声环境功能区', '2类声环境功能区', '3类声环境功能区', '4a类声环境功能区', '4b类声环境功能区', '噪声敏感建筑物集中区域']],
  ['soil', '土壤与固废', 'Soil and waste', '#c8a98c', '#6d4524', ['建设用地污染风险重点管控区', '农用地优先保护区', '疑似污染地块', '土壤污染重点监管单位', '固体废物处置设施防护距离']],
  ['sea', '海洋', 'Sea', '#8fcad0', '#1c6d77', ['海洋生态保护红线', '近岸海域环境功能区', '海洋自然保护区', '大陆自然岸线', '无居民海岛', '养殖区', '港口航运区']],
  ['resource', '资源利用', 'Resources', '#d9d27a', '#6e6812', ['高污染燃料禁燃区（能源）', '地下水限采区', '土地资源重点管控区', '岸线资源管控区', '水资源重点管控区']],
  ['plan', '规划与园区', 'Plans and parks', '#e3b7c4', '#8c3650', ['城镇开发边界', '建成区', '产业园区', '永久基本农田', '卫生防护距离', '历史文化保护范围']],
];
const HATCH = ['rising', 'falling', 'crossed', 'level', 'dotted', null];
const KEYS = { 生态保护红线: 'redline', 饮用水水源一级保护区: 'water_source_1', 饮用水水源二级保护区: 'water_source_2', 高污染燃料禁燃区: 'no_burn_zone', 产业园区: 'park', 建成区: 'urban_builtup', '1类声环境功能区': 'noise_1' };
const LAYERS = [];
const groups = GROUPS.map(([id, name_zh, name_en, fill, stroke, names], g) => {
  const all = [...names];
  // The rest of the 240 layers: finer divisions of the same elements.
  for (let n = 1; all.length < 30; n++) all.push(`${name_zh}要素细分图层${String(n).padStart(2, '0')}`);
  const layers = all.map((title, n) => {
    const k = g * 100 + n;
    const key = KEYS[title] ?? `${id}_${n + 1}`;
    const count = 1 + Math.floor(noise(k, 5) * 6);
    const areas = Array.from({ length: count }, (_, f) => ({ id: `${key}-${f + 1}`, name: `${title}（示例${f + 1}）`, ring: blob(k * 9 + f, 117.98 + noise(k, f) * 0.38, 24.45 + noise(f + 9, k) * 0.38, 0.008 + noise(k, f + 3) * 0.022) }));
    if (key === 'redline') areas.push({ id: 'redline-9', name: '生态保护红线（示例西部山地）', ring: blob(77, 118.02, 24.655, 0.03) });
    if (key === 'park') areas.push({ id: 'park-9', name: '产业园区（示例火炬片区）', ring: blob(31, 118.12, 24.6, 0.018) });
    const layer = { key, title_zh: title, title_en: KEYS[title] ? key.replaceAll('_', ' ') : `${name_en} ${n + 1}`, kind: 'area', features: areas.length, complete: noise(k, 8) > 0.08 || key in KEYS, accuracy_m: [5, 10, 25][n % 3], touch_counts: true, source: '演示数据，模拟', protected: false, coverage_tiles: key === 'redline' || noise(k, 8) <= 0.08, style: { fill, stroke, hatch: HATCH[n % HATCH.length], confidence: 'memory' } };
    LAYERS.push({ ...layer, areas });
    return layer;
  });
  return { id, name_zh, name_en, layers };
});
for (const e of EDITIONS) Object.assign(e.counts, { units: UNITS.length, layers: LAYERS.length });
const unitLayer = { key: 'units', title_zh: '生态环境管控单元', title_en: 'Control units', kind: 'area', features: UNITS.length, complete: true, accuracy_m: 5, touch_counts: false, source: '演示数据，模拟', protected: false, style: { fill: '#f1e6b8', stroke: '#8d7b34', hatch: null }, classes: CLASSES };
const layerList = { groups: [{ id: 'units', name_zh: '管控单元', name_en: 'Control units', layers: [unitLayer] }, ...groups], ...NOTICE };

const INDUSTRIES = [
  ['C1310', '谷物磨制', 'gwmz', '制造业 › 农副食品加工业'], ['C1462', '酱油、食醋及类似制品制造', 'jyscjlszpzz', '制造业 › 食品制造业'], ['C2641', '涂料制造', 'tlzz', '制造业 › 化学原料和化学制品制造业'],
  ['C2642', '油墨及类似产品制造', 'ymjlscpzz', '制造业 › 化学原料和化学制品制造业'], ['C3360', '金属表面处理及热处理加工', 'jsbmcljrcljg', '制造业 › 金属制品业'], ['C3982', '电子电路制造', 'dzdlzz', '制造业 › 计算机、通信和其他电子设备制造业'],
  ['D4411', '火力发电', 'hlfd', '电力、热力、燃气及水生产和供应业'], ['D4620', '污水处理及其再生利用', 'wscljqzsly', '电力、热力、燃气及水生产和供应业'], ['H6210', '正餐服务', 'zcfw', '住宿和餐饮业 › 餐饮业'], ['I6410', '互联网接入及相关服务', 'hlwjrjxgfw', '信息传输、软件和信息技术服务业'],
].map(([code, name, initials, path]) => ({ code, name, initials, path }));

const bool = (name, question_zh, question_en, who_zh = '建设单位', evidence_zh = '可研报告') => ({ name, type: 'bool', unit: null, question_zh, question_en, who_zh, evidence_zh, options: null, fields: null });
const number = (name, unit, question_zh, question_en, who_zh = '环评单位', evidence_zh = '环评文件源强核算') => ({ name, type: 'number', unit, question_zh, question_en, who_zh, evidence_zh, options: null, fields: null });
const choice = (name, question_zh, question_en, options, type = 'enum') => ({ name, type, unit: null, question_zh, question_en, who_zh: '建设单位', evidence_zh: '立项或备案文件', options: options.map(([value, zh, en]) => ({ value, zh, en })), fields: null });
const FACTS = [
  { id: 'basic', name_zh: '基本情况', name_en: 'Basics', facts: [
    { name: 'industry', type: 'industry', unit: null, question_zh: '项目属于国民经济行业的哪个小类（GB/T 4754-2017）？', question_en: 'Which industry of GB/T 4754-2017 is it?', who_zh: '建设单位', evidence_zh: '立项或备案文件、营业执照', options: null, fields: null },
    choice('kind', '项目的建设性质是什么？', 'What kind of project is it?', [['new', '新建', 'new'], ['rebuild', '改建', 'rebuild'], ['expand', '扩建', 'expand'], ['existing', '现有', 'existing']]),
    bool('two_high', '是否属于“两高”（高耗能、高排放）项目？', 'Is it a project of high energy use and high emission?'),
    choice('processes', '项目包含哪些生产工艺？', 'Which processes does it have?', [['coating', '涂装', 'coating'], ['printing', '印刷', 'printing'], ['electroplating', '电镀', 'electroplating'], ['mixing', '混合搅拌', 'mixing']], 'list'),
  ] },
  { id: 'place', name_zh: '选址与用地', name_en: 'Site and land', facts: [bool('limited_human_activity', '是否属于生态保护红线内允许的有限人为活动？', 'Is it one of the limited human activities allowed in the red line?', '自然资源部门', '认定意见')] },
  { id: 'water', name_zh: '水环境', name_en: 'Water', facts: [bool('discharges_pollutants', '是否排放水污染物？', 'Does it discharge water pollutants?'), bool('new_outfall', '是否新设入河入海排污口？', 'Is there a new outfall?')] },
  { id: 'air', name_zh: '大气环境', name_en: 'Air', facts: [
    number('delta_voc_t', 't/a', 'VOCs 排放量净变化是多少吨/年？', 'By how many t/a do VOC emissions change?'), number('offset_voc_t', 't/a', '已落实的 VOCs 削减替代量是多少吨/年？', 'How many t/a of VOC offsets are secured?', '环评单位', '削减替代来源及批文'),
    { name: 'boilers', type: 'records', unit: null, question_zh: '有哪些锅炉或工业炉窑？燃料和额定蒸发量各是多少？', question_en: 'Which boilers or furnaces are there, with which fuel and size?', who_zh: '建设单位', evidence_zh: '设备清单', options: null, fields: [choice('fuel', '燃料', 'Fuel', [['gas', '天然气', 'gas'], ['coal', '煤', 'coal'], ['biomass', '生物质', 'biomass'], ['electric', '电', 'electric']]), number('t_h', 't/h', '额定蒸发量', 'Size')] },
  ] },
  { id: 'noise', name_zh: '声环境', name_en: 'Noise', facts: [bool('emits_noise', '是否排放工业噪声？', 'Does it emit industrial noise?'), number('noise_night_db', 'dB(A)', '厂界夜间噪声预测值是多少分贝？', 'What is the predicted night noise at the boundary?')] },
];
const factOf = (name) => FACTS.flatMap((g) => g.facts).find((f) => f.name === name);

const WORDS = {
  PROHIBITED: ['禁止', 'Prohibited'], NEEDS_INFORMATION: ['尚缺信息', 'Information missing'], RESTRICTED_UNMET: ['限制，条件未满足', 'Restricted, conditions not met'],
  NEEDS_JUDGEMENT: ['需人工认定', 'Needs a determination'], ALLOWED_WITH_CONDITIONS: ['附条件允许', 'Allowed with conditions'], ALLOWED: ['允许', 'Allowed'],
};
const SENTENCE = {
  PROHIBITED: ['命中禁止类条款，本项目不能在此建设。', 'A ban applies: the project cannot stand here.'], NEEDS_INFORMATION: ['还缺少会改变结论的信息，暂不能作出结论。', 'Information that can change the verdict is missing.'],
  RESTRICTED_UNMET: ['有要求类条款未满足；满足后结论可以改变。', 'A requirement is not met; meeting it can change the verdict.'], NEEDS_JUDGEMENT: ['条款含需由主管部门认定的内容。', 'A clause leaves a determination to the authority.'],
  ALLOWED_WITH_CONDITIONS: ['在满足所列要求的前提下，可以在此建设。', 'The project may stand here if the listed requirements are met.'], ALLOWED: ['没有条款阻止本项目在此建设。', 'No clause stands against the project here.'],
};
const ringOf = (g) => (g.type === 'Point' ? null : g.type === 'LineString' ? null : g.type === 'Polygon' ? g.coordinates[0].slice(0, -1) : g.coordinates[0][0].slice(0, -1));
const sampleOf = (g) => {
  if (g.type === 'Point') return [g.coordinates];
  if (g.type === 'LineString') return g.coordinates;
  const ring = ringOf(g);
  const c = centreOf(ring);
  return [c, ...ring, ...ring.map(([x, y]) => [(x + c[0]) / 2, (y + c[1]) / 2])];
};
const distance = (points, ring) => Math.min(...points.flatMap(([x, y]) => ring.map(([u, v]) => Math.hypot((x - u) * 101_300, (y - v) * 110_750))));
const T = 'true', F = 'false', U = 'unknown';
const known = (facts, name) => (facts[name] === undefined ? U : facts[name] ? T : F);
const and = (...v) => (v.includes(F) ? F : v.includes(U) ? U : T);
const value = (v) => (v === T ? true : v === F ? false : null);

/** Seven clauses by plain ifs; the older edition asks for half the offset. Outcome words, missing facts and traces are those of the contract. */
function judge(body) {
  const facts = body.facts ?? {};
  const times = body.edition === 'demo-2023' ? 1 : 2;
  const points = sampleOf(body.geometry);
  const met = LAYERS.map((l) => ({ l, hits: l.areas.filter((a) => points.some((p) => within(p, a.ring))), far: Math.min(...l.areas.map((a) => distance(points, a.ring))) }));
  const touches = (key) => (met.find((m) => m.l.key === key)?.hits.length ? T : F);
  const leaf = (text, v, source) => ({ text, value: value(v), source: v === U && source === 'applicant' ? null : source, children: [] });
  const meets = (key) => { const l = LAYERS.find((x) => x.key === key); return leaf(`场址涉及“${l.title_zh}”`, touches(key), `图层 ${key}@${(EDITIONS.find((e) => e.id === body.edition) ?? EDITIONS[0]).id}`); };
  const fact = (name, text) => leaf(text, known(facts, name), 'applicant');
  const fresh = facts.kind === undefined ? U : ['new', 'rebuild', 'expand'].includes(facts.kind) ? T : F;
  const kindNode = { text: `建设性质为新建、改建或扩建${facts.kind ? `（${factOf('kind').options.find((o) => o.value === facts.kind)?.zh ?? facts.kind}）` : ''}`, value: value(fresh), source: facts.kind ? 'applicant' : null, children: [] };
  const rules = [];
  const put = (r) => rules.push({ says: [], question: null, missing: [], conf: 'K', deciding: false, at: { file: 'rules/access.toml', line: 12 + rules.length * 14 }, ...r });
  const cite = (doc, clause, text, state = 'in_force', successor = null, verified = false) => ({ doc, clause, text, state, successor, verified });
  const ban = (id, title, rank, parts, nodes, missing, c, conf = 'K') => {
    const v = and(...parts);
    put({ id, title, dimension: 'spatial', rank, effect: 'prohibit', outcome: v === T ? 'prohibited' : v === U ? 'needs_information' : 'not_applicable', missing: v === U ? missing.filter((m) => facts[m] === undefined) : [], cite: c, conf, tree: { text: '下列各项同时成立时禁止', value: value(v), source: null, children: nodes } });
  };
  const limited = known(facts, 'limited_human_activity');
  const notLimited = limited === U ? U : limited === T ? F : T;
  ban('R01', '生态保护红线内，禁止开发性、生产性建设活动', 'national', [touches('redline'), notLimited], [meets('redline'), { text: '不属于允许的有限人为活动', value: value(notLimited), source: null, children: [fact('limited_human_activity', '属于允许的有限人为活动')] }], ['limited_human_activity'], cite('自然资发〔2022〕142号', '第一条', '生态保护红线内自然保护地核心保护区外，禁止开发性、生产性建设活动（示例转述）'));
  ban('R03', '饮用水水源二级保护区内，禁止新建、改建、扩建排放污染物的建设项目', 'national', [touches('water_source_2'), fresh, known(facts, 'discharges_pollutants')], [meets('water_source_2'), kindNode, fact('discharges_pollutants', '排放水污染物')], ['kind', 'discharges_pollutants'], cite('中华人民共和国水污染防治法', '第六十六条', '禁止在饮用水水源二级保护区内新建、改建、扩建排放污染物的建设项目（示例转述）', 'superseded', '生态环境法典 条次待核', false));
  const boilers = Array.isArray(facts.boilers) ? (facts.boilers.some((b) => ['coal', 'coke'].includes(b.fuel)) ? T : facts.boilers.some((b) => b.fuel === undefined) ? U : F) : U;
  ban('R09', '高污染燃料禁燃区内，禁止新建、扩建燃用高污染燃料的设施', 'national', [touches('no_burn_zone'), fresh, boilers], [meets('no_burn_zone'), kindNode, { text: '有燃用高污染燃料的锅炉或炉窑', value: value(boilers), source: Array.isArray(facts.boilers) ? 'applicant' : null, children: [] }], ['kind', 'boilers'], cite('中华人民共和国大气污染防治法', '第三十八条', null, 'superseded', '生态环境法典 条次待核', false));
  const voc = facts.delta_voc_t === undefined ? U : facts.delta_voc_t > 0 ? T : F;
  const offset = voc === T ? (facts.offset_voc_t === undefined ? U : facts.offset_voc_t >= times * facts.delta_voc_t ? T : F) : U;
  const industrial = !facts.industry ? U : facts.industry.startsWith('C') ? T : F;
  const needs = and(industrial, fresh === U ? U : fresh, voc);
  put({
    id: 'R10', title: '新增 VOCs 排放实行倍量替代', dimension: 'emission', rank: 'province', effect: 'require',
    outcome: needs === F ? 'not_applicable' : needs === U || offset === U ? 'needs_information' : offset === T ? 'conditional' : 'unmet',
    missing: needs === F ? [] : [...(industrial === U ? ['industry'] : []), ...(fresh === U ? ['kind'] : []), ...(voc === U ? ['delta_voc_t'] : []), ...(voc === T && offset === U ? ['offset_voc_t'] : [])],
    says: needs === F ? [] : [{ text: `已落实的替代量不低于净增量的 ${times} 倍${facts.delta_voc_t > 0 ? `（需 ${facts.delta_voc_t * times} 吨/年）` : ''}`, state: offset === T ? 'met' : offset === F ? 'unmet' : 'unknown' }],
    cite: cite('福建省“十四五”空气质量改善规划', '四（三）', '新增 VOCs 排放实行倍量替代（示例转述）', 'in_force', null, true), conf: 'F',
    tree: { text: '新增 VOCs 的工业项目须倍量替代', value: value(and(needs, offset)), source: null, children: [leaf('属于工业行业', industrial, 'applicant'), kindNode, { text: 'VOCs 净增量大于 0', value: value(voc), source: facts.delta_voc_t === undefined ? null : 'applicant', children: facts.delta_voc_t === undefined ? [] : [{ text: 'VOCs 净增量（吨/年）', value: facts.delta_voc_t, source: 'applicant', children: [] }] }, { text: `替代量 ≥ ${times} × 净增量`, value: value(offset), source: facts.offset_voc_t === undefined ? null : 'applicant', children: [] }] },
  });
  const high = known(facts, 'two_high');
  put({ id: 'R21', title: '严格控制在一般管控单元新上“两高”项目', dimension: 'resource', rank: 'city', effect: 'review', outcome: high === T ? 'needs_judgement' : high === U && industrial !== F ? 'needs_information' : 'not_applicable', missing: high === U ? ['two_high'] : [], question: high === T ? '是否符合区域产业布局和能耗双控要求' : null, cite: cite('厦门市生态环境准入清单（示例）', '总体要求第6条', '严格控制“两高”项目（示例）', 'in_force', null, true), conf: 'M', tree: { text: '属于“两高”项目', value: value(high), source: facts.two_high === undefined ? null : 'applicant', children: [] } });
  put({ id: 'R26', title: '工业企业厂界噪声符合所在声环境功能区要求', dimension: 'emission', rank: 'national', effect: 'require', outcome: industrial === T ? 'conditional' : 'not_applicable', says: industrial === T ? [{ text: '厂界噪声达到所在功能区的限值', state: 'unknown' }] : [], cite: cite('GB 12348-2008', '4.1', null, 'in_force', null, true), conf: 'F', tree: { text: '属于工业企业', value: value(industrial), source: facts.industry ? 'applicant' : null, children: [] } });

  const of = (o) => rules.filter((r) => r.outcome === o);
  const open = of('needs_information');
  const openBan = open.filter((r) => r.effect !== 'require');
  const verdict = of('prohibited').length ? 'PROHIBITED' : openBan.length ? 'NEEDS_INFORMATION' : of('unmet').length ? 'RESTRICTED_UNMET' : open.length ? 'NEEDS_INFORMATION' : of('needs_judgement').length ? 'NEEDS_JUDGEMENT' : of('conditional').length ? 'ALLOWED_WITH_CONDITIONS' : 'ALLOWED';
  const settledBest = of('unmet').length ? 'RESTRICTED_UNMET' : of('needs_judgement').length ? 'NEEDS_JUDGEMENT' : of('conditional').length ? 'ALLOWED_WITH_CONDITIONS' : 'ALLOWED';
  const best = verdict === 'NEEDS_INFORMATION' ? settledBest : verdict;
  const worst = verdict === 'NEEDS_INFORMATION' ? (openBan.some((r) => r.effect === 'prohibit') ? 'PROHIBITED' : 'RESTRICTED_UNMET') : verdict;
  const decides = { PROHIBITED: ['prohibited'], NEEDS_INFORMATION: ['needs_information'], RESTRICTED_UNMET: ['unmet'], NEEDS_JUDGEMENT: ['needs_judgement'], ALLOWED_WITH_CONDITIONS: ['conditional'], ALLOWED: [] }[verdict];
  for (const r of rules) r.deciding = decides.includes(r.outcome);
  // A ban that is met leaves nothing to ask.
  const missing = verdict === 'PROHIBITED' ? [] : [...new Set(open.flatMap((r) => r.missing))];
  return { rules, verdict, best, worst, missing, met, points };
}

function answer(asked) {
  const deep = (c) => (typeof c[0] === 'number' ? degrees(c) : c.map(deep));
  const body = { ...asked, geometry: { ...asked.geometry, coordinates: deep(asked.geometry.coordinates) } };
  const edition = EDITIONS.find((e) => e.id === body.edition) ?? EDITIONS.find((e) => body.as_of && e.from <= body.as_of && (!e.to || body.as_of < e.to)) ?? EDITIONS[0];
  const j = judge({ ...body, edition: edition.id });
  const ring = ringOf(body.geometry);
  const width = body.geometry.type === 'LineString' ? (body.corridor_m ?? null) : null;
  const area = ring ? areaOf(ring) : width ? lengthOf(body.geometry.coordinates) * width : null;
  const units = UNITS.filter((u) => j.points.some((p) => within(p, u.ring)));
  const inside = (u) => j.points.filter((p) => within(p, u.ring)).length / j.points.length;
  const layers = j.met.filter((m) => m.hits.length || (m.l.key in { redline: 1, park: 1 }) || (!m.l.complete && noise(m.l.features, 3) > 0.8)).sort((a, b) => b.hits.length - a.hits.length || a.far - b.far).slice(0, 12).map(({ l, hits, far }) => ({
    key: l.key, title_zh: l.title_zh, title_en: l.title_en, coverage: l.complete ? 'complete' : 'partial', meeting: hits.length ? 'solid' : null, inside: hits.length > 0 && j.points.every((p) => hits.some((a) => within(p, a.ring))),
    area_m2: hits.length && area ? area * 0.62 : null, length_m: null, share: hits.length ? 0.62 : null, distance_m: hits.length ? 0 : Math.round(far), accuracy_m: l.accuracy_m, features: hits.map((a) => ({ id: a.id, name: a.name, area_m2: null })),
  }));
  const redline = j.rules.find((r) => r.id === 'R01');
  const nearest = [];
  if (redline.outcome === 'prohibited') nearest.push({ kind: 'move', text_zh: '场址向东移动 420 米，离开生态保护红线', text_en: 'Move the site 420 m east, out of the red line', verdict: 'ALLOWED_WITH_CONDITIONS' });
  const short = j.rules.find((r) => r.id === 'R10' && r.outcome === 'unmet');
  if (short) nearest.push({ kind: 'offset', text_zh: `VOCs 削减替代量再增加 ${Math.round((body.facts.delta_voc_t * (edition.id === 'demo-2023' ? 1 : 2) - body.facts.offset_voc_t) * 100) / 100} 吨/年`, text_en: 'Secure more VOC offsets', verdict: 'ALLOWED_WITH_CONDITIONS' });
  return {
    edition: { id: edition.id, title_zh: edition.title_zh, title_en: edition.title_en, hash: edition.hash }, as_of: body.as_of ?? '2026-11-25', engine: 'mock/1', ...NOTICE,
    verdict: j.verdict, verdict_zh: WORDS[j.verdict][0], verdict_en: WORDS[j.verdict][1], sentence_zh: SENTENCE[j.verdict][0], sentence_en: SENTENCE[j.verdict][1], best: j.best, worst: j.worst,
    tolerance: { minus: j.verdict, zero: j.verdict, plus: redline.outcome === 'not_applicable' && layers.some((l) => l.key === 'redline' && l.distance_m < 400) ? 'PROHIBITED' : j.verdict, survey_needed: redline.outcome === 'not_applicable' && layers.some((l) => l.key === 'redline' && l.distance_m < 400) },
    geometry: { kind: body.geometry.type === 'Point' ? 'point' : body.geometry.type === 'LineString' && !width ? 'line' : 'polygon', area_plane_m2: area, area_ellipsoid_m2: area ? area * 0.99993 : null, length_m: body.geometry.type === 'LineString' && !width ? lengthOf(body.geometry.coordinates) : null, crs: 'EPSG:4490' },
    units: units.map((u) => { const c = CLASSES.find((x) => x.class === u.class); return { code: u.code, name: u.name, class: u.class, class_name_zh: c.name_zh, class_name_en: c.name_en, size: area ? area * inside(u) : 0, share: inside(u), sliver: inside(u) < 0.04 }; }),
    tiled: j.points.every((p) => UNITS.some((u) => within(p, u.ring))), layers,
    rules: j.rules.filter((r) => r.outcome !== 'not_applicable').map((r) => ({ ...r, tree: undefined })).sort((a, b) => Number(b.deciding) - Number(a.deciding)), not_applicable: j.rules.filter((r) => r.outcome === 'not_applicable').length + 23,
    questions: [
      ...j.missing.map((name) => { const f = factOf(name); return { fact: name, question_zh: f.question_zh, question_en: f.question_en, who_zh: f.who_zh, kind: 'fact' }; }),
      ...j.rules.filter((r) => r.outcome === 'needs_judgement').map((r) => ({ fact: 'layout_fits', question_zh: `${r.question}？`, question_en: 'Does it fit the layout of industry and the energy targets?', who_zh: '市生态环境局', kind: 'judge' })),
    ],
    missing: j.missing, nearest, nearest_none: ['PROHIBITED', 'RESTRICTED_UNMET'].includes(j.verdict) && nearest.length === 0,
  };
}

const SYSTEMS = [['EPSG:4490', 'CGCS2000 经纬度', true], ['EPSG:4326', 'WGS 84 经纬度', true], ['GCJ-02', 'GCJ-02（高德、腾讯）', true], ['BD-09', 'BD-09（百度）', true], ['EPSG:4528', 'CGCS2000 3° 带 40 带', false]];
function reading(text, crs, Problem) {
  const numbers = [...text.matchAll(/(-?\d+(?:\.\d+)?)[\s,，]+(-?\d+(?:\.\d+)?)/g)].map((m) => degrees([Number(m[1]), Number(m[2])]));
  if (!numbers.length) throw new Problem(422, '没有读到坐标', 'No coordinates', '每行应为“经度,纬度”，或一段 WKT。', 'Give lon,lat a line, or WKT.');
  if (!crs) return { crs: { declared: null, candidates: SYSTEMS.map(([id, name_zh, inside_city]) => ({ crs: id, name_zh, inside_city })) }, features: [{ geometry: null, label: null, vertices: numbers.length }], findings: [], ...NOTICE };
  const line = /LINESTRING/i.test(text);
  const closed = numbers.length > 2 && numbers[0].join() !== numbers.at(-1).join() ? [...numbers, numbers[0]] : numbers;
  const geometry = numbers.length === 1 ? { type: 'Point', coordinates: numbers[0] } : line || numbers.length === 2 ? { type: 'LineString', coordinates: numbers } : { type: 'Polygon', coordinates: [closed] };
  return { crs: { declared: crs, candidates: [] }, features: [{ geometry, label: null, vertices: numbers.length }], findings: [], ...NOTICE };
}

/** Degrees for metres of the strip of 117°, near enough for a made-up map. */
const degrees = ([x, y]) => (Math.abs(x) <= 180 ? [x, y] : [117 + (x - 500_000) / 101_300, 24.5 + (y - 2_710_700) / 110_750]);
function collection(text, crs) {
  const file = JSON.parse(text);
  const declared = crs ?? file.crs?.properties?.name?.replace(/^urn:ogc:def:crs:EPSG::/, 'EPSG:') ?? null;
  const deep = (c) => (typeof c[0] === 'number' ? degrees(c) : c.map(deep));
  const count = (c) => (typeof c[0] === 'number' ? 1 : c.reduce((n, x) => n + count(x), 0));
  return { crs: { declared, candidates: declared ? [] : SYSTEMS.map(([id, name_zh, inside_city]) => ({ crs: id, name_zh, inside_city })) }, features: file.features.map((f) => ({ geometry: declared ? { ...f.geometry, coordinates: deep(f.geometry.coordinates) } : null, label: Object.values(f.properties)[1] ?? null, vertices: count(f.geometry.coordinates) })), findings: [], ...NOTICE };
}

const detail = (u) => {
  const c = CLASSES.find((x) => x.class === u.class);
  const area = areaOf(u.ring);
  return {
    code: u.code, name: u.name, class: u.class, class_name_zh: c.name_zh, class_name_en: c.name_en, district: u.district, area_plane_m2: area, area_ellipsoid_m2: area * 0.99993, extent: boxOf(u.ring),
    dimensions: [['spatial', '空间布局约束', 'Spatial layout', '禁止新建、扩建列入淘汰类的项目；新建工业项目应进入产业园区。（示例文字）'], ['emission', '污染物排放管控', 'Emissions', '新增主要污染物排放实行等量或倍量替代；加强城镇污水管网建设。（示例文字）'], ['risk', '环境风险防控', 'Environmental risk', '涉危险化学品的企业应编制应急预案并备案。（示例文字）'], ['resource', '资源开发效率要求', 'Resource use', '提高工业用水重复利用率；禁燃区内不得燃用高污染燃料。（示例文字）']].map(([id, name_zh, name_en, text]) => ({ id, name_zh, name_en, text })),
    ledger: [['COD', '36.40'], ['氨氮', '4.12'], ['VOCs', '18.75']].map(([pollutant, remaining]) => ({ pollutant, year: 2026, remaining, unit: 't/a', as_of: '2026-09-30' })), status: [{ fact: 'discharges_pollutants', value: true, as_of: '2026-09-30' }], conditions: 804, ...NOTICE,
  };
};

const nameOf = (layer, id) => (layer === 'units' ? UNITS.find((u) => u.code === id) : LAYERS.find((l) => l.key === layer)?.areas.find((a) => a.id === id))?.name ?? null;

export function zoning(method, path, q, body, { empty, visit, Problem }) {
  const missing = (what) => new Problem(404, '没有找到', 'Not found', `没有“${what}”。`, `There is no “${what}”.`);
  const editions = empty ? [] : EDITIONS;
  // Who may manage editions sees those that are not published, too.
  const listed = editions.filter((e) => e.state === 'published' || visit.may.includes('editions'));
  const kept = recordDoors(method, path, q, body, visit, { answer, editions, nameOf, Problem });
  if (kept !== undefined) return kept;
  let m;
  if (path === '/zoning/editions') return { current: editions[0]?.id ?? null, items: listed, cases: !empty, ...NOTICE, synthetic: !empty };
  if (path === '/zoning/industries') {
    const text = (q.get('q') ?? '').toLowerCase();
    return { items: INDUSTRIES.filter((i) => i.code.toLowerCase().startsWith(text) || i.name.includes(text) || i.initials.startsWith(text)).map((i) => ({ code: i.code, name: i.name, path: i.path })) };
  }
  if (path === '/zoning/readings' && method === 'POST') return q.get('name')?.endsWith('.geojson') ? collection(body.toString(), q.get('crs')) : reading(q.get('name') ? body.toString() : String(JSON.parse(body.toString()).text ?? ''), q.get('crs'), Problem);
  if (path === '/zoning/screen' && method === 'POST') return answer(JSON.parse(body.toString()));
  if (path === '/zoning/screen/trace' && method === 'POST') return { rules: judge(JSON.parse(body.toString())).rules.filter((r) => !q.get('rule') || r.id === q.get('rule')).map((r) => ({ id: r.id, tree: r.tree })) };
  if (path === '/zoning/compare') {
    const [a, b, c, d] = UNITS;
    return {
      units: [{ kind: 'split', from: [a.code], to: [a.code, `${a.code.slice(0, -3)}901`], area_m2: 1_284_300 }, { kind: 'merged', from: [b.code, c.code], to: [b.code], area_m2: 3_910_220 }, { kind: 'moved', from: [d.code], to: [d.code], area_m2: 214_800 }, ...UNITS.slice(5, 60).map((u) => ({ kind: 'same', from: [u.code], to: [u.code], area_m2: 0 }))],
      clauses: [{ id: 'R10', kind: 'changed', from_text: '新增 VOCs 排放实行等量替代，替代量不低于净增量的 1 倍。', to_text: '新增 VOCs 排放实行倍量替代，替代量不低于净增量的 2 倍。' }, { id: 'R21', kind: 'added', from_text: null, to_text: '严格控制在一般管控单元新上“两高”项目。' }],
      layers: [{ key: 'redline', from_area_m2: 285_400_000, to_area_m2: 291_130_000 }, { key: 'park', from_area_m2: 61_000_000, to_area_m2: 59_820_000 }], ...NOTICE,
    };
  }
  if (!(m = /^\/zoning\/editions\/([^/]+)\/(.+)$/.exec(path))) throw missing(path);
  if (!editions.some((e) => e.id === decodeURIComponent(m[1]))) throw missing(m[1]);
  const rest = m[2];
  if (rest === 'layers') return layerList;
  if (rest === 'facts') return { groups: FACTS, ...NOTICE };
  if (rest === 'identify') {
    const p = [Number(q.get('lon')), Number(q.get('lat'))];
    return { units: UNITS.filter((u) => within(p, u.ring)).map((u) => ({ code: u.code, name: u.name, class: u.class })), layers: LAYERS.map((l) => ({ key: l.key, title_zh: l.title_zh, title_en: l.title_en, features: l.areas.filter((a) => within(p, a.ring)).map((a) => ({ id: a.id, name: a.name })) })).filter((l) => l.features.length), ...NOTICE };
  }
  if (rest === 'search') {
    const text = (q.get('q') ?? '').toLowerCase();
    const units = UNITS.filter((u) => u.code.toLowerCase().includes(text) || u.name.includes(text)).map((u) => ({ kind: 'unit', layer: 'units', id: u.code, name: u.name, extent: boxOf(u.ring) }));
    const layers = LAYERS.filter((l) => l.title_zh.includes(text) || l.key.includes(text)).map((l) => ({ kind: 'layer', layer: l.key, id: l.key, name: l.title_zh, extent: null }));
    return { items: [...units.slice(0, 8), ...layers.slice(0, 6)] };
  }
  let n;
  if ((n = /^units\/([^/]+)(\/conditions)?$/.exec(rest))) {
    const u = UNITS.find((x) => x.code === n[1]) ?? (() => { throw missing(n[1]); })();
    if (!n[2]) return detail(u);
    const prefix = q.get('industry') || 'C';
    return { items: [1, 2, 3].map((k) => ({ id: `${u.code}-${k}`, industry_prefix: prefix.slice(0, 3), process: k === 2 ? '涂装' : null, kind: 'new', effect: ['prohibit', 'require', 'review'][k - 1], say: ['禁止新建使用溶剂型涂料的生产线（示例）', '新增 VOCs 排放实行倍量替代（示例）', '严格控制新增用水量大的工序（示例）'][k - 1], cite: '厦门市生态环境准入清单（示例）', file: 'tables/conditions.csv', line: 10 + k })), next: null, ...NOTICE };
  }
  if ((n = /^tiles\/([^/]+)\/(\d+)\/(\d+)\/(\d+)$/.exec(rest))) {
    const key = decodeURIComponent(n[1]);
    const covered = /^coverage:(.+)$/.exec(key)?.[1];
    const areas = covered ? [{ ring: blob(5, 118.1, 24.6, 0.16), properties: { id: covered, name: covered } }] : key === 'units' ? UNITS.map((u) => ({ ring: u.ring, properties: { id: u.code, name: u.name, class: u.class } })) : (LAYERS.find((l) => l.key === key)?.areas ?? (() => { throw missing(key); })()).map((a) => ({ ring: a.ring, properties: { id: a.id, name: a.name } }));
    const bytes = tile(key, areas, Number(n[2]), Number(n[3]), Number(n[4]));
    return bytes ? { bytes, type: 'application/vnd.mapbox-vector-tile' } : null;
  }
  throw missing(path);
}
