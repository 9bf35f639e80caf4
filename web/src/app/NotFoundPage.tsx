import { Compass } from 'lucide-react';
import { useNavigate } from 'react-router';
import { cx } from '../ui/cx';
import { EmptyState } from '../ui/states';
import { useTitle } from './useTitle';

/** Where no page is; inside of a workspace its frame stays around it. */
export default function NotFoundPage({ framed = false }: { framed?: boolean }) {
  const navigate = useNavigate();
  useTitle('Not found');
  const Frame = framed ? 'div' : 'main';
  return (
    <Frame className={cx('flex items-center justify-center', framed ? 'min-h-full' : 'min-h-dvh')}>
      <EmptyState whole icon={<Compass className="size-5" aria-hidden="true" />} title="There is nothing here" action={{ label: 'Go to the board', onClick: () => navigate('/') }}>
        The link may be old, or mistyped.
      </EmptyState>
    </Frame>
  );
}
