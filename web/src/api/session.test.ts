// @vitest-environment jsdom
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Api } from './client';
import { ApiError } from './errors';
import { Http } from './http';
import { SessionStore } from './session';

const user = { id: 'u', email: 'a@example.com', name: 'Ann' };
const tokens = (name: string) => ({ accessToken: `access-${name}`, expiresIn: 900, refreshToken: `refresh-${name}` });

/** Takes each refresh token once; a second use of one ends everything, as on the server. */
function server() {
  let valid = 'refresh-1';
  let count = 1;
  let isRevoked = false;
  const calls: string[] = [];
  const json = (status: number, body: unknown) => new Response(JSON.stringify(body), { status });
  const fetcher = vi.fn(async (url: RequestInfo | URL, init?: RequestInit) => {
    const token = new Headers(init?.headers).get('authorization')?.slice('Bearer '.length);
    calls.push(`${String(url)} ${token ?? ''}`.trim());
    await new Promise((resolve) => setTimeout(resolve, 1));
    if (!String(url).endsWith('/refresh')) return token === `access-${count}` && !isRevoked ? json(200, { data: [], nextCursor: null }) : json(401, { code: 'unauthorized' });
    const { refreshToken } = JSON.parse(String(init?.body)) as { refreshToken: string };
    if (refreshToken !== valid) isRevoked = true;
    if (isRevoked) return json(401, { code: 'unauthorized' });
    count++;
    valid = `refresh-${count}`;
    return json(200, tokens(String(count)));
  });
  return { fetcher: fetcher as unknown as typeof fetch, calls, expire: () => count++, revoke: () => (isRevoked = true), get isRevoked() { return isRevoked; } };
}

function tab(fetcher: typeof fetch) {
  const session = new SessionStore();
  return { session, api: new Api(session, new Http(session, '', fetcher)) };
}

describe('the session', () => {
  beforeEach(() => localStorage.clear());

  it('renews a refused token once and repeats the request, whatever number of requests found it refused', async () => {
    const { fetcher, calls, expire } = server();
    const { session, api } = tab(fetcher);
    session.begin(tokens('1'), user);
    expire();
    await Promise.all([api.workspaces(), api.notifications(null), api.preferences()]);
    expect(calls.filter((call) => call.includes('refresh'))).toHaveLength(1);
    expect(session.current).toMatchObject({ user, refreshToken: 'refresh-3' });
  });

  it('does not use a refresh token twice from two tabs', async () => {
    const shared = server();
    const [one, two] = [tab(shared.fetcher), tab(shared.fetcher)];
    one.session.begin(tokens('1'), user);
    const late = tab(shared.fetcher);
    shared.expire();
    await Promise.all([one.api.workspaces(), late.api.workspaces()]);
    expect(shared.isRevoked).toBe(false);
    expect(two.session.current).toBeNull();
  });

  it('ends when the server has ended it, and says so', async () => {
    const shared = server();
    const { session, api } = tab(shared.fetcher);
    session.begin(tokens('1'), user);
    const heard = vi.fn();
    session.subscribe(heard);
    shared.revoke();
    await expect(api.workspaces()).rejects.toMatchObject({ code: 'unauthorized' });
    expect(session.current).toBeNull();
    expect(heard).toHaveBeenCalled();
    expect(localStorage).toHaveLength(0);
  });

  it('outlives a failing network', async () => {
    const { session, api } = tab((() => Promise.reject(new TypeError('failed'))) as typeof fetch);
    session.begin({ ...tokens('1'), expiresIn: 1 }, user);
    await expect(api.workspaces()).rejects.toBeInstanceOf(ApiError);
    await expect(api.workspaces()).rejects.toMatchObject({ code: 'network', isRetryable: true });
    expect(session.current).not.toBeNull();
  });

  it('ignores what it cannot read in the store', () => {
    localStorage.setItem('taskflow.session', '{"user":');
    expect(new SessionStore().current).toBeNull();
  });
});
