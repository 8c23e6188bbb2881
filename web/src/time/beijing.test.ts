import { describe, expect, it } from 'vitest';
import { addHours, addMonths, dayOf, daysInMonth, fromApi, hourLabel, isLocalHour, monthOf, onHourGrid, toApi, weekdayOfFirst, yearOf } from './beijing';

describe('Beijing hours', () => {
  it('reads any offset as Beijing wall clock', () => {
    expect(fromApi('2022-03-05T15:00:00+08:00')).toBe('2022-03-05T15:00');
    expect(fromApi('2022-03-05T07:00:00Z')).toBe('2022-03-05T15:00');
    expect(toApi('2022-03-05T15:00')).toBe('2022-03-05T15:00:00+08:00');
  });

  it('gives midnight to the day that ends', () => {
    expect(dayOf('2022-03-01T00:00')).toEqual({ date: '2022-02-28', hour: 24 });
    expect(monthOf('2022-03-01T00:00')).toBe('2022-02');
    expect(yearOf('2023-01-01T00:00')).toBe(2022);
  });

  it('says which hour a value stands for', () => {
    expect(hourLabel('2022-03-05T15:00', 'zh-CN')).toBe('2022-03-05 15时均值（14:00–15:00）');
    expect(hourLabel('2022-03-06T00:00', 'zh-CN')).toBe('2022-03-05 24时均值（23:00–24:00）');
    expect(hourLabel('2022-03-05T15:00', 'en')).toBe('2022-03-05, mean of 14:00–15:00');
  });

  it('steps over days, months and years', () => {
    expect(addHours('2022-12-31T23:00', 2)).toBe('2023-01-01T01:00');
    expect(addMonths('2022-01', -1)).toBe('2021-12');
    expect(addMonths('2022-12', 1)).toBe('2023-01');
    expect(daysInMonth('2020-02')).toBe(29);
    expect(weekdayOfFirst('2022-03')).toBe(1);
  });

  it('refuses what is not a full hour', () => {
    expect(isLocalHour('2022-03-05T15:30')).toBe(false);
    expect(isLocalHour('2022-13-05T15:00')).toBe(false);
    expect(isLocalHour('2022-03-05T15:00')).toBe(true);
  });

  it('leaves a gap where an hour is absent', () => {
    const grid = onHourGrid(['2022-01-01T01:00', '2022-01-01T04:00'], [7, 9], '2022-01-01T01:00', '2022-01-01T05:00');
    expect(grid.values).toEqual([7, null, null, 9, null]);
    expect(grid.times).toHaveLength(5);
  });
});
