// Zoning on OpenLayers and a 2-D canvas: the schematic base, vector tiles of the layers that are on, the site, a pen.
import Feature from 'ol/Feature';
import GeoJSON from 'ol/format/GeoJSON';
import MVT from 'ol/format/MVT';
import type Geometry from 'ol/geom/Geometry';
import MultiPolygon from 'ol/geom/MultiPolygon';
import Point from 'ol/geom/Point';
import Polygon, { fromExtent } from 'ol/geom/Polygon';
import Draw from 'ol/interaction/Draw';
import { defaults as defaultInteractions } from 'ol/interaction/defaults';
import ScaleLine from 'ol/control/ScaleLine';
import VectorLayer from 'ol/layer/Vector';
import VectorTileLayer from 'ol/layer/VectorTile';
import OlMap from 'ol/Map';
import { fromLonLat, toLonLat, transformExtent } from 'ol/proj';
import VectorSource from 'ol/source/Vector';
import VectorTileSource from 'ol/source/VectorTile';
import CircleStyle from 'ol/style/Circle';
import Fill from 'ol/style/Fill';
import RegularShape from 'ol/style/RegularShape';
import Stroke from 'ol/style/Stroke';
import Style from 'ol/style/Style';
import Text from 'ol/style/Text';
import View from 'ol/View';
import { buffer, createEmpty, extend, isEmpty, type Extent as OlExtent } from 'ol/extent';
import 'ol/ol.css';
import { hatchOf, hatchTile } from './hatch';
import { baseLabel, baseStyle } from './symbols';
import type { DrawKind, Edges, Extent, Inset, ZonePaint, ZoneTiles, ZoningMap } from './types';

const ORDER = ['sheet', 'sea', 'land', 'island', 'district'];
const FONT = "'PingFang SC','Microsoft YaHei','Noto Sans CJK SC','WenQuanYi Micro Hei',sans-serif";
// Tiles beyond this level are drawn larger: no sketch is sharper than its source.
const DEEPEST = 15;
const SITE_INK = '#111d24';
const format = new GeoJSON({ featureProjection: 'EPSG:3857' });

function paintStyle(paint: ZonePaint, kind: ZoneTiles['kind']): Style {
  const hatch = hatchOf(paint.hatch);
  const pen = document.createElement('canvas').getContext('2d');
  const pattern = hatch && kind === 'area' && pen ? pen.createPattern(hatchTile(paint.fill, paint.stroke, hatch), 'repeat') : null;
  const stroke = new Stroke({ color: paint.stroke, width: kind === 'line' ? 2.5 : 1.1 });
  const fill = new Fill({ color: pattern ?? paint.fill });
  if (kind === 'point') return new Style({ image: new CircleStyle({ radius: 5, fill: new Fill({ color: paint.fill }), stroke }) });
  return new Style({ fill: kind === 'area' ? fill : undefined, stroke });
}

function siteStyle(label: string, second: boolean): Style[] {
  const edge = new Stroke({ color: SITE_INK, width: 2.6, lineDash: second ? [8, 5] : undefined });
  const text = new Text({ text: label, font: `700 15px ${FONT}`, fill: new Fill({ color: SITE_INK }), stroke: new Stroke({ color: '#fff', width: 4 }), offsetY: -16, overflow: true });
  return [
    new Style({ stroke: new Stroke({ color: '#fff', width: 6 }), zIndex: 1 }),
    new Style({
      fill: new Fill({ color: 'rgba(255,255,255,0.35)' }), stroke: edge, text, zIndex: 2,
      image: new RegularShape({ points: 4, radius: 10, angle: second ? Math.PI / 4 : 0, fill: new Fill({ color: '#fff' }), stroke: new Stroke({ color: SITE_INK, width: 3 }) }),
    }),
  ];
}

const pinStyle = [
  new Style({ image: new CircleStyle({ radius: 9, fill: new Fill({ color: 'rgba(255,255,255,0.6)' }), stroke: new Stroke({ color: '#fff', width: 5 }) }) }),
  new Style({ image: new CircleStyle({ radius: 9, stroke: new Stroke({ color: '#0b2a8a', width: 2.6 }) }) }),
  new Style({ image: new CircleStyle({ radius: 2.4, fill: new Fill({ color: '#0b2a8a' }) }) }),
];
const frameStyle = new Style({ stroke: new Stroke({ color: '#0b2a8a', width: 2.4, lineDash: [9, 5] }) });
const drawStyle = new Style({
  fill: new Fill({ color: 'rgba(11,92,107,0.15)' }), stroke: new Stroke({ color: SITE_INK, width: 2.2, lineDash: [7, 4] }),
  image: new CircleStyle({ radius: 6, fill: new Fill({ color: '#fff' }), stroke: new Stroke({ color: SITE_INK, width: 2.4 }) }),
});

