// The map of stations: marks above the base, picked and hovered over.
import Feature from 'ol/Feature';
import Point from 'ol/geom/Point';
import VectorLayer from 'ol/layer/Vector';
import { fromLonLat } from 'ol/proj';
import VectorSource from 'ol/source/Vector';
import { buffer, isEmpty } from 'ol/extent';
import { ABOVE_NAMES, openBaseMap } from './openBaseMap';
import { markStyle } from './symbols';
import type { CityMap, Mark } from './types';

export function openCityMap(target: HTMLElement, options: { quiet?: boolean } = {}): CityMap {
  const markSource = new VectorSource<Feature<Point>>();
  const markLayer = new VectorLayer({ source: markSource, zIndex: ABOVE_NAMES, declutter: 'labels', updateWhileInteracting: true, style: (f, resolution) => markStyle(f.get('mark') as Mark, resolution) });
  const { map, view, fitBox, controls } = openBaseMap(target, [markLayer], { ...options, maxZoom: 17 });

  const markAt = (pixel: number[]): string | null => {
    let found: string | null = null;
    map.forEachFeatureAtPixel(
      pixel,
      (f) => {
        found = (f.get('mark') as Mark).id;
        return true;
      },
      { layerFilter: (layer) => layer === markLayer, hitTolerance: 4 },
    );
    return found;
  };

  return {
    ...controls,
    setMarks(marks) {
      const kept = new Set(marks.map((m) => m.id));
      for (const f of markSource.getFeatures()) if (!kept.has(String(f.getId()))) markSource.removeFeature(f);
      for (const mark of marks) {
        const old = markSource.getFeatureById(mark.id) as Feature<Point> | null;
        if (old) {
          old.set('mark', mark);
        } else {
          const f = new Feature(new Point(fromLonLat([mark.lon, mark.lat])));
          f.setId(mark.id);
          f.set('mark', mark, true);
          markSource.addFeature(f);
        }
      }
    },
    fitMarks() {
      const box = markSource.getExtent();
      if (box && !isEmpty(box)) fitBox(buffer(box, 300), { top: 0, right: 0, bottom: 0, left: 0 }, 44, 13);
    },
    reveal(lon, lat, inset) {
      const pixel = map.getPixelFromCoordinate(fromLonLat([lon, lat]));
      const size = map.getSize();
      const center = view.getCenter();
      const resolution = view.getResolution();
      if (!pixel || !size || !center || !resolution) return;
      const [x, y] = pixel as [number, number];
      const [width, height] = size as [number, number];
      const room = 36;
      const dx = x > width - inset.right - room ? x - (width - inset.right - room) : x < inset.left + room ? x - inset.left - room : 0;
      const dy = y > height - inset.bottom - room ? y - (height - inset.bottom - room) : y < inset.top + room ? y - inset.top - room : 0;
      if (dx || dy) view.animate({ center: [(center[0] ?? 0) + dx * resolution, (center[1] ?? 0) - dy * resolution], duration: 200 });
    },
    onPick: (handler) => void map.on('click', (e) => handler(markAt(e.pixel))),
    onHover: (handler) =>
      void map.on('pointermove', (e) => {
        if (e.dragging) return;
        const id = markAt(e.pixel);
        (map.getTargetElement() as HTMLElement).style.cursor = id ? 'pointer' : '';
        handler(id, e.pixel as [number, number]);
      }),
  };
}
