import { defineConfig } from 'vitest/config';

/** The client library against services that run: TASKFLOW_API=http://localhost:5080 npm run test:contract */
export default defineConfig({ test: { include: ['contract/**/*.test.ts'], fileParallelism: false } });
