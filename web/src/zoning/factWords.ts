// An answer as a reader sees it on paper.
import type { Fact } from '../api/zoningTypes';
import type { Lang } from '../i18n';
import { UNKNOWN, type Facts } from './zoningView';

export interface AnswerWords { yes: string; no: string; unknown: string; empty: string }

export function answerText(fact: Fact | undefined, value: Facts[string] | undefined, lang: Lang, words: AnswerWords): string {
  if (value === UNKNOWN || value === undefined || value === null) return words.unknown;
  if (value === true) return words.yes;
  if (value === false) return words.no;
  const option = (v: unknown) => {
    const found = fact?.options?.find((o) => o.value === v);
    return found ? (lang === 'en' ? found.en : found.zh) : String(v);
  };
  const comma = lang === 'en' ? ', ' : '、';
  if (Array.isArray(value)) {
    if (!value.length) return words.empty;
    if (fact?.type !== 'records') return value.map(option).join(comma);
    return value.map((r) => (fact.fields ?? []).map((f) => `${lang === 'en' ? f.question_en : f.question_zh} ${answerText(f, (r as Facts)[f.name], lang, words)}`).join(comma)).join('; ');
  }
  return fact?.unit && fact.unit !== '1' ? `${String(value)} ${fact.unit}` : option(value);
}
