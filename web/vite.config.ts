import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

// Under the AppHost the addresses arrive by service discovery; alone, the documented local ports hold.
const api = process.env.services__api__http__0 ?? process.env.API_HTTP ?? 'http://localhost:5080';
const push = process.env.services__push__http__0 ?? process.env.PUSH_HTTP ?? 'http://localhost:5090';

/** Leaves a smaller copy beside each file that is worth it; the Api sends the best one that a browser takes. */
function compressed(): Plugin {
  let folder = '';
  return {
    name: 'compressed',
    apply: 'build',
    configResolved: ({ root, build }) => void (folder = resolve(root, build.outDir)),
    closeBundle() {
      for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
        if (!/\.(js|css|html|svg)$/.test(file)) continue;
        const path = join(folder, file);
        const content = readFileSync(path);
        if (content.length < 1024) continue;
        writeFileSync(`${path}.br`, brotliCompressSync(content));
        writeFileSync(`${path}.gz`, gzipSync(content, { level: 9 }));
      }
    },
  };
}

export default defineConfig({
  plugins: [react(), tailwindcss(), compressed()],
  resolve: {
    alias: { '@taskflow/realtime': fileURLToPath(new URL('./src/realtime/index.ts', import.meta.url)) },
  },
  server: {
    host: '127.0.0.1',
    port: Number(process.env.PORT ?? 5100),
    strictPort: true,
    proxy: {
      '/api': { target: api },
      '/.well-known': { target: api },
      '/realtime': { target: push, ws: true },
    },
  },
  preview: { host: '127.0.0.1', port: Number(process.env.PORT ?? 5100), strictPort: true },
  build: {
    target: 'es2022',
    // The content security policy of the Api allows no inline script and no data: font.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    sourcemap: false,
    manifest: true,
  },
  test: {
    environment: 'node',
    include: ['src/**/*.test.{ts,tsx}'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    restoreMocks: true,
  },
});
