// The address bar is the only store of what a view shows. Pages read the query and patch it;
// nothing that a colleague should see after opening a sent link lives anywhere else.
import { computed, nextTick } from 'vue';
import { useRoute, useRouter, type LocationQueryRaw } from 'vue-router';

export type QueryPatch = Record<string, string | null | undefined>;

let pending: { patch: QueryPatch; push: boolean } | null = null;

export function useQuery() {
  const route = useRoute();
  const router = useRouter();

  const query = computed(() => {
    const flat: Record<string, string> = {};
    for (const [key, value] of Object.entries(route.query)) {
      const one = Array.isArray(value) ? value[0] : value;
      if (typeof one === 'string') flat[key] = one;
    }
    return flat;
  });

  /**
   * Changes parts of the query; null or '' removes a part. `push` makes a step for the back button.
   * Patches of one tick are joined, because two navigations at once would drop the first.
   */
  function patch(change: QueryPatch, push = false): void {
    if (pending) {
      Object.assign(pending.patch, change);
      pending.push ||= push;
      return;
    }
    pending = { patch: { ...change }, push };
    const path = route.path;
    void nextTick(() => {
      const todo = pending;
      pending = null;
      // A page change in between makes the patch meaningless.
      if (!todo || route.path !== path) return;
      const next: LocationQueryRaw = { ...route.query };
      for (const [key, value] of Object.entries(todo.patch)) {
        if (value === null || value === undefined || value === '') delete next[key];
        else next[key] = value;
      }
      void (todo.push ? router.push({ path, query: next }) : router.replace({ path, query: next }));
    });
  }

  return { query, patch };
}
