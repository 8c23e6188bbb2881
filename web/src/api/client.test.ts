import { afterEach, describe, expect, it, vi } from 'vitest';
import { ApiProblem, apiUrl, getJson } from './client';

const reply = (status: number, type: string, body: string) =>
  vi.stubGlobal('fetch', () => Promise.resolve(new Response(body, { status, headers: { 'content-type': type } })));
afterEach(() => vi.unstubAllGlobals());

describe('the one door to the server', () => {
  it('leaves empty parameters out, so that equal views have equal addresses', () => {
    expect(apiUrl('/figures', { period: '2022', cursor: null, q: '' })).toBe('/api/v1/figures?period=2022');
    expect(apiUrl('/air/stations', { at: '2022-03-05T15:00:00+08:00' })).toBe('/api/v1/air/stations?at=2022-03-05T15%3A00%3A00%2B08%3A00');
  });

  it('keeps both languages of a problem', async () => {
    reply(404, 'application/problem+json', '{"title":"没有找到","title_en":"Not found","status":404}');
    const problem = await getJson('/figures/X').catch((e: unknown) => e);
    expect(problem).toBeInstanceOf(ApiProblem);
    expect(problem).toMatchObject({ status: 404, body: { title: '没有找到', title_en: 'Not found' } });
  });

  it('turns a page from a proxy, a cut-off body and a dead line into problems', async () => {
    reply(200, 'text/html', '<html>');
    await expect(getJson('/meta')).rejects.toMatchObject({ status: 502 });
    reply(500, 'application/json', '{"tit');
    await expect(getJson('/meta')).rejects.toMatchObject({ status: 500 });
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('offline')));
    await expect(getJson('/meta')).rejects.toMatchObject({ status: 0 });
  });
});
