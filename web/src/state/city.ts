// What every page needs to know once: the city, its data period, its legend, and who is looking.
import { reactive, readonly } from 'vue';
import { getLegend, getMeta } from '../api/endpoints';
import type { Legend, LegendItem, Meta } from '../api/types';

const state = reactive<{ meta: Meta | null; legend: Legend | null; error: unknown; loading: boolean }>({
  meta: null,
  legend: null,
  error: null,
  loading: false,
});

export const city = readonly(state);

export async function loadCity(): Promise<void> {
  state.loading = true;
  state.error = null;
  try {
    const [meta, legend] = await Promise.all([getMeta(), getLegend()]);
    state.meta = meta;
    state.legend = legend;
  } catch (error) {
    state.error = error;
  } finally {
    state.loading = false;
  }
}

/** Reads the counts and the period again, after an import or a change of user. */
export async function refreshMeta(): Promise<void> {
  state.meta = await getMeta();
}

export const legendItem = (level: number | null | undefined): LegendItem | undefined =>
  level == null ? undefined : (state.legend?.items.find((item) => item.level === level) as LegendItem | undefined);
export const levelColor = (level: number | null | undefined): string | null => legendItem(level)?.color ?? null;

/** Black or white, whichever reads better on an official colour (the standard's yellow needs black). */
export function inkOn(color: string | null | undefined): string {
  const hex = /^#([0-9a-f]{6})$/i.exec(color ?? '')?.[1];
  if (!hex) return '#1d2b33';
  const channel = (at: number) => {
    const c = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  };
  const light = 0.2126 * channel(0) + 0.7152 * channel(2) + 0.0722 * channel(4);
  return (light + 0.05) / 0.05 >= 1.05 / (light + 0.05) ? '#000000' : '#ffffff';
}
