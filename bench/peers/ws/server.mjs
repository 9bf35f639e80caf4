// The push tier as one would write it on Node with ws and Redis: one process, a set of sockets per workspace, each message sent to each of them.
// It speaks as much of the protocol as the bench needs (the welcome, then events) and nothing of what makes the real one safe: no tokens, no resume, no order.
//   node server.mjs 14090 redis://:password@localhost:6379
import { createServer } from 'node:http';
import Redis from 'ioredis';
import { WebSocketServer } from 'ws';

const [port, url] = process.argv.slice(2);
if (!port || !url) {
  console.error('usage: node server.mjs PORT REDIS_URL');
  process.exit(2);
}
const redis = new Redis(url);
const rooms = new Map();
redis.on('messageBuffer', (channel, message) => {
  for (const socket of rooms.get(channel.toString()) ?? []) socket.send(message, { binary: false });
});

const server = createServer();
const sockets = new WebSocketServer({ server, perMessageDeflate: false });
sockets.on('connection', async (socket, request) => {
  const workspace = /^\/realtime\/([^/]+)\/ws/.exec(request.url)?.[1];
  if (!workspace) return socket.close(1008);
  const channel = `workspace:${workspace}:events`;
  let room = rooms.get(channel);
  if (!room) {
    rooms.set(channel, (room = new Set()));
    await redis.subscribe(channel);
  }
  room.add(socket);
  socket.on('close', () => {
    room.delete(socket);
    if (room.size > 0 || rooms.get(channel) !== room) return;
    rooms.delete(channel);
    redis.unsubscribe(channel);
  });
  socket.send(JSON.stringify({ type: 'welcome', workspaceId: workspace, heartbeatSeconds: 15 }));
});
server.listen(Number(port), '127.0.0.1', () => console.log(`listening on ${port}, pid ${process.pid}`));
