// One sheet for the button and for Ctrl+P: it is made when printing begins and goes when it ends.
import { nextTick, onBeforeUnmount, onMounted, shallowRef } from 'vue';

export interface PrintJob { picture: HTMLCanvasElement | null; made: string; address: string }

export function usePrint(picture: () => HTMLCanvasElement | null | undefined, lang: () => string) {
  const job = shallowRef<PrintJob | null>(null);
  const begin = () => {
    job.value ??= { picture: picture() ?? null, made: new Date().toLocaleString(lang(), { timeZone: 'Asia/Shanghai' }), address: window.location.href };
  };
  const end = () => (job.value = null);
  onMounted(() => {
    window.addEventListener('beforeprint', begin);
    window.addEventListener('afterprint', end);
  });
  onBeforeUnmount(() => {
    window.removeEventListener('beforeprint', begin);
    window.removeEventListener('afterprint', end);
  });
  async function print(): Promise<void> {
    begin();
    // A browser that prints from a script takes the page as it stands.
    await nextTick();
    window.print();
  }
  return { job, print };
}
