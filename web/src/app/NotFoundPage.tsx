import { Compass } from 'lucide-react';
import { useNavigate } from 'react-router';
import { EmptyState } from '../ui/states';
import { useTitle } from './useTitle';

export default function NotFoundPage() {
  const navigate = useNavigate();
  useTitle('Not found');
  return (
    <main className="flex min-h-full items-center justify-center">
      <EmptyState icon={<Compass className="size-5" aria-hidden="true" />} title="There is nothing here" action={{ label: 'Go to the board', onClick: () => navigate('/') }}>
        The link may be old, or mistyped.
      </EmptyState>
    </main>
  );
}
