// Puts text on the clipboard and says whether that worked.
import { ref } from 'vue';
import { useLang } from '../i18n';

export function useCopy(done: () => string) {
  const { t } = useLang();
  const said = ref('');
  async function copy(text: string): Promise<void> {
    try {
      await navigator.clipboard.writeText(text);
      said.value = done();
    } catch {
      said.value = t('figures.copyFailed');
    }
  }
  return { said, copy };
}
