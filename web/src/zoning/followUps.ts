// Yearly evaluations of units: whose they are, which years are shown, and what an entry keeps.
import type { FollowUp } from '../api/zoningTypes';

/** The name under which the page keeps what somebody wrote. */
export const SAID = '评价';
export const YEARS = 5;

/** The years that are shown, newest first. */
export const yearsTo = (day: string): number[] => Array.from({ length: YEARS }, (_, i) => Number(day.slice(0, 4)) - i);
/** Those of some units, the newest year first. */
export const ofUnits = (list: readonly FollowUp[], units: readonly string[]): FollowUp[] =>
  list.filter((f) => units.includes(f.unit)).sort((a, b) => b.year - a.year || units.indexOf(a.unit) - units.indexOf(b.unit));
/** A correction replaces the words and keeps what others measured. */
export const indicatorsWith = (before: FollowUp | undefined, text: string): Record<string, unknown> => ({ ...before?.indicators, [SAID]: text });
export const saidIn = (f: FollowUp | undefined): string => (typeof f?.indicators[SAID] === 'string' ? f.indicators[SAID] : '');
/** Indicators by name, without the words. */
export const measuredIn = (f: FollowUp): [string, string][] =>
  Object.entries(f.indicators).filter(([name]) => name !== SAID || typeof f.indicators[SAID] !== 'string').map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]);
