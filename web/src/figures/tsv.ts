import type { RowValue } from '../api/types';

/** Table text that spreadsheets take from the clipboard; tabs and line ends inside a cell become spaces. */
export function toTsv(header: string[], keys: string[], rows: Record<string, RowValue>[]): string {
  const cell = (value: RowValue | undefined) => (value === null || value === undefined ? '' : String(value).replace(/[\t\r\n]+/g, ' '));
  return [header.map(cell).join('\t'), ...rows.map((row) => keys.map((key) => cell(row[key])).join('\t'))].join('\r\n');
}

export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Plain http on a bureau's own net has no clipboard API; the old way still works there.
    const area = document.createElement('textarea');
    area.value = text;
    area.style.position = 'fixed';
    area.style.opacity = '0';
    document.body.append(area);
    area.select();
    const done = document.execCommand('copy');
    area.remove();
    return done;
  }
}
