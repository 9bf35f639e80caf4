import { expect, it } from 'vitest';
import { errorOf } from './errors';

const answer = (status: number, body: string) => errorOf(new Response(body, { status }), undefined);

it('takes the word of the API', async () => {
  expect(await answer(404, '{"code":"not_found","detail":"No such task."}')).toMatchObject({ code: 'not_found', status: 404, message: 'No such task.' });
  expect(await answer(401, '{"code":"unauthorized"}')).toMatchObject({ code: 'unauthorized', isRetryable: false });
});

it('does not take a proxy’s word on what exists and who may', async () => {
  for (const status of [401, 403, 404, 502]) {
    expect(await answer(status, '<h1>Nothing here</h1>')).toMatchObject({ code: 'unavailable', isRetryable: true });
  }
  expect(await answer(413, '<h1>Too large</h1>')).toMatchObject({ code: 'too_large', isRetryable: false });
});
