// The hour on show, the window that the slider spans, and the frames that make playing smooth.
import { computed, onBeforeUnmount, ref, shallowReactive, watch } from 'vue';
import { isAbort } from '../api/client';
import { getFrames } from '../api/endpoints';
import type { Frames } from '../api/types';
import { city } from '../state/city';
import type { MapView } from '../state/mapView';
import { addHours, clampHour, dayOf, fromApi, hoursBetween, toApi, type LocalHour } from '../time/beijing';

const STEP_MS = 700;
const KEPT_WINDOWS = 8;

export interface HourWindow { from: LocalHour; to: LocalHour }

/** Whole days in fixed blocks, so that stepping inside a block never moves the slider's ends. */
export function windowOf(time: LocalHour, days: number): HourWindow {
  const dayNumber = hoursBetween('2000-01-01T00:00', `${dayOf(time).date}T00:00`) / 24;
  const start = addHours('2000-01-01T00:00', Math.floor(dayNumber / days) * days * 24);
  return { from: addHours(start, 1), to: addHours(start, days * 24) };
}

export function useTimeline(view: () => MapView, change: (patch: Partial<MapView>, push?: boolean) => void) {
  const bounds = computed(() => {
    const t = city.meta?.time;
    if (!t?.first || !t.last) return null;
    const last = fromApi(t.last);
    return { first: fromApi(t.first), last, start: t.default ? fromApi(t.default) : last };
  });
  const time = computed<LocalHour | null>(() => {
    const b = bounds.value;
    if (!b) return null;
    const wanted = view().time;
    return wanted === 'latest' ? b.last : wanted === null ? b.start : clampHour(wanted, b.first, b.last);
  });
  const span = computed<HourWindow | null>(() => (time.value ? windowOf(time.value, view().span) : null));

  const frames = shallowReactive(new Map<string, Frames>());
  const failed = ref(false);
  const waiting = ref(false);
  const playing = ref(false);
  const keyOf = (w: HourWindow, what: string) => `${what} ${w.from} ${w.to}`;
  const underWay = new Map<string, AbortController>();

  async function fetchFrames(w: HourWindow, what: string): Promise<void> {
    const key = keyOf(w, what);
    if (frames.has(key) || underWay.has(key)) return;
    const stop = new AbortController();
    underWay.set(key, stop);
    waiting.value = true;
    try {
      frames.set(key, await getFrames(toApi(w.from), toApi(w.to), what, stop.signal));
      failed.value = false;
      for (const old of frames.keys()) {
        if (frames.size <= KEPT_WINDOWS) break;
        frames.delete(old);
      }
    } catch (error) {
      if (!isAbort(error)) failed.value = true;
    } finally {
      underWay.delete(key);
      waiting.value = underWay.size > 0;
    }
  }

  let delay = 0;
  watch(
    [() => span.value?.from, () => span.value?.to, () => view().what],
    () => {
      window.clearTimeout(delay);
      if (!span.value) return;
      const w = span.value;
      // The single hour is on its way already; frames may wait until it has been painted.
      delay = window.setTimeout(() => void fetchFrames(w, view().what), frames.size ? 120 : 400);
    },
    { immediate: true },
  );

  const frame = computed(() => (span.value ? frames.get(keyOf(span.value, view().what)) : undefined));
  /** Row of the present hour in the frames, if they are there. */
  const frameRow = computed(() => {
    const at = frame.value?.times.findIndex((t) => fromApi(t) === time.value) ?? -1;
    return at >= 0 && frame.value ? { stations: frame.value.stations, level: frame.value.level[at] ?? [], value: frame.value.value[at] ?? [] } : null;
  });

  function goTo(next: LocalHour, push = false): void {
    if (bounds.value) change({ time: clampHour(next, bounds.value.first, bounds.value.last) }, push);
  }
  const step = (hours: number) => time.value && goTo(addHours(time.value, hours));

  let timer = 0;
  function tick(): void {
    if (!playing.value || !time.value || !bounds.value || !span.value) return;
    if (time.value >= bounds.value.last) {
      playing.value = false;
      return;
    }
    // Wait for frames rather than run ahead of the picture.
    if (frame.value || failed.value) {
      goTo(addHours(time.value, 1));
      if (hoursBetween(time.value, span.value.to) < 10) void fetchFrames(windowOf(addHours(span.value.to, 1), view().span), view().what);
    }
    timer = window.setTimeout(tick, STEP_MS);
  }
  function toggle(): void {
    playing.value = !playing.value;
    window.clearTimeout(timer);
    if (playing.value) timer = window.setTimeout(tick, 200);
  }

  onBeforeUnmount(() => {
    window.clearTimeout(timer);
    window.clearTimeout(delay);
    for (const stop of underWay.values()) stop.abort();
  });

  return { bounds, time, span, frameRow, playing, failed, waiting, goTo, step, toggle };
}
