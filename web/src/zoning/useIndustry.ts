// The class that a code of GB/T 4754-2017 names.
import { computed, watch } from 'vue';
import { findIndustries } from '../api/zoning';
import type { Industry } from '../api/zoningTypes';
import { useLoader } from '../state/loader';

export function useIndustry(code: () => string | null) {
  const { data, load } = useLoader<{ items: Industry[] }>();
  const industry = computed(() => data.value?.items.find((i) => i.code === code()) ?? null);
  watch(code, (wanted) => {
    if (wanted && !industry.value) void load((signal) => findIndustries(wanted, signal));
  }, { immediate: true });
  return industry;
}
