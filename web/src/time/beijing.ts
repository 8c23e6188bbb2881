// Beijing wall-clock hours as text `YYYY-MM-DDTHH:MM`. All arithmetic treats the text as UTC:
// Beijing has no daylight saving, so the browser's own time zone can never shift an hour.

const HOUR = 3_600_000;

export type LocalHour = string;

const pad = (n: number, width = 2) => String(n).padStart(width, '0');
export const isLocalHour = (text: string): boolean =>
  /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):00$/.test(text) && fromMillis(millis(text)) === text;

function millis(local: LocalHour): number {
  return Date.parse(`${local}:00Z`);
}
function fromMillis(ms: number): LocalHour {
  const d = new Date(ms);
  return `${d.getUTCFullYear()}-${pad(d.getUTCMonth() + 1)}-${pad(d.getUTCDate())}T${pad(d.getUTCHours())}:${pad(d.getUTCMinutes())}`;
}

/** `2022-03-05T15:00:00+08:00` (or any offset) to `2022-03-05T15:00`. */
export function fromApi(time: string): LocalHour {
  return time.endsWith('+08:00') ? time.slice(0, 16) : fromMillis(Date.parse(time) + 8 * HOUR);
}
/** A moment of the API as it is read: `2022-03-05 15:07`. */
export const momentLabel = (time: string): string => fromApi(time).replace('T', ' ');
/** The day in Beijing. */
export const today = (now = Date.now()): string => fromMillis(now + 8 * HOUR).slice(0, 10);
export const toApi = (local: LocalHour): string => `${local}:00+08:00`;
export const addHours = (local: LocalHour, hours: number): LocalHour => fromMillis(millis(local) + hours * HOUR);
export const hoursBetween = (from: LocalHour, to: LocalHour): number => Math.round((millis(to) - millis(from)) / HOUR);
export const clampHour = (t: LocalHour, first: LocalHour, last: LocalHour): LocalHour => (t < first ? first : t > last ? last : t);

/** The day that an hour belongs to: the day in which it starts, so 00:00 is hour 24 of the day before. */
export function dayOf(local: LocalHour): { date: string; hour: number } {
  const start = addHours(local, -1);
  return { date: start.slice(0, 10), hour: Number(start.slice(11, 13)) + 1 };
}
export const monthOf = (local: LocalHour): string => dayOf(local).date.slice(0, 7);
export const yearOf = (local: LocalHour): number => Number(dayOf(local).date.slice(0, 4));
/** The hour that ends at `hour` (1 to 24) of a day. */
export const hourOfDay = (date: string, hour: number): LocalHour => addHours(`${date}T00:00`, hour);

/** What an hour's value stands for, in words. */
export function hourLabel(local: LocalHour, lang: 'zh-CN' | 'en'): string {
  const { date, hour } = dayOf(local);
  const span = `${pad(hour - 1)}:00–${pad(hour)}:00`;
  return lang === 'zh-CN' ? `${date} ${hour}时均值（${span}）` : `${date}, mean of ${span}`;
}

export function addMonths(month: string, count: number): string {
  const total = Number(month.slice(0, 4)) * 12 + Number(month.slice(5, 7)) - 1 + count;
  return `${pad(Math.floor(total / 12), 4)}-${pad((total % 12) + 1)}`;
}
export const daysInMonth = (month: string): number =>
  new Date(Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5, 7)), 0)).getUTCDate();
/** 0 = Monday, as Chinese calendars begin. */
export const weekdayOfFirst = (month: string): number => (new Date(`${month}-01T00:00:00Z`).getUTCDay() + 6) % 7;
export const monthsOfYear = (year: number): string[] => Array.from({ length: 12 }, (_, i) => `${pad(year, 4)}-${pad(i + 1)}`);

/**
 * Lays an hourly series on the full grid from `from` to `to`. An hour that the answer leaves out
 * becomes null, because a chart would otherwise draw a line across the gap.
 */
export function onHourGrid(
  times: LocalHour[],
  values: (number | null)[],
  from: LocalHour,
  to: LocalHour,
): { times: LocalHour[]; values: (number | null)[] } {
  const length = hoursBetween(from, to) + 1;
  const grid: (number | null)[] = Array.from({ length }, () => null);
  times.forEach((time, i) => {
    const at = hoursBetween(from, time);
    if (at >= 0 && at < length) grid[at] = values[i] ?? null;
  });
  return { times: Array.from({ length }, (_, i) => addHours(from, i)), values: grid };
}
