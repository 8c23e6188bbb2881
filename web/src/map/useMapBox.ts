// Puts a map behind Vue: it opens with its box, follows base, language and address, and tells of moves that a person made.
import { onBeforeUnmount, onMounted, shallowRef, watch, type Ref } from 'vue';
import type { BaseMap } from '../api/types';
import { useLang } from '../i18n';
import type { BaseControls, Extent } from './types';

const same = (a: Extent, b: Extent) => Math.abs(a.lon - b.lon) < 1e-3 && Math.abs(a.lat - b.lat) < 1e-3 && Math.abs(a.zoom - b.zoom) < 0.02;

interface Given<M> {
  open(box: HTMLElement): M;
  /** Gives a new map what it shows and whom it tells. */
  start(map: M): void;
  /** Where a map without a place in the address looks. */
  fit(map: M): void;
  /** Whether a place that leaves the address brings that view back. */
  refit: boolean;
  moved(extent: Extent): void;
}

export function useMapBox<M extends BaseControls>(box: Ref<HTMLElement | undefined>, props: { readonly base: BaseMap | null; readonly extent: Extent | null }, given: Given<M>) {
  const { lang } = useLang();
  const map = shallowRef<M>();
  let watcher: ResizeObserver | null = null;
  // Moves that the page made itself must not be written back into the address.
  let own: Extent | null = null;

  function place(): void {
    const m = map.value;
    if (!m) return;
    if (props.extent) m.setExtent(props.extent);
    else given.fit(m);
    own = m.extent();
  }
  onMounted(() => {
    if (!box.value) return;
    const m = given.open(box.value);
    map.value = m;
    m.onMove((extent) => {
      if (own && same(own, extent)) return;
      own = extent;
      given.moved(extent);
    });
    if (props.base) m.setBase(props.base, lang.value);
    given.start(m);
    place();
    watcher = new ResizeObserver(() => m.resize());
    watcher.observe(box.value);
  });
  watch([() => props.base, lang], () => {
    if (!props.base) return;
    map.value?.setBase(props.base, lang.value);
    if (!props.extent) place();
  });
  watch(() => props.extent, (extent) => {
    if (extent ? !own || !same(own, extent) : given.refit) place();
  });
  onBeforeUnmount(() => {
    watcher?.disconnect();
    map.value?.destroy();
  });
  return { map, place };
}
