import { ref } from 'vue';

const query = window.matchMedia('(max-width: 700px)');
/** True on phones, where panels become bottom sheets. */
export const narrow = ref(query.matches);
query.addEventListener('change', (event) => (narrow.value = event.matches));
