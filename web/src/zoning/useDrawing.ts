// The pen: what is being drawn and for whom. On a phone the sheet gives way, since it would lie over the place.
import { computed, ref, type Ref } from 'vue';
import type { SiteGeometry } from '../api/zoningTypes';
import type { DrawKind, SiteLook } from '../map/types';
import { narrow } from '../state/screen';

interface Pen { draw(kind: DrawKind, done: (geometry: object) => void): void; stopDraw(): void }
interface Given { pen: Ref<Pen | undefined>; sheet: () => boolean | null; setSheet(open: boolean | null): void; drawn(target: SiteLook, geometry: SiteGeometry): void }

export function useDrawing(given: Given) {
  const now = ref<{ kind: DrawKind; target: SiteLook } | null>(null);
  let before: boolean | null = null;
  function draw(kind: DrawKind, target: SiteLook): void {
    now.value = { kind, target };
    before = given.sheet();
    if (narrow.value) given.setSheet(false);
    given.pen.value?.draw(kind, (geometry) => {
      now.value = null;
      given.drawn(target, geometry as SiteGeometry);
    });
  }
  function stop(): void {
    given.pen.value?.stopDraw();
    now.value = null;
    if (narrow.value) given.setSheet(before ?? true);
  }
  const of = (target: SiteLook) => computed(() => (now.value?.target === target ? now.value.kind : null));
  return { now, draw, stop, site: of('site'), other: of('other'), outfall: of('outfall') };
}
