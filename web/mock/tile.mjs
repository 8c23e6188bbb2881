// A Mapbox vector tile of a few polygons, written by hand: just enough protobuf for the mock.
const SIZE = 4096;

function varint(n, out) {
  let rest = n >>> 0;
  while (rest > 127) {
    out.push((rest & 127) | 128);
    rest >>>= 7;
  }
  out.push(rest);
}
const zigzag = (n) => (n << 1) ^ (n >> 31);
function field(number, bytes, out) {
  varint((number << 3) | 2, out);
  varint(bytes.length, out);
  for (const b of bytes) out.push(b);
}
const text = (s) => [...new TextEncoder().encode(s)];
const packed = (numbers) => {
  const out = [];
  for (const n of numbers) varint(n, out);
  return out;
};

/** Pixel of a place in tile z/x/y. */
function pixel([lon, lat], z, x, y) {
  const n = 2 ** z;
  const s = Math.sin((lat * Math.PI) / 180);
  return [Math.round(((lon + 180) / 360) * n * SIZE - x * SIZE), Math.round((0.5 - Math.log((1 + s) / (1 - s)) / (4 * Math.PI)) * n * SIZE - y * SIZE)];
}
const signed = (ring) => ring.reduce((sum, [x, y], i) => { const [u, v] = ring[(i + 1) % ring.length]; return sum + x * v - u * y; }, 0);

/** `areas`: [{ ring: [[lon, lat], …] without the closing corner, properties: { … } }]. Empty when none meets the tile. */
export function tile(layer, areas, z, x, y) {
  const keys = [];
  const values = [];
  const at = (list, item) => (list.includes(item) ? list.indexOf(item) : list.push(item) - 1);
  const features = [];
  for (const { ring, properties } of areas) {
    let points = ring.map((p) => pixel(p, z, x, y)).filter(([px, py], i, all) => i === 0 || px !== all[i - 1][0] || py !== all[i - 1][1]);
    const [xs, ys] = [points.map((p) => p[0]), points.map((p) => p[1])];
    if (points.length < 3 || Math.max(...xs) < -64 || Math.max(...ys) < -64 || Math.min(...xs) > SIZE + 64 || Math.min(...ys) > SIZE + 64) continue;
    // Outer rings run clockwise on a screen, which is a positive area with y down.
    if (signed(points) < 0) points = points.reverse();
    const commands = [];
    let [cx, cy] = [0, 0];
    points.forEach(([px, py], i) => {
      if (i === 0) commands.push((1 << 3) | 1);
      if (i === 1) commands.push(((points.length - 1) << 3) | 2);
      commands.push(zigzag(px - cx), zigzag(py - cy));
      [cx, cy] = [px, py];
    });
    commands.push((1 << 3) | 7);
    const tags = Object.entries(properties).flatMap(([k, v]) => [at(keys, k), at(values, String(v))]);
    const feature = [];
    field(2, packed(tags), feature);
    feature.push(3 << 3, 3);
    field(4, packed(commands), feature);
    features.push(feature);
  }
  if (!features.length) return null;
  const out = [15 << 3, 2];
  field(1, text(layer), out);
  for (const f of features) field(2, f, out);
  for (const k of keys) field(3, text(k), out);
  for (const v of values) {
    const value = [];
    field(1, text(v), value);
    field(4, value, out);
  }
  out.push(5 << 3);
  varint(SIZE, out);
  const whole = [];
  field(3, out, whole);
  return Buffer.from(whole);
}
