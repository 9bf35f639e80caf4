import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app/App';
import { preferences } from './app/preferences';
import { DataRuntime } from './data/runtime';
import { dropUnscopedDrafts } from './ui/useDraft';
import './styles.css';

const root = document.getElementById('root');
if (!root) throw new Error('The page has no #root.');
const runtime = new DataRuntime();
// The first data is on its way while the first frame is drawn.
const workspaceId = /^\/w\/([^/]+)/.exec(location.pathname)?.[1] ?? (location.pathname === '/' ? preferences.get().lastWorkspace : null);
if (workspaceId) runtime.prepare(workspaceId);

createRoot(root).render(
  <StrictMode>
    <App runtime={runtime} />
  </StrictMode>,
);
dropUnscopedDrafts();
