// What every map of the city has: OpenLayers on a 2-D canvas (office machines often have WebGL switched off), the schematic
// base with its names, and the ways to look at a place.
import Feature from 'ol/Feature';
import type Geometry from 'ol/geom/Geometry';
import GeoJSON from 'ol/format/GeoJSON';
import MultiPolygon from 'ol/geom/MultiPolygon';
import Point from 'ol/geom/Point';
import Polygon, { fromExtent } from 'ol/geom/Polygon';
import { defaults as defaultInteractions } from 'ol/interaction/defaults';
import type BaseLayer from 'ol/layer/Base';
import VectorLayer from 'ol/layer/Vector';
import OlMap from 'ol/Map';
import { fromLonLat, toLonLat } from 'ol/proj';
import ScaleLine from 'ol/control/ScaleLine';
import VectorSource from 'ol/source/Vector';
import View from 'ol/View';
import { buffer, createEmpty, extend, isEmpty, type Extent as OlExtent } from 'ol/extent';
import 'ol/ol.css';
import { baseLabel, baseStyle } from './symbols';
import type { BaseControls, Extent, Inset } from './types';

// Land lies above sea, and the districts' edges above the islands they share.
const ORDER = ['sheet', 'sea', 'land', 'island', 'district'];
const CITY = ['district', 'island'];
/** Where layers of a page stand: those that the names of the base cover, and those above the names. */
export const BELOW_NAMES = 100;
export const ABOVE_NAMES = 800;
const NAMES = 700;
export const format = new GeoJSON({ featureProjection: 'EPSG:3857' });

/** A district of several parts is named once, on the largest. */
function labelPoint(geometry: Geometry | undefined): Point | null {
  const parts = geometry instanceof MultiPolygon ? geometry.getPolygons() : geometry instanceof Polygon ? [geometry] : [];
  const largest = parts.sort((a, b) => b.getArea() - a.getArea())[0];
  const [x, y] = largest?.getInteriorPoint().getCoordinates() ?? [];
  return x === undefined || y === undefined ? null : new Point([x, y]);
}

export interface OpenBase {
  map: OlMap;
  view: View;
  /** Brings a box of the map's plane into the room that panels leave. */
  fitBox(box: OlExtent, inset: Inset, margin: number, maxZoom: number): void;
  controls: BaseControls;
}

export function openBaseMap(target: HTMLElement, layers: BaseLayer[], options: { quiet?: boolean; maxZoom: number }): OpenBase {
  const source = new VectorSource();
  const names = new VectorSource<Feature<Point>>();
  const map = new OlMap({
    target,
    layers: [
      new VectorLayer({
        source,
        zIndex: 0,
        style: (f) => {
          const style = baseStyle(String(f.get('role')));
          style.setZIndex(ORDER.indexOf(String(f.get('role'))));
          return style;
        },
      }),
      new VectorLayer({ source: names, zIndex: NAMES, declutter: 'labels', style: (f) => baseLabel(String(f.get('role')), String(f.get('label') ?? '')) }),
      ...layers,
    ],
    controls: options.quiet ? [] : [new ScaleLine({ minWidth: 80 })],
    interactions: defaultInteractions({ altShiftDragRotate: false, pinchRotate: false, mouseWheelZoom: !options.quiet }),
    view: new View({ center: fromLonLat([118.1, 24.6]), zoom: 10, minZoom: 7, maxZoom: options.maxZoom, enableRotation: false }),
  });
  const view = map.getView();

  function extent(): Extent | null {
    const center = view.getCenter();
    const zoom = view.getZoom();
    if (!center || zoom === undefined) return null;
    const [lon, lat] = toLonLat(center) as [number, number];
    return { lon, lat, zoom };
  }
  function fitBox(box: OlExtent, inset: Inset, margin: number, maxZoom: number): void {
    const size = map.getSize();
    if (isEmpty(box) || !size?.[0] || !size[1]) return;
    // A running move would end somewhere else than here.
    view.cancelAnimations();
    const room = size[0] - inset.left - inset.right > 160 && size[1] - inset.top - inset.bottom > 120;
    const edge = room ? [inset.top, inset.right, inset.bottom, inset.left] : [0, 0, 0, 0];
    view.fit(box, { padding: edge.map((e) => e + margin), maxZoom });
  }

  const controls: BaseControls = {
    setBase(base, lang) {
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
      source.clear(true);
      source.addFeatures(features);
      names.clear(true);
      names.addFeatures(labels);
    },
    setExtent(wanted) {
      const now = extent();
      // Writing the same place again would cancel a running drag.
      if (now && Math.abs(now.lon - wanted.lon) < 1e-4 && Math.abs(now.lat - wanted.lat) < 1e-4 && Math.abs(now.zoom - wanted.zoom) < 0.01) return;
      view.setCenter(fromLonLat([wanted.lon, wanted.lat]));
      view.setZoom(wanted.zoom);
    },
    extent,
    fitCity(inset) {
      const box = createEmpty();
      for (const f of source.getFeatures()) {
        const geometry = f.getGeometry();
        if (geometry && CITY.includes(String(f.get('role')))) extend(box, geometry.getExtent());
      }
      if (!isEmpty(box)) fitBox(buffer(box, 300), inset, 16, 13);
    },
    zoomBy: (step) => view.animate({ zoom: (view.getZoom() ?? 10) + step, duration: 150 }),
    onMove: (handler) =>
      void map.on('moveend', () => {
        const now = extent();
        if (now) handler(now);
      }),
    resize: () => map.updateSize(),
    destroy() {
      map.setTarget(undefined);
      map.dispose();
    },
  };
  return { map, view, fitBox, controls };
}
