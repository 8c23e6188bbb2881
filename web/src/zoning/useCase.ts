// A kept case: its request and answer as they were stored.
import { computed, watch, type Ref } from 'vue';
import { getCase } from '../api/zoning';
import type { CaseRecord, ScreenBody, SiteGeometry } from '../api/zoningTypes';
import { useLoader } from '../state/loader';
import { visitor } from '../state/visitor';
import { SITE_CRS } from './coordinateSystems';
import type { Facts } from './zoningView';

/** Systems whose coordinates are degrees on the map; others were projected by whoever asked. */
const DEGREES = [SITE_CRS, 'EPSG:4326', 'OGC:CRS84', 'CRS84'];
export const isDrawable = (crs: string): boolean => DEGREES.includes(crs);

export interface Asked { edition: string | null; asOf: string | null; site: SiteGeometry | null; outfall: SiteGeometry | null; facts: Facts }
export function askedBy(record: CaseRecord): Asked {
  const drawn = isDrawable(record.request.crs);
  return { edition: record.edition, asOf: record.as_of, site: drawn ? record.request.geometry : null, outfall: drawn ? (record.request.outfall ?? null) : null, facts: record.request.facts };
}
/** The request of a case, pinned to the edition and day that it was answered by. */
export function bodyOf(record: CaseRecord): ScreenBody {
  const { crs, geometry, outfall, facts } = record.request;
  return { edition: record.edition, as_of: record.as_of, crs, geometry, ...(outfall ? { outfall } : {}), facts };
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
  return { record, error: loader.error, read: () => read(true) };
}
