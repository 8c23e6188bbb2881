// Zoning on OpenLayers and a 2-D canvas: the schematic base, vector tiles of the layers that are on, the site, a pen.
import Feature from 'ol/Feature';
import MVT from 'ol/format/MVT';
import type Geometry from 'ol/geom/Geometry';
import Point from 'ol/geom/Point';
import { fromExtent } from 'ol/geom/Polygon';
import Draw from 'ol/interaction/Draw';
import VectorLayer from 'ol/layer/Vector';
import VectorTileLayer from 'ol/layer/VectorTile';
import { fromLonLat, toLonLat, transformExtent } from 'ol/proj';
import VectorSource from 'ol/source/Vector';
import VectorTileSource from 'ol/source/VectorTile';
import CircleStyle from 'ol/style/Circle';
import Fill from 'ol/style/Fill';
import RegularShape from 'ol/style/RegularShape';
import Stroke from 'ol/style/Stroke';
import Style from 'ol/style/Style';
import Text from 'ol/style/Text';
import { buffer, isEmpty } from 'ol/extent';
import { hatchOf, hatchTile } from './hatch';
import { ABOVE_NAMES, BELOW_NAMES, format, openBaseMap } from './openBaseMap';
import type { DrawKind, Edges, SiteLook, ZonePaint, ZoneTiles, ZoningMap } from './types';

const FONT = "'PingFang SC','Microsoft YaHei','Noto Sans CJK SC','WenQuanYi Micro Hei',sans-serif";
// Tiles beyond this level are drawn larger: no sketch is sharper than its source.
const DEEPEST = 15;
const SITE_INK = '#111d24';
const PICTURE_SHAPE = 1.5;

function paintStyle(paint: ZonePaint, kind: ZoneTiles['kind']): Style {
  const hatch = hatchOf(paint.hatch);
  const pen = document.createElement('canvas').getContext('2d');
  const pattern = hatch && kind === 'area' && pen ? pen.createPattern(hatchTile(paint.fill, paint.stroke, hatch), 'repeat') : null;
  const stroke = new Stroke({ color: paint.stroke, width: kind === 'line' ? 2.5 : 1.1 });
  const fill = new Fill({ color: pattern ?? paint.fill });
  if (kind === 'point') return new Style({ image: new CircleStyle({ radius: 5, fill: new Fill({ color: paint.fill }), stroke }) });
  return new Style({ fill: kind === 'area' ? fill : undefined, stroke });
}

function siteStyle(label: string, look: SiteLook): Style[] {
  const second = look === 'other';
  const edge = new Stroke({ color: SITE_INK, width: 2.6, lineDash: second ? [8, 5] : undefined });
  const text = new Text({ text: label, font: `700 15px ${FONT}`, fill: new Fill({ color: SITE_INK }), stroke: new Stroke({ color: '#fff', width: 4 }), offsetY: -18, overflow: true });
  const pen = { fill: new Fill({ color: '#fff' }), stroke: new Stroke({ color: SITE_INK, width: 3 }) };
  // An outfall points down, as water runs; the sites that are compared are a square and the same on its tip.
  const image = look === 'outfall' ? new RegularShape({ ...pen, points: 3, radius: 11, angle: Math.PI }) : new RegularShape({ ...pen, points: 4, radius: 10, angle: second ? Math.PI / 4 : 0 });
  return [
    new Style({ stroke: new Stroke({ color: '#fff', width: 6 }), zIndex: 1 }),
    new Style({ fill: new Fill({ color: 'rgba(255,255,255,0.35)' }), stroke: edge, text, zIndex: 2, image }),
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

export function openZoningMap(target: HTMLElement): ZoningMap {
  const siteSource = new VectorSource<Feature>();
  const markSource = new VectorSource<Feature>();
  const tileLayers = new Map<string, { layer: VectorTileLayer; look: string }>();
  let tileTrouble: (key: string) => void = () => {};
  let pen: Draw | null = null;

  const { map, fitBox, controls } = openBaseMap(
    target,
    [
      new VectorLayer({ source: siteSource, zIndex: ABOVE_NAMES, updateWhileInteracting: true, style: (f) => siteStyle(String(f.get('label') ?? ''), f.get('look') as SiteLook) }),
      new VectorLayer({ source: markSource, zIndex: ABOVE_NAMES + 10, style: (f) => (f.get('frame') ? frameStyle : pinStyle) }),
    ],
    { maxZoom: 18 },
  );

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
    ...controls,
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
        held.layer.setZIndex(BELOW_NAMES + i);
      });
    },
    setSites(sites) {
      siteSource.clear(true);
      siteSource.addFeatures(
        sites.map(({ geometry, label, look }) => {
          const f = new Feature(format.readGeometry(geometry) as Geometry);
          f.setProperties({ label, look }, true);
          return f;
        }),
      );
      siteSource.changed();
    },
    setPin: (at) => setMark('pin', at && new Point(fromLonLat(at))),
    setFrame: (edges) => setMark('frame', edges && fromExtent(transformExtent(edges, 'EPSG:4326', 'EPSG:3857'))),
    fitEdges: (edges: Edges, inset) => fitBox(buffer(transformExtent(edges, 'EPSG:4326', 'EPSG:3857'), 60), inset, 40, 15),
    fitSites(inset) {
      const box = siteSource.getExtent();
      if (box && !isEmpty(box)) fitBox(buffer(box, 350), inset, 50, 14.5);
    },
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
    onTileError: (handler) => (tileTrouble = handler),
    picture(inset) {
      const [width, height] = map.getSize() ?? [0, 0];
      const room = { width: (width ?? 0) - inset.left - inset.right, height: (height ?? 0) - inset.top - inset.bottom };
      if (room.width < 100 || room.height < 100) return null;
      // A sheet has room for a picture that is wider than high.
      const tall = Math.min(room.height, room.width / PICTURE_SHAPE);
      const top = inset.top + (room.height - tall) / 2;
      const scale = window.devicePixelRatio || 1;
      const out = document.createElement('canvas');
      out.width = room.width * scale;
      out.height = tall * scale;
      const sheet = out.getContext('2d');
      if (!sheet) return null;
      sheet.fillStyle = '#fff';
      sheet.fillRect(0, 0, out.width, out.height);
      for (const canvas of target.querySelectorAll<HTMLCanvasElement>('.ol-layer canvas, canvas.ol-layer')) {
        if (!canvas.width) continue;
        sheet.globalAlpha = Number((canvas.parentElement as HTMLElement).style.opacity || canvas.style.opacity || 1);
        // Each layer says how its pixels lie in the map's box; without a word they fill it.
        const said = /^matrix\(([^)]+)\)$/.exec(canvas.style.transform)?.[1]?.split(',').map(Number);
        const own = said?.length === 6 ? said : [(width ?? 0) / canvas.width, 0, 0, (height ?? 0) / canvas.height, 0, 0];
        sheet.setTransform(scale, 0, 0, scale, -inset.left * scale, -top * scale);
        sheet.transform(...(own as [number, number, number, number, number, number]));
        sheet.drawImage(canvas, 0, 0);
      }
      return out;
    },
  };
}
