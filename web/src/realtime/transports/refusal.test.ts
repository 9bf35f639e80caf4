import { describe, expect, it } from 'vitest';
import { CloseCode } from '../protocol';
import type { ConnectionEnd, Transport } from '../transport';
import { pollTransport } from './poll';
import { sseTransport } from './sse';

const make: Record<string, (fetcher: typeof fetch) => Transport> = { sse: sseTransport, poll: pollTransport };

function endOf(kind: string, status: number, contentType: string): Promise<ConnectionEnd> {
  const answer = async () => new Response('{}', { status, headers: { 'content-type': contentType } });
  return new Promise((resolve) => {
    make[kind]!(answer as typeof fetch).open({
      baseUrl: 'https://push.example', workspaceId: 'w', token: async () => 't', position: () => null, onFrame: () => {}, onEnd: resolve,
    });
  });
}

describe.each(['sse', 'poll'])('a request refused over %s', (kind) => {
  it('ends for good when Push says so', async () => {
    expect((await endOf(kind, 403, 'application/problem+json')).code).toBe(CloseCode.forbidden);
    expect((await endOf(kind, 401, 'application/problem+json; charset=utf-8')).code).toBe(CloseCode.unauthorized);
  });

  it('is only an end when it is a proxy that speaks', async () => {
    expect((await endOf(kind, 403, 'text/html')).code).toBeNull();
    expect((await endOf(kind, 401, 'text/html')).code).toBeNull();
    expect((await endOf(kind, 503, 'text/html')).code).toBe(CloseCode.drain);
  });
});
