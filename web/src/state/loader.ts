// One read with its four states. A newer read cancels the older, so a slow answer never overwrites a fresh one.
import { onScopeDispose, ref, shallowRef } from 'vue';
import { isAbort } from '../api/client';

export function useLoader<T>() {
  const data = shallowRef<T | null>(null);
  const error = shallowRef<unknown>(null);
  const loading = ref(false);
  let running: AbortController | null = null;

  async function load(read: (signal: AbortSignal) => Promise<T>, keep = true): Promise<void> {
    running?.abort();
    const mine = new AbortController();
    running = mine;
    loading.value = true;
    error.value = null;
    if (!keep) data.value = null;
    try {
      const answer = await read(mine.signal);
      if (running === mine) data.value = answer;
    } catch (problem) {
      if (running === mine && !isAbort(problem)) {
        error.value = problem;
        data.value = null;
      }
    } finally {
      if (running === mine) loading.value = false;
    }
  }

  function clear(): void {
    running?.abort();
    running = null;
    data.value = null;
    error.value = null;
    loading.value = false;
  }

  onScopeDispose(() => running?.abort());
  return { data, error, loading, load, clear };
}
