import { BrowserRouter } from 'react-router';
import { DataProvider } from '../data';
import type { DataRuntime } from '../data/runtime';
import { Announcer } from '../ui/announcer';
import { ToastHost } from '../ui/toast';
import { TooltipHost } from '../ui/Tooltip';
import { ErrorBoundary } from './ErrorBoundary';
import { useTheme } from './preferences';
import { AppRoutes } from './routes';

export function App({ runtime }: { runtime: DataRuntime }) {
  useTheme();
  return (
    <ErrorBoundary>
      <DataProvider runtime={runtime}>
        <BrowserRouter>
          <AppRoutes />
        </BrowserRouter>
        <ToastHost />
        <TooltipHost />
        <Announcer />
      </DataProvider>
    </ErrorBoundary>
  );
}
