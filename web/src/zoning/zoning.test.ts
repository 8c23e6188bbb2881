import { describe, expect, it } from 'vitest';
import type { SiteGeometry } from '../api/zoningTypes';
import { cornersOf, readSite, writeSite } from './siteCode';
import { VERDICTS } from './verdicts';
import { knownFacts, readZoningView, UNKNOWN, writeZoningView, type ZoningView } from './zoningView';

const square: SiteGeometry = { type: 'Polygon', coordinates: [[[118.1, 24.5], [118.11, 24.5], [118.11, 24.51], [118.1, 24.51], [118.1, 24.5]]] };
const query = (view: Partial<ZoningView>): Record<string, string> =>
  Object.fromEntries(Object.entries(writeZoningView(view)).filter(([, v]) => v != null && v !== '')) as Record<string, string>;

describe('site in the address', () => {
  const sites: SiteGeometry[] = [
    { type: 'Point', coordinates: [118.089427, 24.479834] },
    { type: 'Point', coordinates: [-0.000001, -33.5] },
    { type: 'LineString', coordinates: [[118, 24], [118.5, 24.25], [117.999999, 24.000001]] },
    square,
    { type: 'Polygon', coordinates: [...square.coordinates, [[118.102, 24.502], [118.104, 24.502], [118.104, 24.504], [118.102, 24.502]]] },
    { type: 'MultiPolygon', coordinates: [square.coordinates, [[[118.2, 24.5], [118.21, 24.5], [118.21, 24.51], [118.2, 24.5]]]] },
  ];
  it('comes back as it was written', () => {
    for (const site of sites) expect(readSite(writeSite(site))).toEqual(site);
  });
  it('is short and needs no escape', () => {
    const text = writeSite(square);
    expect(text.length).toBeLessThan(45);
    expect(encodeURIComponent(text)).toBe(text);
  });
  it('is nothing when the text is damaged', () => {
    for (const text of [undefined, '', 'A.', 'A.AA', 'Q.AAAA', 'P.%', 'P.________________', 'L.AA', writeSite(square).slice(0, -1)]) expect(readSite(text), text).toBeNull();
  });
  it('counts corners once', () => expect(sites.map(cornersOf)).toEqual([1, 1, 3, 4, 7, 7]));
});

describe('zoning view in the address', () => {
  it('comes back as it was written', () => {
    const view: ZoningView = {
      caseId: '0191-ab', outfall: { type: 'Point', coordinates: [118.11, 24.5] }, compare: 'sites', corridor: 30, edition: 'xm-2', asOf: '2026-08-15', site: square, other: { type: 'Point', coordinates: [118.2, 24.6] },
      facts: { kind: 'new', industry: 'C2641', delta_voc_t: 2.5, new_outfall: false, boilers: [{ fuel: 'coal', t_h: 20 }], two_high: UNKNOWN, code: '007', note: 'true' },
      layers: ['units', 'redline'], opacity: { 'coverage:redline': 0.4 }, extent: { lon: 118.1, lat: 24.48, zoom: 12.5 }, unit: 'ZH35020610001', spot: [118.1, 24.5],
      panel: 'place', part: 'why', from: 'a', to: 'b', search: '湖里', tree: false, sheet: true,
    };
    expect(readZoningView(query(view))).toEqual(view);
  });
  it('keeps a plain view out of the address', () => expect(query({ ...readZoningView({}) })).toEqual({}));
  it('removes facts that are gone', () => expect(writeZoningView({ facts: { a: 1 } }, { a: 2, b: 3 })).toEqual({ 'f.a': '1', 'f.b': null }));
  it('drops what cannot be meant', () => {
    expect(readZoningView({ at: '2026-13-01', x: '999', y: 'a', z: '4', site: 'zz', tab: 'nothing', pt: 'a,b' })).toMatchObject({ asOf: null, extent: null, site: null, panel: 'site', spot: null });
  });
  it('asks with known facts alone', () => expect(knownFacts({ a: 1, b: UNKNOWN, c: false })).toEqual({ a: 1, c: false }));
});

describe('the six verdicts', () => {
  const rows = Object.values(VERDICTS);
  it('differ in shape and in word, not in colour alone', () => {
    expect(rows).toHaveLength(6);
    expect(new Set(rows.map((v) => v.path)).size).toBe(6);
    expect(new Set(rows.map((v) => v.color)).size).toBe(6);
  });
});
