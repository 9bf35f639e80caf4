import type { Role } from '../../data';

export const RoleNames: Record<Role, string> = { owner: 'Owner', admin: 'Admin', member: 'Member', guest: 'Guest' };
export const RoleHints: Record<Role, string> = {
  owner: 'may do everything',
  admin: 'also projects, people and invitations',
  member: 'writes tasks and comments',
  guest: 'reads everything, changes nothing',
};
