// Where a layer was surveyed, as a layer of its own: a grey hatch that hides nothing and belongs to no class of the city.
import type { ZoneLayer } from '../api/zoningTypes';

const COVERAGE = 'coverage:';
export const coverageKey = (key: string): string => COVERAGE + key;

/** The layers, each followed by its surveyed area where the server has tiles of it. */
export function withCoverage(layers: readonly ZoneLayer[], name: (title: string) => { zh: string; en: string }): ZoneLayer[] {
  return layers.flatMap((l) => {
    if (!l.coverage_tiles) return [l];
    const cover: ZoneLayer = {
      key: coverageKey(l.key), title_zh: name(l.title_zh).zh, title_en: name(l.title_en).en, kind: 'area', features: 0, complete: true, accuracy_m: null, source: l.source,
      style: { fill: 'rgba(255,255,255,0)', stroke: '#55656e', hatch: 'back_diagonal' },
    };
    return [l, cover];
  });
}
