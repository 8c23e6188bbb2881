import { createApp } from 'vue';
import App from './App.vue';
import { i18n } from './i18n';
import { router } from './router';
import { loadCity } from './state/city';
import './style/base.css';
import './style/print.css';

// The first answer is on its way while the page is being built.
void loadCity();
createApp(App).use(i18n).use(router).mount('#app');
