// A site in the address: steps of a millionth of a degree (about 0.1 m), six bits a letter, letters that need no escape.
import type { GivenGeometry, Position, SiteGeometry } from '../api/zoningTypes';

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const UNIT = 1e6;

function writeNumber(n: number): string {
  let rest = n < 0 ? -2 * n - 1 : 2 * n;
  let text = '';
  while (rest >= 32) {
    text += LETTERS[32 + (rest % 32)];
    rest = Math.floor(rest / 32);
  }
  return text + LETTERS[rest];
}

function writeLine(points: Position[]): string {
  let [x, y] = [0, 0];
  return points
    .map(([lon, lat]) => {
      const [px, py] = [Math.round(lon * UNIT), Math.round(lat * UNIT)];
      const text = writeNumber(px - x) + writeNumber(py - y);
      [x, y] = [px, py];
      return text;
    })
    .join('');
}

function readLine(text: string): Position[] | null {
  const numbers: number[] = [];
  let value = 0;
  let place = 1;
  for (const letter of text) {
    const bits = LETTERS.indexOf(letter);
    if (bits < 0) return null;
    value += (bits % 32) * place;
    if (bits >= 32) {
      place *= 32;
    } else {
      numbers.push(value % 2 ? -(value + 1) / 2 : value / 2);
      value = 0;
      place = 1;
    }
  }
  if (place !== 1 || numbers.length % 2) return null;
  const points: Position[] = [];
  let [x, y] = [0, 0];
  for (let i = 0; i < numbers.length; i += 2) {
    x += numbers[i] ?? 0;
    y += numbers[i + 1] ?? 0;
    if (Math.abs(x) > 180 * UNIT || Math.abs(y) > 90 * UNIT) return null;
    points.push([x / UNIT, y / UNIT]);
  }
  return points;
}

/** `P.` point, `L.` line, `A.` polygon with rings after `.`, `M.` polygons after `~`. */
export function writeSite(site: SiteGeometry): string {
  const rings = (polygon: Position[][]) => polygon.map((ring) => writeLine(ring.slice(0, -1))).join('.');
  switch (site.type) {
    case 'Point': return `P.${writeLine([site.coordinates])}`;
    case 'LineString': return `L.${writeLine(site.coordinates)}`;
    case 'Polygon': return `A.${rings(site.coordinates)}`;
    case 'MultiPolygon': return `M.${site.coordinates.map(rings).join('~')}`;
  }
}

function readPolygon(text: string): Position[][] | null {
  const rings: Position[][] = [];
  for (const part of text.split('.')) {
    const ring = readLine(part);
    const first = ring?.[0];
    if (!ring || !first || ring.length < 3) return null;
    rings.push([...ring, first]);
  }
  return rings;
}

/** The site of an address; null when the text is none. */
export function readSite(text: string | undefined): SiteGeometry | null {
  const [, kind, rest] = /^([PLAM])\.(.+)$/.exec(text ?? '') ?? [];
  if (!kind || !rest) return null;
  if (kind === 'A') {
    const coordinates = readPolygon(rest);
    return coordinates && { type: 'Polygon', coordinates };
  }
  if (kind === 'M') {
    const coordinates = rest.split('~').map(readPolygon);
    return coordinates.every((p) => p !== null) ? { type: 'MultiPolygon', coordinates } : null;
  }
  const points = readLine(rest);
  const first = points?.[0];
  if (!points || !first) return null;
  if (kind === 'P') return { type: 'Point', coordinates: first };
  return points.length >= 2 ? { type: 'LineString', coordinates: points } : null;
}

/** Corners of a site, without the closing corner of a ring. */
export function cornersOf(site: SiteGeometry): number {
  switch (site.type) {
    case 'Point': return 1;
    case 'LineString': return site.coordinates.length;
    case 'Polygon': return site.coordinates.reduce((n, ring) => n + ring.length - 1, 0);
    case 'MultiPolygon': return site.coordinates.flat().reduce((n, ring) => n + ring.length - 1, 0);
  }
}

/** A place that somebody typed as longitude and latitude in degrees; null when it is none. */
export function readPoint(text: string): Position | null {
  const parts = text.trim().split(/\s*[,，;；\s]\s*/);
  const [lon, lat] = parts.map(Number) as [number, number];
  return parts.length === 2 && parts.every((p) => p !== '') && Math.abs(lon) <= 180 && Math.abs(lat) <= 90 ? [lon, lat] : null;
}

/** Widest corridor that the server takes for one, in metres. */
export const WIDTH_MAX_M = 2000;
/** A width that somebody typed in metres; null when it is none. */
export function readWidth(text: string): number | null {
  const digits = text.trim().replace(/\s*(?:m|米)$/i, '');
  const width = Number(digits);
  return digits !== '' && width > 0 && width <= WIDTH_MAX_M ? width : null;
}

/** Any shape as well-known text, with its numbers as they stand; null when it is of no kind that we write. */
export function wktOf(shape: GivenGeometry): string | null {
  if ('wkt' in shape) return shape.wkt;
  const line = (points: Position[]) => `(${points.map((p) => `${p[0]} ${p[1]}`).join(',')})`;
  const rings = (polygon: Position[][]) => `(${polygon.map(line).join(',')})`;
  switch (shape.type) {
    case 'Point': return `POINT${line([shape.coordinates])}`;
    case 'LineString': return `LINESTRING${line(shape.coordinates)}`;
    case 'Polygon': return `POLYGON${rings(shape.coordinates)}`;
    case 'MultiPolygon': return `MULTIPOLYGON(${shape.coordinates.map(rings).join(',')})`;
    default: return null;
  }
}
