import { afterEach, describe, expect, it, vi } from 'vitest';
import type { CaseRecord, FollowUp, SiteGeometry, ZoneLayer } from '../api/zoningTypes';
import { changeWords } from './caseWords';
import { coverageKey, withCoverage } from './coverage';
import { freshKey, keyKeeper } from './saveKey';
import { indicatorsWith, measuredIn, numbersFault, numbersIn, ofUnits, saidIn, yearsTo } from './followUps';
import { readPoint, readWidth, wktOf } from './siteCode';
import { askedBy, bodyOf, isDrawable, placesOf } from './useCase';
import { bodyAt } from './useScreening';
import { loginOf, whoOf } from './who';
import { readZoningView, writeZoningView } from './zoningView';

afterEach(() => vi.unstubAllGlobals());
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe('the key of a save', () => {
  it('stays while the thing stays, and changes with it', () => {
    const keyOf = keyKeeper();
    const first = keyOf('a');
    expect(keyOf('a')).toBe(first);
    const second = keyOf('b');
    expect(second).not.toBe(first);
    // What was saved under the first key and changed back is a new wish.
    expect(keyOf('a')).not.toBe(first);
  });
  it('is a random UUID, also without a secure context', () => {
    expect(freshKey()).toMatch(UUID);
    vi.stubGlobal('crypto', { getRandomValues: (bytes: Uint8Array) => bytes.fill(255) });
    expect(freshKey()).toBe('ffffffff-ffff-4fff-bfff-ffffffffffff');
  });
});

describe('a kept case', () => {
  const record = {
    edition: 'e1', as_of: '2026-01-02',
    request: { title: 't', crs: 'EPSG:4490', geometry: { type: 'Point', coordinates: [118.1, 24.5] }, outfall: { type: 'Point', coordinates: [118.2, 24.5] }, facts: { kind: 'new' } },
  } as unknown as CaseRecord;
  it('asks again by its own edition and day, whatever is current', () => {
    expect(bodyOf(record)).toEqual({ edition: 'e1', as_of: '2026-01-02', crs: 'EPSG:4490', geometry: record.request.geometry, outfall: record.request.outfall, facts: { kind: 'new' } });
    expect('outfall' in bodyOf({ ...record, request: { ...record.request, outfall: null } })).toBe(false);
  });
  it('is drawn only when its coordinates are degrees', () => {
    expect(askedBy(record, placesOf(record))).toMatchObject({ edition: 'e1', asOf: '2026-01-02', site: record.request.geometry, outfall: record.request.outfall });
    const metres = { ...record, request: { ...record.request, crs: 'EPSG:4528' } };
    expect(isDrawable('EPSG:4528')).toBe(false);
    expect(placesOf(metres)).toBeNull();
    expect(askedBy(metres, null)).toMatchObject({ site: null, outfall: null, facts: { kind: 'new' } });
    expect(askedBy(metres, { site: record.request.geometry as SiteGeometry, outfall: null })).toMatchObject({ site: record.request.geometry });
    expect(placesOf({ ...record, request: { ...record.request, geometry: { wkt: 'POINT(118 24)' } } })).toBeNull();
  });
  it('keeps the width of a line', () => {
    const wide = { ...record, request: { ...record.request, corridor_m: 30 } };
    expect(bodyOf(wide).corridor_m).toBe(30);
    expect(askedBy(wide, null).corridor).toBe(30);
    expect('corridor_m' in bodyOf(record)).toBe(false);
  });
  it('is carried over as well-known text', () => {
    expect(wktOf({ type: 'Point', coordinates: [500000.5, 2710000] })).toBe('POINT(500000.5 2710000)');
    expect(wktOf({ type: 'LineString', coordinates: [[1, 2], [3, 4]] })).toBe('LINESTRING(1 2,3 4)');
    expect(wktOf({ type: 'MultiPolygon', coordinates: [[[[0, 0], [1, 0], [1, 1], [0, 0]]]] })).toBe('MULTIPOLYGON(((0 0,1 0,1 1,0 0)))');
    expect(wktOf({ wkt: 'POINT(1 2)' })).toBe('POINT(1 2)');
  });
});

describe('sides of a change', () => {
  const known = (word: string) => (word === 'ALLOWED' ? '允许' : null);
  it('reads words, numbers, lists and nothing', () => {
    expect(changeWords('ALLOWED', known, 'zh-CN')).toBe('允许');
    expect(changeWords('other', known, 'zh-CN')).toBe('other');
    expect(changeWords(1234.56789, known, 'en')).toBe('1,234.568');
    expect(changeWords(['a', 'ALLOWED'], known, 'zh-CN')).toBe('a、允许');
    for (const none of [null, undefined, '', []]) expect(changeWords(none, known, 'en')).toBe('—');
  });
});

describe('a typed place', () => {
  it('is longitude and latitude', () => {
    for (const text of ['118.1, 24.5', '118.1，24.5', ' 118.1 24.5 ', '118.1; 24.5']) expect(readPoint(text), text).toEqual([118.1, 24.5]);
  });
  it('is nothing otherwise', () => {
    for (const text of ['', '118.1', '118.1,', '24.5N 118.1E', '118.1,24.5,3', '400,24', '118,91']) expect(readPoint(text), text).toBeNull();
  });
});

