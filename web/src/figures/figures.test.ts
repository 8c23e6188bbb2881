import { describe, expect, it } from 'vitest';
import { readPeriod, writePeriod, latestYear } from './period';
import { inLines } from './sql';
import { toTsv } from './tsv';
import { readVersions } from './versions';

describe('periods', () => {
  it('read and write years, quarters and months', () => {
    for (const text of ['2022', '2022-Q1', '2022-01', '2021-12']) expect(writePeriod(readPeriod(text, 2000))).toBe(text);
    expect(readPeriod('2022-13', 2021)).toEqual({ year: 2021, part: '' });
    expect(readPeriod(undefined, 2021)).toEqual({ year: 2021, part: '' });
    expect(latestYear([2019, 2022, 2021])).toBe(2022);
  });
});

describe('copied tables', () => {
  it('keep one cell in one place', () => {
    expect(toTsv(['站点', '值'], ['s', 'v'], [{ s: '溪东\t国控', v: 17 }, { s: 'a', v: null }])).toBe('站点\t值\r\n溪东 国控\t17\r\na\t');
  });
});

describe('questions', () => {
  it('stand in lines', () => {
    expect(inLines('SELECT a FROM t WHERE x = 1 AND EXISTS (SELECT 1 FROM s WHERE s.y) ORDER BY a')).toBe(
      'SELECT a\nFROM t\nWHERE x = 1\nAND EXISTS (SELECT 1\n    FROM s\n    WHERE s.y)\nORDER BY a',
    );
  });
});

describe('positions of the data', () => {
  it('are versions of tables', () => {
    expect(readVersions('observation@12;observation_history@0')).toEqual([{ table: 'observation', version: 12 }, { table: 'observation_history', version: 0 }]);
    expect(readVersions(null)).toEqual([]);
    expect(readVersions('42')).toEqual([]);
  });
});
