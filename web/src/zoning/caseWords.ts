// Words for what a case holds that came as plain data.

/** A side of a change: nothing, a known word, a number, or a list of them. */
export function changeWords(value: unknown, known: (word: string) => string | null, lang: string): string {
  if (value === null || value === undefined || value === '') return '—';
  if (Array.isArray(value)) return value.length ? value.map((v) => changeWords(v, known, lang)).join(lang === 'en' ? ', ' : '、') : '—';
  if (typeof value === 'number') return value.toLocaleString(lang, { maximumFractionDigits: 3 });
  if (typeof value === 'object') return JSON.stringify(value);
  return known(String(value)) ?? String(value);
}
