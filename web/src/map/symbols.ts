// Station symbols: shape says the kind, colour says the category, text says the value. All three
// together, so that nobody depends on colour alone.
import CircleStyle from 'ol/style/Circle';
import Fill from 'ol/style/Fill';
import RegularShape from 'ol/style/RegularShape';
import Stroke from 'ol/style/Stroke';
import Style from 'ol/style/Style';
import Text from 'ol/style/Text';
import type ImageStyle from 'ol/style/Image';
import type { Mark, SymbolKind } from './types';

const FONT = "'PingFang SC','Microsoft YaHei','Noto Sans CJK SC','WenQuanYi Micro Hei',sans-serif";
const images = new Map<string, ImageStyle>();

function shape(kind: SymbolKind, fill: Fill, stroke: Stroke, grow: number): ImageStyle {
  const base = { fill, stroke, declutterMode: 'none' as const };
  switch (kind) {
    case 'national': return new CircleStyle({ ...base, radius: 17 + grow });
    case 'city': return new RegularShape({ ...base, points: 4, radius: 21 + grow, angle: Math.PI / 4 });
    case 'roadside': return new RegularShape({ ...base, points: 3, radius: 25 + grow });
    case 'super': return new RegularShape({ ...base, points: 4, radius: 25 + grow });
    default: return new CircleStyle({ ...base, radius: 7 + grow });
  }
}

function image(mark: Mark, scale: number): ImageStyle {
  const key = [scale, mark.kind, mark.color, mark.simulated, mark.selected, mark.opacity].join('|');
  let found = images.get(key);
  if (!found) {
    const stroke = new Stroke({
      color: mark.selected ? '#0b2a8a' : '#26343b',
      width: mark.selected ? 3.5 : 1.5,
      // A broken edge marks simulated values even on a black-and-white print.
      lineDash: mark.simulated ? (mark.selected ? [7, 4] : [4, 3]) : undefined,
    });
    found = shape(mark.kind, new Fill({ color: mark.color ?? '#f4f6f7' }), stroke, mark.selected ? 3 : 0);
    found.setOpacity(mark.opacity);
    found.setScale(scale);
    images.set(key, found);
  }
  return found;
}

// Far out, stations of one island would cover each other.
const scaleAt = (resolution: number) => (resolution > 200 ? 0.78 : resolution > 110 ? 0.9 : 1);

// Judged stations lie above the others where symbols meet, and values above empty symbols.
const RANK: Record<SymbolKind, number> = { national: 14, super: 13, city: 12, roadside: 11, point: 10 };
const NAME_OFFSET: Record<SymbolKind, number> = { national: 30, super: 36, city: 29, roadside: 25, point: 19 };

export function markStyle(mark: Mark, resolution: number): Style[] {
  const scale = mark.kind === 'point' ? 1 : scaleAt(resolution);
  const styles = [
    new Style({
      image: image(mark, scale),
      text: mark.text
        ? new Text({
            text: mark.text,
            font: `600 ${mark.text.length > 3 ? 13 : 14}px ${FONT}`,
            fill: new Fill({ color: mark.color ? mark.ink : '#33434b' }),
            offsetY: mark.kind === 'roadside' ? 4 : 1,
            declutterMode: 'none',
          })
        : undefined,
      zIndex: mark.selected ? 40 : RANK[mark.kind] + (mark.color ? 10 : 0),
    }),
    // Unseen, it keeps other stations' names from being written over this value.
    new Style({ image: new CircleStyle({ radius: (mark.kind === 'point' ? 6 : 13) * scale, fill: new Fill({ color: 'rgba(0,0,0,0)' }), declutterMode: 'obstacle' }), zIndex: 60 }),
  ];
  if (mark.name) {
    styles.push(
      new Style({
        text: new Text({
          text: mark.name,
          font: `${mark.selected ? 700 : 500} 14px ${FONT}`,
          fill: new Fill({ color: '#1d2b33' }),
          stroke: new Stroke({ color: 'rgba(255,255,255,0.95)', width: 3.5 }),
          offsetY: 8 + (NAME_OFFSET[mark.kind] - 8) * scale,
          declutterMode: mark.selected ? 'obstacle' : 'declutter',
        }),
        zIndex: mark.selected ? 59 : RANK[mark.kind] + 30,
      }),
    );
  }
  return styles;
}

/** Names of the base, drawn above all its areas so that no neighbour covers them. */
export function baseLabel(role: string, label: string): Style | undefined {
  const text = (color: string, size: number, italic = false) =>
    new Text({
      text: label,
      font: `${italic ? 'italic ' : ''}${size}px ${FONT}`,
      fill: new Fill({ color }),
      stroke: new Stroke({ color: 'rgba(255,255,255,0.75)', width: 3 }),
      declutterMode: 'declutter',
    });
  if (role === 'sea') return new Style({ text: text('#3d6175', 14, true) });
  if (role === 'district') return new Style({ text: text('#46555c', 15) });
  return role === 'island' ? new Style({ text: text('#46555c', 14) }) : undefined;
}

export function baseStyle(role: string): Style {
  const area = (fill: string, edge?: Stroke) => new Style({ fill: new Fill({ color: fill }), stroke: edge });
  switch (role) {
    // What lies outside the sketch is not drawn, neither as sea nor as land.
    case 'sheet': return area('#dbe9f0', new Stroke({ color: '#b4c0c5', width: 1 }));
    case 'sea': return area('#dbe9f0');
    case 'land': return area('#eef0ea', new Stroke({ color: '#b9c4bd', width: 1 }));
    case 'island': return area('#f6f5ee', new Stroke({ color: '#93a29a', width: 1.2 }));
    default: return area('#f6f5ee', new Stroke({ color: '#93a29a', width: 1.2, lineDash: [6, 4] }));
  }
}
