import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SseParser } from './sseParser';

function parse(pieces: string[]): string[] {
  const out: string[] = [];
  const parser = new SseParser((data) => out.push(data));
  for (const piece of pieces) parser.push(piece);
  return out;
}

describe('SseParser', () => {
  it('reads data, joins its lines, and skips comments, ids and unfinished messages', () => {
    expect(parse([': hello\n\nevent: message\nid: 4\ndata: {"a":1}\n\ndata:x\r\ndata: y\r\n\r\ndata: unfinished\n'])).toEqual(['{"a":1}', 'x\ny']);
  });

  it('does not care where the stream is cut', () => {
    const stream = 'id: 1\ndata: {"type":"welcome"}\n\n: beat\n\ndata: {"n":2}\r\n\r\n';
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: stream.length }), { maxLength: 12 }), (cuts) => {
        const edges = [0, ...[...cuts].sort((a, b) => a - b), stream.length];
        const pieces = edges.slice(1).map((edge, index) => stream.slice(edges[index], edge));
        expect(parse(pieces)).toEqual(['{"type":"welcome"}', '{"n":2}']);
      }),
    );
  });
});
