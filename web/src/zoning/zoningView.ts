// What the zoning page keeps in its address: the whole of a screening, so that a sent link shows the same verdict.
import type { FactValue, SiteGeometry } from '../api/zoningTypes';
import type { QueryPatch } from '../state/query';
import type { Extent } from '../map/types';
import { readSite, readWidth, writeSite } from './siteCode';

export type Panel = 'site' | 'place' | 'compare';
/** `record`: what is kept of a case. */
export type Part = 'ask' | 'why' | 'record';
/** A fact that somebody answered with "I do not know": said, and different from not yet asked. */
export const UNKNOWN = Symbol('unknown');
export type Facts = Record<string, FactValue | typeof UNKNOWN>;

export interface ZoningView {
  /** A kept case that is shown instead of a live screening. */
  caseId: string | null;
  edition: string | null;
  asOf: string | null;
  site: SiteGeometry | null;
  /** Second site of a comparison. */
  other: SiteGeometry | null;
  outfall: Extract<SiteGeometry, { type: 'Point' }> | null;
  /** Metres that a line takes in all. */
  corridor: number | null;
  facts: Facts;
  layers: string[] | null;
  opacity: Record<string, number>;
  extent: Extent | null;
  unit: string | null;
  spot: [number, number] | null;
  panel: Panel;
  /** Null: as the page sees fit. */
  part: Part | null;
  compare: 'editions' | 'sites' | null;
  from: string | null;
  to: string | null;
  search: string;
  /** Left column and right panel: null means as the screen has room. */
  tree: boolean | null;
  sheet: boolean | null;
}

const FACT = 'f.';
const number = (text: string | undefined): number => (text === undefined || text === '' ? Number.NaN : Number(text));
const flag = (text: string | undefined): boolean | null => (text === '1' ? true : text === '0' ? false : null);
const fixed = (n: number, digits: number) => String(Number(n.toFixed(digits)));
const isDay = (text: string | undefined) => /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/.test(text ?? '');

function readFact(text: string): Facts[string] {
  if (text === '~') return UNKNOWN;
  if (!/^(true|false|-?\d|[[{"])/.test(text)) return text;
  try {
    return JSON.parse(text) as FactValue;
  } catch {
    return text;
  }
}
function writeFact(value: Facts[string]): string {
  if (value === UNKNOWN) return '~';
  if (typeof value !== 'string') return JSON.stringify(value);
  return readFact(value) === value ? value : JSON.stringify(value);
}

export function readZoningView(query: Record<string, string>): ZoningView {
  const [lon, lat, zoom] = [number(query.x), number(query.y), number(query.z)];
  const [px, py] = (query.pt ?? '').split(',').map(Number) as [number, number];
  const outfall = readSite(query.out);
  const facts: Facts = {};
  for (const [key, text] of Object.entries(query)) if (key.startsWith(FACT) && key.length > 2) facts[key.slice(2)] = readFact(text);
  const opacity: Record<string, number> = {};
  for (const part of (query.op ?? '').split(',')) {
    const at = part.lastIndexOf(':');
    const n = number(part.slice(at + 1));
    if (at > 0 && n >= 0 && n <= 1) opacity[part.slice(0, at)] = n;
  }
  return {
    caseId: query.case || null,
    edition: query.ed || null,
    asOf: isDay(query.at) ? (query.at as string) : null,
    site: readSite(query.site),
    other: readSite(query.site2),
    outfall: outfall?.type === 'Point' ? outfall : null,
    corridor: readWidth(query.cw ?? ''),
    facts,
    layers: query.layers === undefined ? null : query.layers === 'none' ? [] : query.layers.split(',').filter(Boolean),
    opacity,
    extent: Math.abs(lon) <= 180 && Math.abs(lat) <= 85 && zoom >= 1 && zoom <= 20 ? { lon, lat, zoom } : null,
    unit: query.unit || null,
    spot: query.pt && Math.abs(px) <= 180 && Math.abs(py) <= 90 ? [px, py] : null,
    panel: query.tab === 'place' || query.tab === 'compare' ? query.tab : 'site',
    part: query.part === 'why' || query.part === 'ask' || query.part === 'record' ? query.part : null,
    compare: query.cmp === 'sites' || query.cmp === 'editions' ? query.cmp : null,
    from: query.from || null,
    to: query.to || null,
    search: query.q ?? '',
    tree: flag(query.p),
    sheet: flag(query.sh),
  };
}

export function writeZoningView(change: Partial<ZoningView>, now: Facts = {}): QueryPatch {
  const patch: QueryPatch = {};
  const has = (key: keyof ZoningView): boolean => key in change;
  if (has('caseId')) patch.case = change.caseId;
  if (has('edition')) patch.ed = change.edition;
  if (has('asOf')) patch.at = change.asOf;
  if (has('site')) patch.site = change.site ? writeSite(change.site) : null;
  if (has('other')) patch.site2 = change.other ? writeSite(change.other) : null;
  if (has('outfall')) patch.out = change.outfall ? writeSite(change.outfall) : null;
  if (has('corridor')) patch.cw = change.corridor == null ? null : String(change.corridor);
  if (has('facts')) {
    for (const name of Object.keys(now)) patch[FACT + name] = null;
    for (const [name, value] of Object.entries(change.facts ?? {})) patch[FACT + name] = writeFact(value);
  }
  if (has('layers')) patch.layers = change.layers == null ? null : change.layers.length ? change.layers.join(',') : 'none';
  if (has('opacity')) patch.op = Object.entries(change.opacity ?? {}).filter(([, v]) => v !== 1).map(([id, v]) => `${id}:${fixed(v, 2)}`).join(',');
  if (has('extent')) {
    patch.x = change.extent ? fixed(change.extent.lon, 4) : null;
    patch.y = change.extent ? fixed(change.extent.lat, 4) : null;
    patch.z = change.extent ? fixed(change.extent.zoom, 2) : null;
  }
  if (has('unit')) patch.unit = change.unit;
  if (has('spot')) patch.pt = change.spot ? change.spot.map((n) => fixed(n, 6)).join(',') : null;
  if (has('panel')) patch.tab = change.panel === 'site' ? null : change.panel;
  if (has('part')) patch.part = change.part;
  if (has('compare')) patch.cmp = change.compare;
  if (has('from')) patch.from = change.from;
  if (has('to')) patch.to = change.to;
  if (has('search')) patch.q = change.search;
  if (has('tree')) patch.p = change.tree == null ? null : change.tree ? '1' : '0';
  if (has('sheet')) patch.sh = change.sheet == null ? null : change.sheet ? '1' : '0';
  return patch;
}

/** Facts as a screening is asked: what nobody knows is left out, and the rules then say what is missing. */
export const knownFacts = (facts: Facts): Record<string, FactValue> =>
  Object.fromEntries(Object.entries(facts).filter(([, v]) => v !== UNKNOWN)) as Record<string, FactValue>;
