import { describe, expect, it } from 'vitest';
import en from './en';
import zh from './zh-CN';

type Tree = { [key: string]: string | Tree };

function leaves(tree: Tree, path = ''): Map<string, string> {
  const found = new Map<string, string>();
  for (const [key, value] of Object.entries(tree)) {
    if (typeof value === 'string') found.set(path + key, value);
    else for (const [k, v] of leaves(value, `${path}${key}.`)) found.set(k, v);
  }
  return found;
}
const slots = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((m) => m[1]).sort();

describe('messages', () => {
  const source = leaves(zh);
  const english = leaves(en);

  it('have equal keys in both languages', () => {
    expect([...english.keys()].sort()).toEqual([...source.keys()].sort());
  });

  it('have equal slots and no empty text', () => {
    for (const [key, text] of source) {
      expect(slots(english.get(key) ?? ''), key).toEqual(slots(text));
      expect(text.trim(), key).not.toBe('');
      expect(english.get(key)?.trim(), key).not.toBe('');
    }
  });

  it('keep Chinese out of the English sentences', () => {
    for (const [key, text] of english) {
      if (key === 'app.language') continue;
      expect(/[\u4e00-\u9fff]/.test(text), `${key}: ${text}`).toBe(false);
    }
  });

  const used = import.meta.glob('../**/*.{vue,ts}', { query: '?raw', import: 'default', eager: true }) as Record<string, string>;
  it('are there for every key that a page names', () => {
    for (const [file, text] of Object.entries(used)) {
      for (const m of text.matchAll(/\bt\('([\w.]+)'/g)) expect(source.has(m[1] ?? ''), `${file}: ${m[1]}`).toBe(true);
    }
  });
});
