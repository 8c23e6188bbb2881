import { afterEach, describe, expect, it, vi } from 'vitest';
import { ApiProblem, getJson, waitOf } from '../api/client';
import type { Meta } from '../api/types';
import { waitParts } from '../shell/useProblem';
import { loadCity } from './city';
import { enter, may, needsPassword, passwordDialog, signedIn, visitorOf } from './visitor';

const meta = (user: object, top: object = {}) => ({ user, ...top }) as unknown as Meta;

describe('who is looking', () => {
  it('is the public before anything is known', () => expect(visitorOf(null)).toEqual({ role: 'public', who: null, may: [] }));
  it('is read from the visitor, else from the answer itself', () => {
    const who = { login: 'lin', display_name: '林青', roles: ['officer'] };
    expect(visitorOf(meta({ role: 'account', who, may: ['cases'] }))).toEqual({ role: 'account', who, may: ['cases'] });
    expect(visitorOf(meta({ role: 'account' }, { who, may: ['cases'] }))).toEqual({ role: 'account', who, may: ['cases'] });
  });
  it('lets the operator import, as a server without accounts does', () => {
    expect(visitorOf(meta({ role: 'operator' })).may).toEqual(['import']);
    expect(visitorOf(meta({ role: 'operator', may: [] })).may).toEqual([]);
    expect(visitorOf(meta({ role: 'public' })).may).toEqual([]);
  });
  it('must change a password only when the server says so', () => {
    expect(needsPassword(new ApiProblem(403, { type: '/problems/password-change-needed' }))).toBe(true);
    expect(needsPassword(new ApiProblem(403, { type: '/problems/forbidden' }))).toBe(false);
    expect(needsPassword(new ApiProblem(422, { type: '/problems/password-change-needed' }))).toBe(false);
  });
});

describe('how long to wait', () => {
  it('is read as seconds or as a date', () => {
    expect(waitOf('840')).toBe(840);
    expect(waitOf('Wed, 25 Nov 2026 02:00:30 GMT', Date.UTC(2026, 10, 25, 2, 0, 0))).toBe(30);
    expect(waitOf('Wed, 25 Nov 2026 02:00:30 GMT', Date.UTC(2026, 10, 25, 3, 0, 0))).toBe(0);
    for (const none of [null, '', 'soon']) expect(waitOf(none)).toBeNull();
  });
  it('is never said too short', () => {
    expect(waitParts(0)).toEqual({ n: 1, unit: 'seconds' });
    expect(waitParts(119)).toEqual({ n: 119, unit: 'seconds' });
    expect(waitParts(121)).toEqual({ n: 3, unit: 'minutes' });
    expect(waitParts(840)).toEqual({ n: 14, unit: 'minutes' });
    expect(waitParts(7201)).toEqual({ n: 3, unit: 'hours' });
  });
});

describe('a session', () => {
  const replies = (meta: object[], other: [number, object]) =>
    vi.stubGlobal('fetch', (url: string) => {
      const [status, body] = url.endsWith('/meta') ? [200, meta.shift() ?? { user: { role: 'public' } }] : url.endsWith('/session') ? [200, { must_change: true }] : url.endsWith('/legend/air') ? [200, { items: [] }] : other;
      return Promise.resolve(new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } }));
    });
  afterEach(() => vi.unstubAllGlobals());

  it('that has ended makes its owner a visitor again', async () => {
    replies([{ user: { role: 'account', may: ['cases'] } }], [401, {}]);
    await loadCity();
    expect(may('cases')).toBe(true);
    await expect(getJson('/zoning/cases')).rejects.toMatchObject({ status: 401 });
    await vi.waitFor(() => expect(signedIn.value).toBe(false));
  });
  it('with a given password asks for another, even when every door is shut', async () => {
    replies([], [403, { type: '/problems/password-change-needed' }]);
    await enter({ login: 'lin', password: 'x' });
    expect(passwordDialog.value).toBe('must');
    passwordDialog.value = 'closed';
    await expect(getJson('/zoning/editions')).rejects.toMatchObject({ status: 403 });
    expect(passwordDialog.value).toBe('must');
  });
});
