// Single keys and `g x` pairs. Keys typed into a field belong to the field.
import { onBeforeUnmount, onMounted } from 'vue';

type Handler = () => void;
const stack: Record<string, Handler>[] = [];
let firstOfPair = '';
let pairTimer = 0;

function typing(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}
// Space on a button presses it, and on a slider or link it has its own meaning.
const ownsSpace = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && target.closest('button,a,summary,[role="slider"],[role="tab"],[role="option"]') !== null;

function onKey(event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (typing(event.target) && event.key !== 'Escape') return;
  if (event.key === ' ' && ownsSpace(event.target)) return;
  const key = firstOfPair ? `${firstOfPair} ${event.key}` : event.key;
  window.clearTimeout(pairTimer);
  firstOfPair = '';
  for (let i = stack.length - 1; i >= 0; i--) {
    const handler = stack[i]?.[key];
    if (handler) {
      event.preventDefault();
      handler();
      return;
    }
  }
  if (event.key === 'g') {
    firstOfPair = 'g';
    pairTimer = window.setTimeout(() => (firstOfPair = ''), 1500);
  }
}

/** Gives a component its keys while it is mounted; the newest component wins. */
export function useKeys(keys: Record<string, Handler>): void {
  onMounted(() => {
    if (stack.length === 0) window.addEventListener('keydown', onKey);
    stack.push(keys);
  });
  onBeforeUnmount(() => {
    stack.splice(stack.indexOf(keys), 1);
    if (stack.length === 0) window.removeEventListener('keydown', onKey);
  });
}