describe('a width', () => {
  it('is metres above nothing and not of a city', () => {
    for (const [text, width] of [['30', 30], [' 12.5 米', 12.5], ['8m', 8], ['2000', 2000]] as const) expect(readWidth(text), text).toBe(width);
    for (const text of ['', '0', '-3', '2001', 'wide', '米', '3,5']) expect(readWidth(text), text).toBeNull();
  });
  it('stands in the address and goes with lines alone', () => {
    expect(writeZoningView({ corridor: 12.5 })).toEqual({ cw: '12.5' });
    expect(readZoningView({ cw: '12.5' }).corridor).toBe(12.5);
    const line: SiteGeometry = { type: 'LineString', coordinates: [[118, 24], [118.1, 24]] };
    const body = { geometry: line, facts: {}, corridor_m: 30 };
    expect(bodyAt(body, line)).toEqual(body);
    expect(bodyAt(body, { type: 'Point', coordinates: [118, 24] })).toEqual({ geometry: { type: 'Point', coordinates: [118, 24] }, facts: {} });
  });
});

describe('yearly evaluations', () => {
  const one = (unit: string, year: number, indicators = {}): FollowUp => ({ unit, year, revision: 1, indicators, unit_name: null, at: '', by: '', by_name: null });
  it('are those of the units of a case, newest first', () => {
    expect(ofUnits([one('b', 2025), one('c', 2026), one('a', 2025), one('b', 2026)], ['a', 'b']).map((f) => f.unit + f.year)).toEqual(['b2026', 'a2025', 'b2025']);
    expect(yearsTo('2026-01-01')).toEqual([2026, 2025, 2024, 2023, 2022]);
  });
  it('keep measured indicators when the words are corrected', () => {
    const before = one('a', 2026, { '评价': '旧', pm25: 21 });
    expect(indicatorsWith(before, '新')).toEqual({ '评价': '新', pm25: 21 });
    expect(saidIn(before)).toBe('旧');
    expect(measuredIn(before)).toEqual([['pm25', '21']]);
    expect(saidIn(undefined)).toBe('');
  });
  it('take numbers under names, and nothing else in their place', () => {
    const row = (name: string, value: string) => ({ name, value });
    expect(numbersFault([row('PM2.5', '21.5'), row('', ''), row('下降', '-3')])).toBe(null);
    expect(numbersFault([row('', '1')])).toBe('needName');
    expect(numbersFault([row('评价', '1')])).toBe('needName');
    for (const value of ['', '约 21', '1e3', '0x10', '1,5', 'Infinity']) expect(numbersFault([row('a', value)])).toBe('needNumber');
    expect(numbersFault([row('a', '1'), row(' a ', '2')])).toBe('nameTwice');
    const before = one('a', 2026, { '评价': '旧', pm25: 21, so2: 4, '达标': true });
    expect(numbersIn(before)).toEqual([row('pm25', '21'), row('so2', '4')]);
    expect(indicatorsWith(before, '新', [row('pm25', '20.5'), row('', '')])).toEqual({ '评价': '新', pm25: 20.5, '达标': true });
    expect(indicatorsWith(undefined, '', [row('pm25', '20')])).toEqual({ pm25: 20 });
  });
  it('show only the years that were asked for', () => expect(ofUnits([one('a', 2019), one('a', 2026)], ['a'], [2026]).map((f) => f.year)).toEqual([2026]));
});

describe('who did something', () => {
  it('has a name, and a login behind it', () => {
    expect([whoOf({ by: 'lin', by_name: '林青' }), loginOf({ by: 'lin', by_name: '林青' })]).toEqual(['林青', 'lin']);
    expect([whoOf({ by: 'console', by_name: null }), loginOf({ by: 'console', by_name: null })]).toEqual(['console', undefined]);
  });
});

describe('surveyed areas', () => {
  const layer = (key: string, coverage_tiles?: boolean) => ({ key, title_zh: key, title_en: key, coverage_tiles }) as unknown as ZoneLayer;
  it('follow the layers that have tiles of them', () => {
    const list = withCoverage([layer('a'), layer('b', true), layer('c', false)], (title) => ({ zh: `${title}范围`, en: `${title} cover` }));
    expect(list.map((l) => l.key)).toEqual(['a', 'b', coverageKey('b'), 'c']);
    expect(list[2]).toMatchObject({ kind: 'area', title_zh: 'b范围', title_en: 'b cover' });
  });
});

describe('a case in the address', () => {
  it('leaves the part of the panel to the page until somebody chooses', () => {
    expect(readZoningView({ case: 'x' })).toMatchObject({ caseId: 'x', part: null });
    expect(readZoningView({ case: 'x', part: 'record' }).part).toBe('record');
    expect(writeZoningView({ caseId: null, part: null })).toEqual({ case: null, part: null });
  });
  it('takes no line for an outfall', () => expect(readZoningView({ out: 'L.AAAAAA' }).outfall).toBeNull());
});
