// What the map page keeps in its address, as pure functions so that tests can walk the round trip.
import { isLocalHour, type LocalHour } from '../time/beijing';
import type { QueryPatch } from './query';

export interface MapView {
  /** 'latest', an absolute hour, or null for the city's default hour. */
  time: LocalHour | 'latest' | null;
  what: string;
  station: string | null;
  tab: string;
  /** Layers that are on; null means as the server declares. */
  layers: string[] | null;
  opacity: Record<string, number>;
  /** Categories shown; empty means all. */
  levels: number[];
  extent: { lon: number; lat: number; zoom: number } | null;
  span: number;
  month: string | null;
  year: number | null;
  parameter: string;
  search: string;
  panel: boolean | null;
  legend: boolean | null;
  table: boolean;
}

const number = (text: string | undefined): number => (text === undefined || text === '' ? Number.NaN : Number(text));
const flag = (text: string | undefined): boolean | null => (text === '1' ? true : text === '0' ? false : null);
const fixed = (n: number, digits: number) => String(Number(n.toFixed(digits)));

export const SPANS = [1, 3, 7] as const;

export function readMapView(query: Record<string, string>): MapView {
  const lon = number(query.x);
  const lat = number(query.y);
  const zoom = number(query.z);
  const opacity: Record<string, number> = {};
  for (const part of (query.op ?? '').split(',')) {
    const [id, value] = part.split(':');
    const n = number(value);
    if (id && n >= 0 && n <= 1) opacity[id] = n;
  }
  const time = query.t === 'latest' ? 'latest' : isLocalHour(query.t ?? '') ? (query.t as string) : null;
  const year = number(query.yr);
  return {
    time,
    what: query.what || 'aqi',
    station: query.st || null,
    tab: query.tab || 'now',
    layers: query.layers === undefined ? null : query.layers === 'none' ? [] : query.layers.split(',').filter(Boolean),
    opacity,
    levels: (query.lv ?? '').split(',').map(Number).filter((n) => Number.isInteger(n) && n >= 1 && n <= 6),
    extent: Math.abs(lon) <= 180 && Math.abs(lat) <= 85 && zoom >= 1 && zoom <= 20 ? { lon, lat, zoom } : null,
    span: (SPANS as readonly number[]).includes(number(query.w)) ? number(query.w) : 3,
    month: /^\d{4}-(0[1-9]|1[0-2])$/.test(query.m ?? '') ? (query.m as string) : null,
    year: Number.isInteger(year) ? year : null,
    parameter: query.par || 'PM2_5',
    search: query.q ?? '',
    panel: flag(query.p),
    legend: flag(query.lg),
    table: query.view === 'table',
  };
}

export function writeMapView(change: Partial<MapView>): QueryPatch {
  const patch: QueryPatch = {};
  const has = <K extends keyof MapView>(key: K): boolean => key in change;
  if (has('time')) patch.t = change.time;
  if (has('what')) patch.what = change.what === 'aqi' ? null : change.what;
  if (has('station')) patch.st = change.station;
  if (has('tab')) patch.tab = change.tab === 'now' ? null : change.tab;
  if (has('layers')) patch.layers = change.layers == null ? null : change.layers.length ? change.layers.join(',') : 'none';
  if (has('opacity')) {
    patch.op = Object.entries(change.opacity ?? {}).filter(([, v]) => v !== 1).map(([id, v]) => `${id}:${fixed(v, 2)}`).join(',');
  }
  if (has('levels')) patch.lv = (change.levels ?? []).join(',');
  if (has('extent')) {
    patch.x = change.extent ? fixed(change.extent.lon, 4) : null;
    patch.y = change.extent ? fixed(change.extent.lat, 4) : null;
    patch.z = change.extent ? fixed(change.extent.zoom, 2) : null;
  }
  if (has('span')) patch.w = change.span === 3 ? null : String(change.span);
  if (has('month')) patch.m = change.month;
  if (has('year')) patch.yr = change.year == null ? null : String(change.year);
  if (has('parameter')) patch.par = change.parameter === 'PM2_5' ? null : change.parameter;
  if (has('search')) patch.q = change.search;
  if (has('panel')) patch.p = change.panel == null ? null : change.panel ? '1' : '0';
  if (has('legend')) patch.lg = change.legend == null ? null : change.legend ? '1' : '0';
  if (has('table')) patch.view = change.table ? 'table' : null;
  return patch;
}
