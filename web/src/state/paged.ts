// Rows that come a page at a time. A new first page drops what was read before it.
import { computed, shallowRef } from 'vue';
import { useLoader } from './loader';

export interface Page<T> { items: T[]; next: string | null }

export function usePaged<T>(read: (cursor: string | null, signal: AbortSignal) => Promise<Page<T>>) {
  const page = useLoader<Page<T>>();
  const rows = shallowRef<T[]>([]);
  async function get(cursor: string | null): Promise<void> {
    await page.load(async (signal) => {
      const got = await read(cursor, signal);
      rows.value = cursor ? [...rows.value, ...got.items] : got.items;
      return got;
    });
  }
  const next = computed(() => page.data.value?.next ?? null);
  return { rows, next, ready: computed(() => page.data.value !== null), error: page.error, loading: page.loading, first: () => get(null), more: () => get(next.value) };
}
