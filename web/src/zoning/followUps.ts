// Yearly evaluations of units: whose they are, which years are shown, and what an entry keeps.
import type { FollowUp } from '../api/zoningTypes';

/** The name under which the page keeps what somebody wrote. */
export const SAID = '评价';
export const YEARS = 5;

/** A number under its name, as it is typed. */
export interface NumberRow { name: string; value: string }

/** The years that are shown, newest first. */
export const yearsTo = (day: string): number[] => Array.from({ length: YEARS }, (_, i) => Number(day.slice(0, 4)) - i);
/** Those of some units and of the years that are shown, the newest year first. */
export const ofUnits = (list: readonly FollowUp[], units: readonly string[], years?: readonly number[]): FollowUp[] =>
  list.filter((f) => units.includes(f.unit) && (!years || years.includes(f.year))).sort((a, b) => b.year - a.year || units.indexOf(a.unit) - units.indexOf(b.unit));
export const saidIn = (f: FollowUp | undefined): string => (typeof f?.indicators[SAID] === 'string' ? f.indicators[SAID] : '');
/** Indicators by name, without the words. */
export const measuredIn = (f: FollowUp): [string, string][] =>
  Object.entries(f.indicators).filter(([name]) => name !== SAID || typeof f.indicators[SAID] !== 'string').map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]);
/** The numbers, as they are typed. */
export const numbersIn = (f: FollowUp | undefined): NumberRow[] =>
  Object.entries(f?.indicators ?? {}).filter(([, value]) => typeof value === 'number').map(([name, value]) => ({ name, value: String(value) }));

/** What is wrong with typed numbers: the word for it, or nothing. Rows without a name and a value are none. */
export function numbersFault(rows: readonly NumberRow[]): 'needName' | 'needNumber' | 'nameTwice' | null {
  const filled = rows.map((r) => ({ name: r.name.trim(), value: r.value.trim() })).filter((r) => r.name || r.value);
  if (filled.some((r) => !r.name || r.name === SAID)) return 'needName';
  if (filled.some((r) => !/^[+-]?\d+(\.\d+)?$/.test(r.value))) return 'needNumber';
  return new Set(filled.map((r) => r.name)).size < filled.length ? 'nameTwice' : null;
}
/** A correction replaces the words and the numbers, and keeps what else others entered. */
export function indicatorsWith(before: FollowUp | undefined, text: string, rows: readonly NumberRow[] = numbersIn(before)): Record<string, unknown> {
  const others = Object.entries(before?.indicators ?? {}).filter(([name, value]) => typeof value !== 'number' && name !== SAID);
  const numbers = rows.filter((r) => r.name.trim()).map((r) => [r.name.trim(), Number(r.value)] as const);
  return Object.fromEntries([...others, ...numbers, ...(text ? [[SAID, text] as const] : [])]);
}
