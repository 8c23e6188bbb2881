// How measured values are printed and placed on the scale. Both come from the legend that the
// server sends; no limit and no colour is written down here.
import type { Legend } from '../api/types';
import type { DeepReadonly } from 'vue';

type Pollutants = DeepReadonly<Legend['pollutants']> | undefined;

export const CRITERIA = ['SO2', 'NO2', 'PM10', 'PM2_5', 'CO', 'O3'] as const;

const SHORT: Record<string, string> = {
  PM2_5: 'PM2.5', O3_8h: 'O₃-8h', O3_8H: 'O₃-8h', SO2: 'SO₂', NO2: 'NO₂', O3: 'O₃', NOX: 'NOₓ', SO4: 'SO₄²⁻', NO3: 'NO₃⁻', NH4: 'NH₄⁺',
  CL: 'Cl⁻', NA: 'Na⁺', K: 'K⁺', MG: 'Mg²⁺', CA: 'Ca²⁺',
};
/** The chemist's short form of a parameter id. */
export const shortName = (parameter: string): string => SHORT[parameter] ?? parameter;
export const shortNames = (parameters: readonly string[]): string => parameters.map(shortName).join('、');

export function printValue(pollutants: Pollutants, what: string, value: number | null): string {
  if (value === null) return '';
  const decimals = pollutants?.find((p) => p.parameter === what)?.decimals ?? 0;
  return value.toFixed(decimals);
}

/** Category of a concentration by the legend's breakpoints; the upper end of a class belongs to it. */
export function levelOfValue(pollutants: Pollutants, what: string, value: number | null): number | null {
  const breakpoints = pollutants?.find((p) => p.parameter === what)?.breakpoints;
  if (value === null || !breakpoints || breakpoints.length < 2) return null;
  const at = breakpoints.findIndex((b, i) => i > 0 && value <= b);
  // 300–400 and 400–500 are one category, and so is all above.
  return Math.min(at < 0 ? breakpoints.length - 1 : at, 6);
}

/** Range of each category for a pollutant, as the legend prints it. */
export function rangeOfLevel(pollutants: Pollutants, what: string, level: number): string {
  const b = pollutants?.find((p) => p.parameter === what)?.breakpoints;
  const low = b?.[level - 1];
  if (!b || low === undefined) return '';
  const high = b[level];
  return high === undefined || level === 6 ? `> ${low}` : `${low}–${high}`;
}
