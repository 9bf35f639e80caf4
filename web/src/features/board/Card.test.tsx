// @vitest-environment jsdom
import { screen } from '@testing-library/react';
import { beforeEach, describe, expect, it } from 'vitest';
import { Patience, stubBrowser, visit } from '../../testing/app';
import { FakeServer } from '../../testing/fakeServer';
import { Card } from './Card';

describe('a card', () => {
  let server: FakeServer;

  beforeEach(() => {
    server = new FakeServer();
    stubBrowser(server);
  });

  it('runs in the direction of its title, whatever its key is written in', async () => {
    server.addTask('مرحبا بالعالم!');
    await visit(server, <Card taskId="t1" />);
    const link = await screen.findByRole('link', { name: 'WEB-1 مرحبا بالعالم!' }, Patience);
    expect(link.dir).toBe('auto');
    // Text of elements that have a direction of their own does not count for the title's.
    const counted = [...link.childNodes].filter((node) => !(node instanceof HTMLElement && node.dir));
    expect(counted.map((node) => node.textContent).join('')).toBe('مرحبا بالعالم!');
  });
});
