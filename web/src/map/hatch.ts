// Hatches say again what a colour says, so that areas stay apart without colour and on a grey print.
// Known words are drawn as they say; any other word gets one of them, always the same.

const SIZE = 10;
export const HATCHES = ['diagonal', 'back_diagonal', 'cross', 'horizontal', 'vertical', 'grid', 'dots'] as const;
export type Hatch = (typeof HATCHES)[number];

const ALIASES: Record<string, Hatch> = {
  forward: 'diagonal', slash: 'diagonal', fdiagonal: 'diagonal', rising: 'diagonal', up: 'diagonal',
  back: 'back_diagonal', backward: 'back_diagonal', backslash: 'back_diagonal', bdiagonal: 'back_diagonal', falling: 'back_diagonal', down: 'back_diagonal',
  crossed: 'cross', crosshatch: 'cross', diagonal_cross: 'cross', level: 'horizontal', upright: 'vertical', square: 'grid', dot: 'dots', dotted: 'dots', points: 'dots',
};

export function hatchOf(word: string | null | undefined): Hatch | null {
  const name = (word ?? '').trim().toLowerCase().replaceAll('-', '_');
  if (!name || name === 'none' || name === 'solid') return null;
  if ((HATCHES as readonly string[]).includes(name)) return name as Hatch;
  let sum = 0;
  for (const letter of name) sum = (sum * 31 + letter.charCodeAt(0)) % 9973;
  return ALIASES[name] ?? HATCHES[sum % HATCHES.length] ?? null;
}

/** One tile of the hatch as an SVG path in a square of 10; dots are short strokes with round ends. */
export function hatchPath(hatch: Hatch): string {
  switch (hatch) {
    case 'diagonal': return 'M-1 1 1-1M0 10 10 0M9 11l2-2';
    case 'back_diagonal': return 'M-1 9l2 2M0 0l10 10M9-1l2 2';
    case 'cross': return 'M0 10 10 0M0 0l10 10';
    case 'horizontal': return 'M0 5h10';
    case 'vertical': return 'M5 0v10';
    case 'grid': return 'M0 5h10M5 0v10';
    case 'dots': return 'M2.5 2.5h.1M7.5 7.5h.1';
  }
}

/** A canvas of one tile: the fill under lines in the edge's colour. */
export function hatchTile(fill: string, stroke: string, hatch: Hatch): HTMLCanvasElement {
  const scale = Math.max(1, Math.round(window.devicePixelRatio || 1));
  const tile = document.createElement('canvas');
  tile.width = tile.height = SIZE * scale;
  const pen = tile.getContext('2d');
  if (!pen) return tile;
  pen.fillStyle = fill;
  pen.fillRect(0, 0, tile.width, tile.height);
  pen.scale(scale, scale);
  pen.strokeStyle = stroke;
  pen.lineWidth = hatch === 'dots' ? 2 : 1;
  pen.lineCap = hatch === 'dots' ? 'round' : 'butt';
  pen.globalAlpha = 0.7;
  pen.stroke(new Path2D(hatchPath(hatch)));
  return tile;
}
