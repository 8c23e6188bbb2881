// Who is looking, what they may do, and the two dialogs that change it. One of each for the whole page.
import { computed, ref } from 'vue';
import { onRefusal, type ApiProblem } from '../api/client';
import { signIn, signOut, type SignInWith } from '../api/endpoints';
import type { Meta, Right, Visitor } from '../api/types';
import { city, loadCity, refreshMeta } from './city';

/** The visitor of an answer of `/meta`: the operator of the one-time code has always been allowed to import. */
export function visitorOf(meta: Pick<Meta, 'user'> | null): Visitor & { may: Right[] } {
  const user: Visitor = { role: 'public', ...(meta as Partial<Visitor> | null), ...meta?.user };
  return { role: user.role, who: user.who ?? null, may: user.may ?? (user.role === 'operator' ? ['import'] : []) };
}

export const visitor = computed(() => visitorOf(city.meta as Meta | null));
export const signedIn = computed(() => visitor.value.role !== 'public');
export const may = (right: Right): boolean => visitor.value.may.includes(right);

export const signingIn = ref(false);
/** `must`: nothing else is open until the password is another. */
export const passwordDialog = ref<'closed' | 'open' | 'must'>('closed');
export const askSignIn = (): void => void (signingIn.value = true);

export async function enter(by: SignInWith): Promise<void> {
  const answer = await signIn(by);
  if (!answer?.must_change) return refreshMeta();
  passwordDialog.value = 'must';
  // Every door may be shut until the password is another.
  await refreshMeta().catch(() => undefined);
}
export async function leave(): Promise<void> {
  try {
    await signOut();
  } finally {
    // A session that the server no longer knows has ended all the same.
    await refreshMeta();
  }
}
export async function passwordChanged(): Promise<void> {
  passwordDialog.value = 'closed';
  await (city.meta ? refreshMeta() : loadCity());
}

export const needsPassword = (problem: ApiProblem): boolean => problem.status === 403 && (problem.body.type ?? '').endsWith('password-change-needed');
onRefusal((problem) => {
  if (needsPassword(problem)) passwordDialog.value = 'must';
  // A session that has ended makes its owner a visitor again.
  else if (problem.status === 401 && signedIn.value) void refreshMeta().catch(() => undefined);
});
