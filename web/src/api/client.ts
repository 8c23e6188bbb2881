// The only place that calls fetch. Reads revalidate by ETag through the browser's own cache,
// so an unchanged card or frame costs a 304 and no body.
import type { ProblemBody } from './types';

export const API = '/api/v1';

/** An answer that is not a success: RFC 9457 fields, or what can be said without them. */
export class ApiProblem extends Error {
  readonly status: number;
  readonly body: ProblemBody;
  /** Seconds until another try is worth it, when the server says so. */
  readonly wait: number | null;

  constructor(status: number, body: ProblemBody, wait: number | null = null) {
    super(body.title ?? `HTTP ${status}`);
    this.name = 'ApiProblem';
    this.status = status;
    this.body = body;
    this.wait = wait;
  }
}

export type QueryValue = string | number | undefined | null;

/** Builds an API address; empty parameters are left out so that equal views have equal cache keys. */
export function apiUrl(path: string, query: Record<string, QueryValue> = {}): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== '') search.set(key, String(value));
  }
  const text = search.toString();
  return API + path + (text ? `?${text}` : '');
}

/** Seconds of a Retry-After, which may also be a date. */
export function waitOf(header: string | null, now = Date.now()): number | null {
  if (!header) return null;
  if (/^\d+$/.test(header.trim())) return Number(header);
  const at = Date.parse(header);
  return Number.isNaN(at) ? null : Math.max(0, Math.ceil((at - now) / 1000));
}

async function problemOf(answer: Response): Promise<ApiProblem> {
  const type = answer.headers.get('content-type') ?? '';
  const wait = waitOf(answer.headers.get('retry-after'));
  if (type.includes('json')) {
    try {
      return new ApiProblem(answer.status, (await answer.json()) as ProblemBody, wait);
    } catch {
      // A cut-off body still has a status to report.
    }
  }
  return new ApiProblem(answer.status, {}, wait);
}

/** Told of every refusal, so that a session that must first change its password is asked to, whatever it tried. */
let refused: (problem: ApiProblem) => void = () => {};
export const onRefusal = (listener: (problem: ApiProblem) => void): void => void (refused = listener);

async function ask(url: string, init: RequestInit): Promise<Response> {
  let answer: Response;
  try {
    answer = await fetch(url, { credentials: 'same-origin', ...init });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new ApiProblem(0, {});
  }
  if (!answer.ok) {
    const problem = await problemOf(answer);
    refused(problem);
    throw problem;
  }
  return answer;
}

export async function getJson<T>(path: string, query: Record<string, QueryValue> = {}, signal?: AbortSignal): Promise<T> {
  const answer = await ask(apiUrl(path, query), { signal, headers: { accept: 'application/json' } });
  // A wrongly configured proxy answers pages with 200; saying so beats a JSON syntax error.
  if (!(answer.headers.get('content-type') ?? '').includes('json')) throw new ApiProblem(502, {});
  return (await answer.json()) as T;
}

export async function post<T>(
  path: string, query: Record<string, QueryValue>, body: BodyInit, type: string, more: { headers?: Record<string, string>; signal?: AbortSignal } = {},
): Promise<T | null> {
  const answer = await ask(apiUrl(path, query), { method: 'POST', body, signal: more.signal, headers: { 'content-type': type, accept: 'application/json', ...more.headers } });
  if (answer.status === 204) return null;
  // A door that makes something may answer without a body.
  const text = await answer.text();
  return text ? (JSON.parse(text) as T) : null;
}

/** Posts an object as JSON. */
export const send = <T = null>(path: string, body: object, headers: Record<string, string> = {}) =>
  post<T>(path, {}, JSON.stringify(body), 'application/json', { headers });

export async function remove(path: string): Promise<void> {
  await ask(apiUrl(path), { method: 'DELETE' });
}

export const isAbort = (error: unknown): boolean => error instanceof DOMException && error.name === 'AbortError';
