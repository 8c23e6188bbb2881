// A refusal in words: what the server says, what to do, and how long to wait.
import { computed } from 'vue';
import { ApiProblem } from '../api/client';
import { useLang } from '../i18n';
import { signedIn } from '../state/visitor';

/** A wait as people say it: seconds below two minutes, then whole minutes, then hours, never too short. */
export function waitParts(seconds: number): { n: number; unit: 'seconds' | 'minutes' | 'hours' } {
  if (seconds < 120) return { n: Math.max(1, Math.ceil(seconds)), unit: 'seconds' };
  const minutes = Math.ceil(seconds / 60);
  return minutes < 120 ? { n: minutes, unit: 'minutes' } : { n: Math.ceil(minutes / 60), unit: 'hours' };
}

export function useProblem(error: () => unknown) {
  const { t, lang } = useLang();
  const problem = computed(() => {
    const e = error();
    return e instanceof ApiProblem ? e : null;
  });
  const words = computed(() => {
    const body = problem.value?.body;
    if (!body) return '';
    const [first, second] = lang.value === 'en' ? (['_en', ''] as const) : (['', '_en'] as const);
    const title = body[`title${first}`] || body[`title${second}`];
    const detail = body[`detail${first}`] || body[`detail${second}`];
    return [title, detail].filter(Boolean).join(t('app.colon'));
  });
  const wait = computed(() => {
    const seconds = problem.value?.wait;
    if (seconds == null) return '';
    const { n, unit } = waitParts(seconds);
    return t(`state.wait.${unit}`, { n });
  });
  const advice = computed(() => {
    const status = problem.value?.status ?? -1;
    if (status === 0) return t('state.doNetwork');
    if (status === 403) return t('state.doRight');
    if (status === 404) return t('state.doNotFound');
    if (status === 429) return wait.value || t('state.doLater');
    return status >= 400 && status < 500 ? t('state.doInput') : t('state.doServer');
  });
  const findings = computed(() => problem.value?.body.findings ?? []);
  /** A sign-in would help. */
  const stranger = computed(() => problem.value?.status === 401 || (problem.value?.status === 403 && !signedIn.value));
  return { problem, words, wait, advice, findings, stranger };
}
