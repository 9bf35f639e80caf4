// @vitest-environment jsdom
import { cleanup, render } from '@testing-library/react';
import { StrictMode } from 'react';
import { afterEach, expect, it } from 'vitest';
import { useTitle } from './useTitle';

function Named({ title }: { title: string | undefined }) {
  useTitle(title);
  return null;
}

afterEach(cleanup);

it('names the page after what lies on top, and after the page again when that is gone', () => {
  const page = (title: string, panel?: string) => (
    <StrictMode>
      <Named title={title} />
      {panel && <Named title={panel} />}
    </StrictMode>
  );
  const view = render(page('Board'));
  expect(document.title).toBe('Board · TaskFlow');
  view.rerender(page('Board', 'WEB-1 One'));
  expect(document.title).toBe('WEB-1 One · TaskFlow');
  view.rerender(page('My tasks', 'WEB-1 One'));
  expect(document.title).toBe('WEB-1 One · TaskFlow');
  view.rerender(page('My tasks'));
  expect(document.title).toBe('My tasks · TaskFlow');
});
