// One function for each operation of the API.
import { apiUrl, getJson, post, remove, send } from './client';
import type * as T from './types';

const enc = encodeURIComponent;

export const getMeta = () => getJson<T.Meta>('/meta');
export const getLegend = () => getJson<T.Legend>('/legend/air');
export const getLayers = () => getJson<{ groups: T.LayerGroup[] }>('/layers');
export const getBase = () => getJson<T.BaseMap>('/geo/base');
export const getStationsAt = (at: string, signal?: AbortSignal) => getJson<T.StationsAt>('/air/stations', { at }, signal);
export const getFrames = (from: string, to: string, what: string, signal?: AbortSignal) =>
  getJson<T.Frames>('/air/frames', { from, to, what }, signal);
export const findStations = (q: string, signal?: AbortSignal) => getJson<{ items: T.StationHit[] }>('/stations', { q }, signal);
export const getCard = (station: string, at: string, signal?: AbortSignal) =>
  getJson<T.Card>(`/stations/${enc(station)}/card`, { at }, signal);
export const getHours = (station: string, from: string, to: string, parameter: string, signal?: AbortSignal) =>
  getJson<T.Hours>(`/stations/${enc(station)}/hours`, { from, to, parameter }, signal);
export const getDays = (station: string, month: string, signal?: AbortSignal) =>
  getJson<T.MonthDays>(`/stations/${enc(station)}/days`, { month }, signal);
export const getFigures = (period: string, signal?: AbortSignal) => getJson<T.FigureList>('/figures', { period }, signal);
export const getFigure = (id: string, period: string, signal?: AbortSignal) =>
  getJson<T.FigureDetail>(`/figures/${enc(id)}`, { period }, signal);
export const getFigureRows = (id: string, period: string, limit: number, cursor?: string | null, signal?: AbortSignal) =>
  getJson<T.FigureRows>(`/figures/${enc(id)}/rows`, { period, limit, cursor }, signal);
export const figureRowsFile = (id: string, period: string, format: 'csv' | 'xlsx') =>
  apiUrl(`/figures/${enc(id)}/rows`, { period, format });
export const getSummary = (period: string, signal?: AbortSignal) => getJson<T.Summary>('/summary/air', { period }, signal);
export const getNorms = () => getJson<T.Norms>('/norms');
export const getStart = () => getJson<T.StartState>('/start');
export const getSources = () => getJson<{ items: T.SourceEntry[] }>('/sources');
export type SignInWith = { code: string } | { login: string; password: string };
/** Nothing, or that the password must be changed before anything else. */
export const signIn = (by: SignInWith) => send<{ must_change?: boolean }>('/session', by);
export const signOut = () => remove('/session');
export const changePassword = (before: string, after: string) => send('/session/password', { old: before, new: after });
export const getAccounts = (signal?: AbortSignal) => getJson<{ items: T.Account[] }>('/accounts', {}, signal);
export const addAccount = (account: T.NewAccount) => send<{ id: string }>('/accounts', account);
export const setRoles = (id: string, roles: T.AccountRole[]) => send(`/accounts/${enc(id)}/roles`, { roles });
export const setDisabled = (id: string, disabled: boolean) => send(`/accounts/${enc(id)}/disabled`, { disabled });
export const resetPassword = (id: string, password: string) => send(`/accounts/${enc(id)}/password`, { password });
export const importFile = (table: string, source: string, file: File) =>
  post<T.ImportResult>('/imports', { table, source, name: file.name }, file, 'application/octet-stream');
