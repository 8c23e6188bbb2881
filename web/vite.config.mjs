import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'vite';

const api = process.env.YUNDANG_API ?? 'http://127.0.0.1:4173';

export default defineConfig({
  plugins: [vue()],
  define: {
    // The bureau's pages use the composition API only; dropping the rest saves first-load bytes.
    __VUE_OPTIONS_API__: 'false',
    __VUE_PROD_DEVTOOLS__: 'false',
    __VUE_I18N_LEGACY_API__: 'false',
    __INTLIFY_PROD_DEVTOOLS__: 'false',
  },
  build: {
    // Office machines with Chinese Linux distributions still report Chromium 90.
    target: 'chrome90',
    cssTarget: 'chrome90',
    outDir: 'dist',
    // The folder holds a .gitkeep so that Rust can embed it before the first build.
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 900,
  },
  server: { port: 5173, strictPort: true, proxy: { '/api': api, '/healthz': api } },
  test: { include: ['src/**/*.test.ts'], environment: 'node' },
});
