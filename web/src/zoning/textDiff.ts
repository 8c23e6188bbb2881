// The shortest way from one clause text to another, by words of Latin script and by single Chinese characters.
export interface Piece { kind: 'same' | 'gone' | 'new'; text: string }

const parts = (text: string): string[] => text.match(/[A-Za-z0-9.]+|\s+|[^]/gu) ?? [];
const MOST = 4_000_000;

export function textDiff(from: string, to: string): Piece[] {
  const [a, b] = [parts(from), parts(to)];
  // Two whole laws are not compared letter by letter.
  if (a.length * b.length > MOST) return [{ kind: 'gone', text: from }, { kind: 'new', text: to }];
  const width = b.length + 1;
  const length = new Uint16Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      length[i * width + j] = a[i] === b[j] ? (length[(i + 1) * width + j + 1] ?? 0) + 1 : Math.max(length[(i + 1) * width + j] ?? 0, length[i * width + j + 1] ?? 0);
  const pieces: Piece[] = [];
  const put = (kind: Piece['kind'], text: string) => {
    const last = pieces[pieces.length - 1];
    if (last?.kind === kind) last.text += text;
    else pieces.push({ kind, text });
  };
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      put('same', a[i] ?? '');
      i++;
      j++;
    } else if (j >= b.length || (i < a.length && (length[(i + 1) * width + j] ?? 0) >= (length[i * width + j + 1] ?? 0))) put('gone', a[i++] ?? '');
    else put('new', b[j++] ?? '');
  }
  return pieces;
}
