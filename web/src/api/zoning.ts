// One function for each zoning operation of the API.
import { API, apiUrl, getJson, post, send } from './client';
import type * as Z from './zoningTypes';

const enc = encodeURIComponent;
const of = (edition: string, rest: string) => `/zoning/editions/${enc(edition)}/${rest}`;
const json = 'application/json';

export const getEditions = () => getJson<Z.EditionList>('/zoning/editions');
export const getZoneLayers = (edition: string, signal?: AbortSignal) => getJson<Z.ZoneLayers>(of(edition, 'layers'), {}, signal);
/** Address of a layer's tiles with {z}, {x} and {y} left open. */
export const tileUrl = (edition: string, key: string) => `${API}${of(edition, `tiles/${enc(key)}`)}/{z}/{x}/{y}`;
export const findZones = (edition: string, q: string, signal?: AbortSignal) => getJson<{ items: Z.ZoneHit[] }>(of(edition, 'search'), { q }, signal);
export const getUnit = (edition: string, code: string, signal?: AbortSignal) => getJson<Z.UnitDetail>(of(edition, `units/${enc(code)}`), {}, signal);
export const getConditions = (edition: string, code: string, industry: string, limit: number, cursor?: string | null, signal?: AbortSignal) =>
  getJson<{ items: Z.UnitCondition[]; next: string | null }>(of(edition, `units/${enc(code)}/conditions`), { industry, limit, cursor }, signal);
export const identify = (edition: string, lon: number, lat: number, signal?: AbortSignal) =>
  getJson<Z.Identified>(of(edition, 'identify'), { lon: lon.toFixed(6), lat: lat.toFixed(6) }, signal);
export const getFacts = (edition: string, signal?: AbortSignal) => getJson<Z.FactDictionary>(of(edition, 'facts'), {}, signal);
export const findIndustries = (q: string, signal?: AbortSignal) => getJson<{ items: Z.Industry[] }>('/zoning/industries', { q }, signal);
export const compareEditions = (from: string, to: string, signal?: AbortSignal) => getJson<Z.Comparison>('/zoning/compare', { from, to }, signal);

export const readText = (text: string, crs: string | null, repair: boolean, signal?: AbortSignal) =>
  post<Z.Reading>('/zoning/readings', { crs, repair: repair ? 'true' : null }, JSON.stringify({ text }), json, { signal });
export const readSiteFile = (file: File, crs: string | null, repair: boolean, signal?: AbortSignal) =>
  post<Z.Reading>('/zoning/readings', { name: file.name, crs, repair: repair ? 'true' : null }, file, 'application/octet-stream', { signal });
export const screen = (body: Z.ScreenBody, signal?: AbortSignal) => post<Z.Answer>('/zoning/screen', {}, JSON.stringify(body), json, { signal });
export const traceRule = (body: Z.ScreenBody, rule: string, signal?: AbortSignal) =>
  post<Z.Traces>('/zoning/screen/trace', { rule }, JSON.stringify(body), json, { signal });
/** The key makes a second press of the button find the same case instead of making another. */
export const saveCase = (body: Z.ScreenBody & { title: string }, key: string) => send<Z.CaseMade>('/zoning/cases', body, { 'idempotency-key': key });
export const getCases = (filter: Z.CaseFilter, limit: number, cursor?: string | null, signal?: AbortSignal) =>
  getJson<{ items: Z.CaseRow[]; next: string | null }>('/zoning/cases', { ...filter, mine: filter.mine ? 'true' : null, limit, cursor }, signal);
export const getCase = (id: string, signal?: AbortSignal) => getJson<Z.CaseRecord>(`/zoning/cases/${enc(id)}`, {}, signal);
export const replayCase = (id: string, signal?: AbortSignal) => getJson<Z.Replay>(`/zoning/cases/${enc(id)}/replay`, {}, signal);
export const signJudgement = (id: string, judgement: Z.NewJudgement) => send<{ id: string }>(`/zoning/cases/${enc(id)}/judgements`, judgement);
export const revokeJudgement = (id: string, reason: string) => send(`/zoning/judgements/${enc(id)}/revocation`, { reason });
export const reportUrl = (id: string, format: 'docx' | 'html' | 'json') => apiUrl(`/zoning/cases/${enc(id)}/report`, { format });

/** The newest revision of each evaluation, those entered last first. */
export const getFollowUps = (filter: Partial<Z.FollowUpFilter>, limit: number, cursor: string | null, signal?: AbortSignal) =>
  getJson<{ items: Z.FollowUp[]; next: string | null }>('/zoning/follow-ups', { ...filter, limit, cursor }, signal);
export const enterFollowUp = (evaluation: Z.NewFollowUp) => send<{ id: string }>('/zoning/follow-ups', evaluation);

export const fileObjection = (objection: Z.NewObjection) => send<{ id: string }>('/zoning/objections', objection);
export const getObjections = (edition: string, state: string, signal?: AbortSignal) => getJson<{ items: Z.Objection[] }>('/zoning/objections', { edition, state }, signal);
export const answerObjection = (id: string, state: Z.ObjectionState, reason: string) => send(`/zoning/objections/${enc(id)}/answer`, { state, reason });

export const getEditionHistory = (edition: string, signal?: AbortSignal) => getJson<{ items: Z.EditionStep[] }>(of(edition, 'history'), {}, signal);
export const publishEdition = (edition: string, impact: string | null) => send(of(edition, 'publication'), impact ? { impact } : {});
export const endEdition = (edition: string, to: string, reason: string) => send(of(edition, 'end'), { to, reason });
export const withdrawEdition = (edition: string, reason: string) => send(of(edition, 'withdrawal'), { reason });
