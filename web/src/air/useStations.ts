// Stations of the present hour, and the marks that the map draws of them.
import { computed, watch, type Ref } from 'vue';
import { getStationsAt } from '../api/endpoints';
import type { LayerEntry, StationFeature } from '../api/types';
import { useLang } from '../i18n';
import type { Mark } from '../map/types';
import { city, inkOn, levelColor } from '../state/city';
import { useLoader } from '../state/loader';
import type { MapView } from '../state/mapView';
import { fromApi, toApi, type LocalHour } from '../time/beijing';
import { levelOfValue, printValue } from './values';

export interface StationRow {
  feature: StationFeature;
  id: string;
  name: string;
  value: number | null;
  level: number | null;
  text: string;
  simulated: boolean;
}

interface FrameRow { stations: string[]; level: (number | null)[]; value: (number | null)[] }

export function useStations(
  view: () => MapView,
  time: Ref<LocalHour | null>,
  frameRow: Ref<FrameRow | null>,
  playing: Ref<boolean>,
  layerOf: (kind: string) => LayerEntry | undefined,
  isOn: (layer: LayerEntry) => boolean,
) {
  const { pick } = useLang();
  const { data, error, loading, load } = useLoader<Awaited<ReturnType<typeof getStationsAt>>>();

  let delay = 0;
  const read = () => time.value && void load((signal) => getStationsAt(toApi(time.value as string), signal));
  watch(
    [time, playing],
    () => {
      window.clearTimeout(delay);
      if (!time.value || (playing.value && frameRow.value)) return;
      delay = window.setTimeout(read, data.value ? 150 : 0);
    },
    { immediate: true },
  );

  const rows = computed<StationRow[]>(() => {
    const what = view().what;
    const frame = frameRow.value;
    return (data.value?.features ?? []).map((feature) => {
      const p = feature.properties;
      let value: number | null = null;
      let level: number | null = null;
      if (fromApi(p.time) === time.value) {
        value = what === 'aqi' ? p.aqi : (p.values[what as keyof typeof p.values] ?? null);
        level = what === 'aqi' ? p.level : levelOfValue(city.legend?.pollutants, what, value);
      }
      const at = frame ? frame.stations.indexOf(p.station) : -1;
      if (frame && at >= 0) {
        value = frame.value[at] ?? null;
        level = frame.level[at] ?? null;
      }
      return {
        feature, id: p.station, name: pick(p, 'name'), value, level,
        text: printValue(city.legend?.pollutants, what, value),
        simulated: p.simulated || p.source === 'simulated',
      };
    });
  });

  const shown = computed(() =>
    rows.value.filter((row) => {
      const layer = layerOf(row.feature.properties.kind);
      if (layer && !isOn(layer)) return false;
      const levels = view().levels;
      return levels.length === 0 || (row.level !== null && levels.includes(row.level));
    }),
  );

  const marks = computed<Mark[]>(() =>
    shown.value.flatMap((row) => {
      // A station whose place is not known stands in the table and in the search alone.
      if (!row.feature.geometry) return [];
      const [lon, lat] = row.feature.geometry.coordinates;
      const color = levelColor(row.level);
      const layer = layerOf(row.feature.properties.kind);
      return {
        id: row.id, lon, lat, kind: row.feature.properties.kind, name: row.name, text: row.text || '—', color, ink: inkOn(color),
        simulated: row.simulated, opacity: (layer && view().opacity[layer.id]) ?? 1, selected: row.id === view().station,
      };
    }),
  );

  const synthetic = computed(() => data.value?.synthetic ?? rows.value.some((r) => r.simulated && r.value !== null));
  return { rows, shown, marks, synthetic, error, loading, loaded: computed(() => data.value !== null), read };
}
