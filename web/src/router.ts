import { createRouter, createWebHistory } from 'vue-router';
import MapPage from './pages/MapPage.vue';

export const router = createRouter({
  history: createWebHistory(),
  scrollBehavior: (to, from, saved) => saved ?? (to.path === from.path ? false : { top: 0 }),
  routes: [
    { path: '/', redirect: (to) => ({ path: '/map', query: to.query }) },
    { path: '/map', name: 'map', component: MapPage },
    { path: '/zoning', name: 'zoning', component: () => import('./pages/ZoningPage.vue') },
    { path: '/zoning/cases', name: 'cases', meta: { under: 'zoning' }, component: () => import('./pages/CasesPage.vue') },
    { path: '/zoning/follow-ups', name: 'followUps', meta: { under: 'zoning' }, component: () => import('./pages/FollowUpsPage.vue') },
    { path: '/zoning/objections', name: 'objections', meta: { under: 'zoning' }, component: () => import('./pages/ObjectionsPage.vue') },
    { path: '/accounts', name: 'accounts', component: () => import('./pages/AccountsPage.vue') },
    { path: '/figures/:id?', name: 'figures', component: () => import('./pages/FiguresPage.vue') },
    { path: '/summary', name: 'summary', component: () => import('./pages/SummaryPage.vue') },
    { path: '/norms', name: 'norms', component: () => import('./pages/NormsPage.vue') },
    { path: '/start', name: 'start', component: () => import('./pages/StartPage.vue') },
    { path: '/help', name: 'help', component: () => import('./pages/HelpPage.vue') },
    { path: '/:rest(.*)*', name: 'notFound', component: () => import('./pages/NotFoundPage.vue') },
  ],
});

// The language is part of every link: it stays when the page changes, and leaves with the switch.
router.beforeEach((to, from) => {
  if (to.path !== from.path && from.query.lang === 'en' && to.query.lang === undefined) {
    return { path: to.path, query: { ...to.query, lang: 'en' }, replace: to.redirectedFrom !== undefined };
  }
  return true;
});