/** A district of several parts is named once, on the largest. */
function labelPoint(geometry: Geometry | undefined): Point | null {
  const parts = geometry instanceof MultiPolygon ? geometry.getPolygons() : geometry instanceof Polygon ? [geometry] : [];
  const largest = parts.sort((a, b) => b.getArea() - a.getArea())[0];
  const [x, y] = largest?.getInteriorPoint().getCoordinates() ?? [];
  return x === undefined || y === undefined ? null : new Point([x, y]);
}

export function openZoningMap(target: HTMLElement): ZoningMap {
  const baseSource = new VectorSource();
  const labelSource = new VectorSource<Feature<Point>>();
  const siteSource = new VectorSource<Feature>();
  const markSource = new VectorSource<Feature>();
  const tileLayers = new Map<string, { layer: VectorTileLayer; look: string }>();
  let tileTrouble: (key: string) => void = () => {};
  let pen: Draw | null = null;

  const map = new OlMap({
    target,
    layers: [
      new VectorLayer({
        source: baseSource,
        zIndex: 0,
        style: (f) => {
          const style = baseStyle(String(f.get('role')));
          style.setZIndex(ORDER.indexOf(String(f.get('role'))));
          return style;
        },
      }),
      new VectorLayer({ source: labelSource, zIndex: 700, declutter: 'labels', style: (f) => baseLabel(String(f.get('role')), String(f.get('label') ?? '')) }),
      new VectorLayer({ source: siteSource, zIndex: 800, updateWhileInteracting: true, style: (f) => siteStyle(String(f.get('label') ?? ''), f.get('second') === true) }),
      new VectorLayer({ source: markSource, zIndex: 810, style: (f) => (f.get('frame') ? frameStyle : pinStyle) }),
    ],
    controls: [new ScaleLine({ minWidth: 80 })],
    interactions: defaultInteractions({ altShiftDragRotate: false, pinchRotate: false }),
    view: new View({ center: fromLonLat([118.1, 24.6]), zoom: 10, minZoom: 7, maxZoom: 18, enableRotation: false }),
  });
  const view = map.getView();

  function extentNow(): Extent | null {
    const center = view.getCenter();
    const zoom = view.getZoom();
    if (!center || zoom === undefined) return null;
    const [lon, lat] = toLonLat(center) as [number, number];
    return { lon, lat, zoom };
  }
  function fitBox(box: OlExtent, inset: Inset, margin: number, maxZoom: number): void {
    const size = map.getSize();
    if (isEmpty(box) || !size?.[0] || !size[1]) return;
    view.cancelAnimations();
    const room = size[0] - inset.left - inset.right > 160 && size[1] - inset.top - inset.bottom > 120;
    const edge = room ? [inset.top, inset.right, inset.bottom, inset.left] : [0, 0, 0, 0];
    view.fit(box, { padding: edge.map((e) => e + margin), maxZoom });
  }
  function openTiles(tiles: ZoneTiles): VectorTileLayer {
    const source = new VectorTileSource({ format: new MVT({ layers: [tiles.key] }), url: tiles.url, maxZoom: DEEPEST });
    source.on('tileloaderror', () => tileTrouble(tiles.key));
    const plain = paintStyle(tiles.paint, tiles.kind);
    const byClass = new Map(Object.entries(tiles.classes).map(([name, paint]) => [name, paintStyle(paint, tiles.kind)]));
    return new VectorTileLayer({ source, renderMode: 'hybrid', style: (f) => byClass.get(String(f.get('class') ?? '')) ?? plain });
  }
  function stopDraw(): void {
    if (pen) map.removeInteraction(pen);
    pen = null;
    target.style.cursor = '';
  }
  function setMark(name: 'pin' | 'frame', geometry: Geometry | null): void {
    const old = markSource.getFeatureById(name);
    if (old) markSource.removeFeature(old);
    if (!geometry) return;
    const f = new Feature(geometry);
    f.setId(name);
    f.set('frame', name === 'frame');
    markSource.addFeature(f);
  }

  return {
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
      baseSource.clear(true);
      baseSource.addFeatures(features);
      labelSource.clear(true);
      labelSource.addFeatures(labels);
    },
    setTiles(tiles) {
      const wanted = new Set(tiles.map((x) => x.key));
      for (const [key, held] of tileLayers) {
        if (wanted.has(key)) continue;
        map.removeLayer(held.layer);
        tileLayers.delete(key);
      }
      tiles.forEach((one, i) => {
        const look = JSON.stringify([one.url, one.kind, one.paint, one.classes]);
        let held = tileLayers.get(one.key);
        if (held && held.look !== look) {
          map.removeLayer(held.layer);
          held = undefined;
        }
        if (!held) {
          held = { layer: openTiles(one), look };
          tileLayers.set(one.key, held);
          map.addLayer(held.layer);
        }
        held.layer.setOpacity(one.opacity);
        held.layer.setZIndex(100 + i);
      });
    },
    setSites(sites) {
      siteSource.clear(true);
      siteSource.addFeatures(
        sites.map(({ geometry, label }, i) => {
          const f = new Feature(format.readGeometry(geometry) as Geometry);
          f.setProperties({ label, second: i > 0 }, true);
          return f;
        }),
      );
      siteSource.changed();
    },
    setPin: (at) => setMark('pin', at && new Point(fromLonLat(at))),
    setFrame: (edges) => setMark('frame', edges && fromExtent(transformExtent(edges, 'EPSG:4326', 'EPSG:3857'))),
    setExtent(extent) {
      const now = extentNow();
      // Writing the same place again would cancel a running drag.
      if (now && Math.abs(now.lon - extent.lon) < 1e-4 && Math.abs(now.lat - extent.lat) < 1e-4 && Math.abs(now.zoom - extent.zoom) < 0.01) return;
      view.setCenter(fromLonLat([extent.lon, extent.lat]));
      view.setZoom(extent.zoom);
    },
    extent: extentNow,
    fitCity(inset) {
      const box = createEmpty();
      for (const f of baseSource.getFeatures()) {
        const geometry = f.getGeometry();
        if (geometry && ['district', 'island'].includes(String(f.get('role')))) extend(box, geometry.getExtent());
      }
      if (!isEmpty(box)) fitBox(buffer(box, 300), inset, 16, 13);
    },
    fitEdges: (edges: Edges, inset) => fitBox(buffer(transformExtent(edges, 'EPSG:4326', 'EPSG:3857'), 60), inset, 40, 15),
    fitSites(inset) {
      const box = siteSource.getExtent();
      if (box && !isEmpty(box)) fitBox(buffer(box, 350), inset, 50, 14.5);
    },
    zoomBy: (step) => view.animate({ zoom: (view.getZoom() ?? 10) + step, duration: 150 }),
    draw(kind: DrawKind, done) {
      stopDraw();
      pen = new Draw({ type: kind, style: drawStyle, stopClick: true });
      pen.on('drawend', (e) => {
        const geometry = e.feature.getGeometry();
        const drawn = geometry && (format.writeGeometryObject(geometry, { decimals: 6 }) as object);
        // The click that ends a drawing must not ask what lies there.
        window.setTimeout(stopDraw, 0);
        if (drawn) done(drawn);
      });
      map.addInteraction(pen);
      target.style.cursor = 'crosshair';
    },
    undoDraw: () => pen?.removeLastPoint(),
    stopDraw,
    onPick: (handler) =>
      void map.on('singleclick', (e) => {
        if (!pen) handler(toLonLat(e.coordinate) as [number, number]);
      }),
    onMove: (handler) =>
      void map.on('moveend', () => {
        const now = extentNow();
        if (now) handler(now);
      }),
    onTileError: (handler) => (tileTrouble = handler),
    picture() {
      const [width, height] = map.getSize() ?? [0, 0];
      const out = document.createElement('canvas');
      out.width = width ?? 0;
      out.height = height ?? 0;
      const sheet = out.getContext('2d');
      if (!sheet || !out.width || !out.height) return null;
      sheet.fillStyle = '#fff';
      sheet.fillRect(0, 0, out.width, out.height);
      for (const canvas of target.querySelectorAll<HTMLCanvasElement>('.ol-layer canvas, canvas.ol-layer')) {
        if (!canvas.width) continue;
        sheet.globalAlpha = Number((canvas.parentElement as HTMLElement).style.opacity || canvas.style.opacity || 1);
        const numbers = /^matrix\(([^)]+)\)$/.exec(canvas.style.transform)?.[1]?.split(',').map(Number);
        if (numbers?.length === 6) sheet.setTransform(...(numbers as [number, number, number, number, number, number]));
        else sheet.setTransform(out.width / canvas.width, 0, 0, out.height / canvas.height, 0, 0);
        sheet.drawImage(canvas, 0, 0);
      }
      return out.toDataURL('image/png');
    },
    resize: () => map.updateSize(),
    destroy() {
      map.setTarget(undefined);
      map.dispose();
    },
  };
}
