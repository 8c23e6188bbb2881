import { describe, expect, it } from 'vitest';
import { levelOfValue, printValue, rangeOfLevel } from './values';
import { windowOf } from './useTimeline';
import { inkOn } from '../state/city';

const legend = [
  { parameter: 'PM2_5', name_zh: '细颗粒物', name_en: 'PM2.5', unit: 'µg/m³', decimals: 0, breakpoints: [0, 35, 75, 115, 150, 250, 350, 500] },
  { parameter: 'CO', name_zh: '一氧化碳', name_en: 'CO', unit: 'mg/m³', decimals: 1, breakpoints: [0, 5, 10, 35, 60, 90, 120, 150] },
];

describe('values on the scale', () => {
  it('gives the upper end to the lower class', () => {
    expect(levelOfValue(legend, 'PM2_5', 35)).toBe(1);
    expect(levelOfValue(legend, 'PM2_5', 36)).toBe(2);
    expect(levelOfValue(legend, 'PM2_5', 400)).toBe(6);
    expect(levelOfValue(legend, 'PM2_5', 900)).toBe(6);
    expect(levelOfValue(legend, 'PM2_5', null)).toBeNull();
    expect(levelOfValue(legend, 'unknown', 3)).toBeNull();
  });
  it('prints with the decimals of the norm', () => {
    expect(printValue(legend, 'CO', 0.56)).toBe('0.6');
    expect(printValue(legend, 'PM2_5', null)).toBe('');
  });
  it('names the ranges', () => {
    expect(rangeOfLevel(legend, 'PM2_5', 1)).toBe('0–35');
    expect(rangeOfLevel(legend, 'PM2_5', 6)).toBe('> 250');
  });
  it('keeps the slider window still inside a block of days', () => {
    const w = windowOf('2022-03-05T15:00', 3);
    expect(windowOf(w.from, 3)).toEqual(w);
    expect(windowOf(w.to, 3)).toEqual(w);
    expect(w.from.endsWith('T01:00')).toBe(true);
    expect(w.to.endsWith('T00:00')).toBe(true);
  });
  it('writes black on the standard yellow and white on maroon', () => {
    expect(inkOn('#FFFF00')).toBe('#000000');
    expect(inkOn('#7E0023')).toBe('#ffffff');
  });
});
