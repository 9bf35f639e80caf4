// What the board is measured with: two people in a workspace with many tasks, and one of them at work.

const Words = 'valve engine hull rivet weld anchor rudder keel mast sail winch cable pump gauge boiler hatch deck rope ladder lamp'.split(' ');
const Labels = ['bug', 'urgent fix', 'paint', 'steel', 'paperwork', 'night shift'];
const Statuses = ['todo', 'in_progress', 'in_review', 'done'];
const Priorities = ['none', 'low', 'medium', 'high', 'urgent'];

// Always the same board: runs are compared with each other.
let state = 1;
const random = () => ((state = (state * 48271) % 2147483647) / 2147483647);
const pick = (items) => items[Math.floor(random() * items.length)];
const sentence = (words) => Array.from({ length: words }, () => pick(Words)).join(' ');

export class Person {
  constructor(api, session) {
    this.api = api;
    this.session = session;
  }

  static async register(api, name) {
    const email = `${name.split(' ')[0].toLowerCase()}-${crypto.randomUUID()}@example.org`;
    return new Person(api, await request(api, 'POST', '/api/auth/register', { email, password: 'correct horse 1', name }));
  }

  send(method, path, body) {
    return request(this.api, method, path, body, this.session.accessToken);
  }

  /** The sign-in as the web app keeps it. */
  get stored() {
    const { user, accessToken, refreshToken, expiresIn } = this.session;
    return JSON.stringify({ user, accessToken, refreshToken, expiresAt: Date.now() + expiresIn * 1000 });
  }
}

async function request(api, method, path, body, token) {
  const headers = { ...(body && { 'content-type': 'application/json' }), ...(token && { authorization: `Bearer ${token}` }) };
  const answer = await fetch(api + path, { method, headers, body: body && JSON.stringify(body), signal: AbortSignal.timeout(30_000) });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return answer.status === 204 ? undefined : answer.json();
}

export async function seed(api, count) {
  const [ada, bo] = [await Person.register(api, 'Ada Lovelace'), await Person.register(api, 'Bo Hansen')];
  const { id: workspace } = await ada.send('POST', '/api/workspaces', { name: 'Orbit' });
  await ada.send('POST', `/api/workspaces/${workspace}/members`, { email: bo.session.user.email, role: 'member' });
  const { id: project } = await ada.send('POST', `/api/workspaces/${workspace}/projects`, { name: 'Shipyard', key: 'SHIP' });
  const people = [ada.session.user.id, bo.session.user.id, null];
  const bodies = Array.from({ length: count }, () => ({
    title: sentence(3 + Math.floor(random() * 6)),
    description: `${sentence(40)}\n\n- [x] ${sentence(3)}\n- [ ] ${sentence(3)}\n\n${sentence(60)}`,
    status: pick(Statuses),
    priority: pick(Priorities),
    assigneeId: pick(people),
    labels: Labels.filter(() => random() < 0.25),
    ...(random() < 0.3 && { dueOn: new Date(Date.now() + (random() - 0.3) * 30 * 86_400_000).toISOString().slice(0, 10) }),
  }));
  const tasks = [];
  const worker = async () => {
    for (let body = bodies.pop(); body; body = bodies.pop()) tasks.push((await ada.send('POST', `/api/workspaces/${workspace}/projects/${project}/tasks`, body)).id);
  };
  await Promise.all(Array.from({ length: 8 }, worker));
  return { ada, bo, workspace, tasks };
}

/** Changes tasks so many times a second until it is stopped; answers how many it changed. */
export function work(person, workspace, tasks, perSecond) {
  let done = 0;
  const failures = [];
  const changes = [() => ({ title: sentence(5) }), () => ({ status: pick(Statuses) }), () => ({ priority: pick(Priorities) }), () => ({ description: sentence(50) })];
  const timer = setInterval(() => {
    person.send('PATCH', `/api/workspaces/${workspace}/tasks/${pick(tasks)}`, pick(changes)()).then(() => done++, (error) => failures.push(error));
  }, 1000 / perSecond);
  return () => {
    clearInterval(timer);
    if (failures.length > 0) throw failures[0];
    return done;
  };
}
