// A kept case: its request and answer as they were stored.
import { computed, watch, type Ref } from 'vue';
import { getCase, readText } from '../api/zoning';
import type { CaseRecord, GivenGeometry, ScreenBody, SiteGeometry } from '../api/zoningTypes';
import { useLoader } from '../state/loader';
import { visitor } from '../state/visitor';
import { SITE_CRS } from './coordinateSystems';
import { wktOf } from './siteCode';
import type { Facts } from './zoningView';

/** Systems whose coordinates are degrees on the map; others were projected by whoever asked. */
const DEGREES = [SITE_CRS, 'EPSG:4326', 'OGC:CRS84', 'CRS84'];
export const isDrawable = (crs: string | null | undefined): boolean => DEGREES.includes(crs ?? '');

/** Site and outfall of a case in degrees; null where there is none or the server cannot carry it over. */
export interface Places { site: SiteGeometry | null; outfall: SiteGeometry | null }
export interface Asked extends Places { edition: string | null; asOf: string | null; corridor: number | null; facts: Facts }
const inDegrees = (shape: GivenGeometry | null | undefined): SiteGeometry | null => (shape && !('wkt' in shape) ? shape : null);

/** Where a case lies, when its own coordinates say so; null when they must be carried over. */
export function placesOf(record: CaseRecord): Places | null {
  const { crs, geometry, outfall } = record.request;
  if (!isDrawable(crs) || 'wkt' in geometry || (outfall && 'wkt' in outfall)) return null;
  return { site: inDegrees(geometry), outfall: inDegrees(outfall) };
}
/** The server carries a shape from its declared system to degrees, as it does with pasted text. */
async function carried(shape: GivenGeometry | null | undefined, crs: string | null | undefined, signal: AbortSignal): Promise<SiteGeometry | null> {
  const text = shape && wktOf(shape);
  if (!text || !crs) return null;
  const reading = await readText(text, crs, false, signal);
  return reading?.features[0]?.geometry ?? null;
}
export function askedBy(record: CaseRecord, places: Places | null): Asked {
  return { edition: record.edition, asOf: record.as_of, site: places?.site ?? null, outfall: places?.outfall ?? null, corridor: record.request.corridor_m ?? null, facts: record.request.facts };
}
/** The request of a case, pinned to the edition and day that it was answered by. */
export function bodyOf(record: CaseRecord): ScreenBody {
  const { crs, geometry, outfall, facts, corridor_m: width } = record.request;
  return { edition: record.edition, as_of: record.as_of, ...(crs ? { crs } : {}), geometry, ...(outfall ? { outfall } : {}), facts, ...(width == null ? {} : { corridor_m: width }) };
}

export function useCase(id: Ref<string | null>) {
  const loader = useLoader<CaseRecord>();
  const read = (keep: boolean) => {
    const wanted = id.value;
    if (wanted) void loader.load((signal) => getCase(wanted, signal), keep);
    else loader.clear();
  };
  watch([id, () => visitor.value.role], () => read(false), { immediate: true });
  const record = computed(() => (id.value ? loader.data.value : null));

  const carry = useLoader<Places>();
  watch(() => record.value?.id, () => {
    const now = record.value;
    if (!now || placesOf(now)) return carry.clear();
    const { crs, geometry, outfall } = now.request;
    void carry.load(async (signal) => ({ site: await carried(geometry, crs, signal), outfall: await carried(outfall, crs, signal) }), false);
  });
  const places = computed(() => record.value && (placesOf(record.value) ?? carry.data.value));
  return { record, places, placing: carry.loading, error: loader.error, read: () => read(true) };
}
