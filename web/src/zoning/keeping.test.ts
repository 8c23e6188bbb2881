import { afterEach, describe, expect, it, vi } from 'vitest';
import type { CaseRecord, ZoneLayer } from '../api/zoningTypes';
import { changeWords } from './caseWords';
import { coverageKey, withCoverage } from './coverage';
import { freshKey, keyKeeper } from './saveKey';
import { readPoint } from './siteCode';
import { askedBy, bodyOf, isDrawable } from './useCase';
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
    expect(askedBy(record)).toMatchObject({ edition: 'e1', asOf: '2026-01-02', site: record.request.geometry, outfall: record.request.outfall });
    const metres = { ...record, request: { ...record.request, crs: 'EPSG:4528' } };
    expect(isDrawable('EPSG:4528')).toBe(false);
    expect(askedBy(metres)).toMatchObject({ site: null, outfall: null, facts: { kind: 'new' } });
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
