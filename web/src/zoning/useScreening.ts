// The live verdict: one request after the last change, a newer one cancels the older.
import { watch, type Ref } from 'vue';
import { screen } from '../api/zoning';
import type { Answer, ScreenBody, SiteGeometry } from '../api/zoningTypes';
import { useLoader } from '../state/loader';

const PAUSE_MS = 250;

/** The same question about another place. A width is for lines alone. */
export function bodyAt(body: ScreenBody, geometry: SiteGeometry): ScreenBody {
  const { corridor_m: width, ...rest } = body;
  return { ...rest, geometry, ...(width !== undefined && geometry.type === 'LineString' ? { corridor_m: width } : {}) };
}

export function useScreening(body: Ref<ScreenBody | null>) {
  const loader = useLoader<Answer>();
  let delay = 0;
  const run = () => {
    const asked = body.value;
    if (!asked) return;
    void loader.load(async (signal) => {
      const answer = await screen(asked, signal);
      if (!answer) throw new Error('an answer without a body');
      return answer;
    });
  };
  watch(
    () => (body.value ? JSON.stringify(body.value) : ''),
    (now, before) => {
      window.clearTimeout(delay);
      if (!now) return loader.clear();
      // The first verdict comes at once, so that a link opens with it.
      if (!before) run();
      else delay = window.setTimeout(run, PAUSE_MS);
    },
    { immediate: true },
  );
  return { answer: loader.data, error: loader.error, loading: loader.loading, retry: run };
}
