// Periods as the platform writes them: 2022, 2022-Q1, 2022-01.
export interface Period { year: number; part: string }

export function readPeriod(text: string | undefined, fallbackYear: number): Period {
  const m = /^(\d{4})(?:-(Q[1-4]|0[1-9]|1[0-2]))?$/.exec(text ?? '');
  return m ? { year: Number(m[1]), part: m[2] ?? '' } : { year: fallbackYear, part: '' };
}
export const writePeriod = (p: Period): string => (p.part ? `${p.year}-${p.part}` : String(p.year));
export const PARTS = ['', 'Q1', 'Q2', 'Q3', 'Q4', ...Array.from({ length: 12 }, (_, i) => String(i + 1).padStart(2, '0'))];
/** The year shown when a link names none: the last with data. */
export const latestYear = (years: readonly number[] | undefined): number => (years?.length ? Math.max(...years) : 2022);
