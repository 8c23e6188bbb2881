// Lengths, areas and shares as the pages write them.
const MU_M2 = 2000 / 3;

/** Groups thousands and drops digits that nobody measured: 12,345.6 stays, 123,456.7 becomes 123,457. */
export function plain(n: number, lang: string): string {
  const size = Math.abs(n);
  return n.toLocaleString(lang, { maximumFractionDigits: size >= 100_000 ? 0 : size >= 100 ? 1 : 2 });
}
export const mu = (m2: number, lang: string) => plain(m2 / MU_M2, lang);
export const percent = (share: number, lang: string) =>
  share > 0 && share < 0.0005 ? '<0.1%' : share.toLocaleString(lang, { style: 'percent', maximumFractionDigits: share < 0.1 ? 1 : 0 });
/** Square kilometres for what is larger than a site. */
export const km2 = (m2: number, lang: string) => `${(m2 / 1e6).toLocaleString(lang, { maximumFractionDigits: 2, minimumFractionDigits: 2 })} km²`;
