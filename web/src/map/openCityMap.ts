// The OpenLayers map on a 2-D canvas: office machines often have WebGL switched off.
import Feature from 'ol/Feature';
import type Geometry from 'ol/geom/Geometry';
import GeoJSON from 'ol/format/GeoJSON';
import MultiPolygon from 'ol/geom/MultiPolygon';
import Point from 'ol/geom/Point';
import Polygon, { fromExtent } from 'ol/geom/Polygon';
import { defaults as defaultInteractions } from 'ol/interaction/defaults';
import VectorLayer from 'ol/layer/Vector';
import OlMap from 'ol/Map';
import { fromLonLat, toLonLat } from 'ol/proj';
import ScaleLine from 'ol/control/ScaleLine';
import VectorSource from 'ol/source/Vector';
import View from 'ol/View';
import { buffer, createEmpty, extend, isEmpty } from 'ol/extent';
import 'ol/ol.css';
import { baseLabel, baseStyle, markStyle } from './symbols';
import type { CityMap, Extent, Inset, Mark } from './types';

// Land lies above sea, and the districts' edges above the islands they share.
const ORDER = ['sheet', 'sea', 'land', 'island', 'district'];

/** A district of several parts is named once, on the largest. */
function labelPoint(geometry: Geometry | undefined): Point | null {
  const parts = geometry instanceof MultiPolygon ? geometry.getPolygons() : geometry instanceof Polygon ? [geometry] : [];
  const largest = parts.sort((a, b) => b.getArea() - a.getArea())[0];
  const [x, y] = largest?.getInteriorPoint().getCoordinates() ?? [];
  return x === undefined || y === undefined ? null : new Point([x, y]);
}

export function openCityMap(target: HTMLElement, options: { quiet?: boolean } = {}): CityMap {
  const baseSource = new VectorSource();
  const labelSource = new VectorSource<Feature<Point>>();
  const markSource = new VectorSource<Feature<Point>>();
  const baseLayer = new VectorLayer({
    source: baseSource,
    style: (f) => {
      const style = baseStyle(String(f.get('role')));
      style.setZIndex(ORDER.indexOf(String(f.get('role'))));
      return style;
    },
  });
  const labelLayer = new VectorLayer({ source: labelSource, declutter: 'labels', style: (f) => baseLabel(String(f.get('role')), String(f.get('label') ?? '')) });
  const markLayer = new VectorLayer({ source: markSource, declutter: 'labels', updateWhileInteracting: true, style: (f, resolution) => markStyle(f.get('mark') as Mark, resolution) });
  const map = new OlMap({
    target,
    layers: [baseLayer, labelLayer, markLayer],
    controls: options.quiet ? [] : [new ScaleLine({ minWidth: 80 })],
    interactions: defaultInteractions({ altShiftDragRotate: false, pinchRotate: false, mouseWheelZoom: !options.quiet }),
    view: new View({ center: fromLonLat([118.1, 24.6]), zoom: 10, minZoom: 7, maxZoom: 17, enableRotation: false }),
  });
  const view = map.getView();

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

  function extentNow(): Extent | null {
    const center = view.getCenter();
    const zoom = view.getZoom();
    if (!center || zoom === undefined) return null;
    const [lon, lat] = toLonLat(center) as [number, number];
    return { lon, lat, zoom };
  }

  function fit(source: VectorSource, roles: string[] | null, inset: Inset, margin: number): void {
    const box = createEmpty();
    for (const f of source.getFeatures()) {
      const geometry = f.getGeometry();
      if (geometry && (!roles || roles.includes(String(f.get('role'))))) extend(box, geometry.getExtent());
    }
    const size = map.getSize();
    if (isEmpty(box) || !size || !size[0] || !size[1]) return;
    // A running move would end somewhere else than here.
    view.cancelAnimations();
    const room = size[0] - inset.left - inset.right > 160 && size[1] - inset.top - inset.bottom > 160;
    const edge = room ? [inset.top, inset.right, inset.bottom, inset.left] : [0, 0, 0, 0];
    view.fit(buffer(box, 300), { padding: edge.map((e) => e + margin), maxZoom: 13 });
  }

  return {
    setBase(base, lang) {
      const format = new GeoJSON({ featureProjection: 'EPSG:3857' });
      const features = format.readFeatures(base) as Feature[];
      const sheet = createEmpty();
      const labels: Feature<Point>[] = [];
      for (const f of features) {
        const geometry = f.getGeometry();
        if (geometry) extend(sheet, geometry.getExtent());
        const point = labelPoint(geometry);
        const label = lang === 'en' ? f.get('name_en') : f.get('name_zh');
        if (point && label) {
          const at = new Feature(point);
          at.setProperties({ role: f.get('role'), label }, true);
          labels.push(at);
        }
      }
      if (!isEmpty(sheet)) {
        const paper = new Feature(fromExtent(sheet));
        paper.set('role', 'sheet', true);
        features.push(paper);
      }
      baseSource.clear(true);
      baseSource.addFeatures(features);
      labelSource.clear(true);
      labelSource.addFeatures(labels);
    },
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
    setExtent(extent) {
      const now = extentNow();
      // Writing the same place again would cancel a running drag.
      if (now && Math.abs(now.lon - extent.lon) < 1e-4 && Math.abs(now.lat - extent.lat) < 1e-4 && Math.abs(now.zoom - extent.zoom) < 0.01) return;
      view.setCenter(fromLonLat([extent.lon, extent.lat]));
      view.setZoom(extent.zoom);
    },
    extent: extentNow,
    fitCity: (inset) => fit(baseSource, ['district', 'island'], inset, 16),
    fitMarks: () => fit(markSource, null, { top: 0, right: 0, bottom: 0, left: 0 }, 44),
    zoomBy: (step) => view.animate({ zoom: (view.getZoom() ?? 10) + step, duration: 150 }),
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
    onMove: (handler) =>
      void map.on('moveend', () => {
        const now = extentNow();
        if (now) handler(now);
      }),
    onHover: (handler) =>
      void map.on('pointermove', (e) => {
        if (e.dragging) return;
        const id = markAt(e.pixel);
        (map.getTargetElement() as HTMLElement).style.cursor = id ? 'pointer' : '';
        handler(id, e.pixel as [number, number]);
      }),
    resize: () => map.updateSize(),
    destroy() {
      map.setTarget(undefined);
      map.dispose();
    },
  };
}
