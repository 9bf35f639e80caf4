// @vitest-environment jsdom
import { screen } from '@testing-library/react';
import { beforeEach, describe, expect, it } from 'vitest';
import { Patience, stubBrowser, visit } from '../testing/app';
import { FakeServer, WS } from '../testing/fakeServer';
import { AppRoutes } from './routes';

describe('a page that is not there', () => {
  let server: FakeServer;

  beforeEach(() => {
    server = new FakeServer();
    stubBrowser(server);
  });

  it.each(['/nowhere', `/w/${WS}/nowhere`])('has one heading and one main part at %s', async (path) => {
    await visit(server, <AppRoutes />, { path });
    await screen.findByRole('heading', { level: 1, name: 'There is nothing here' }, Patience);
    expect(screen.getAllByRole('main')).toHaveLength(1);
  });
});
