import { computed } from 'vue';
import { createI18n, useI18n } from 'vue-i18n';
import en from './en';
import zh from './zh-CN';

export type Lang = 'zh-CN' | 'en';

export const i18n = createI18n({ legacy: false, locale: 'zh-CN', fallbackLocale: 'zh-CN', messages: { 'zh-CN': zh, en } });

export function setLang(lang: Lang): void {
  i18n.global.locale.value = lang;
  document.documentElement.lang = lang;
}

/** Translation plus `pick`, which reads the `_zh` or `_en` twin of a field that the server sends in both. */
export function useLang() {
  const { t, te, locale } = useI18n();
  const lang = computed(() => locale.value as Lang);
  function pick(from: object | null | undefined, field: string): string {
    if (!from) return '';
    const both = from as Record<string, unknown>;
    const zhText = both[`${field}_zh`];
    const enText = both[`${field}_en`];
    const text = lang.value === 'en' ? enText || zhText : zhText || enText;
    return typeof text === 'string' ? text : '';
  }
  /** A unit as the reader's language writes it; most units need no twin. */
  const unitOf = (from: { unit: string; unit_en?: string | null }) => (lang.value === 'en' && from.unit_en ? from.unit_en : from.unit);
  return { t, te, lang, pick, unitOf };
}
