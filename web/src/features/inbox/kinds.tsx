import { AtSign, CircleDot, PenLine, UserRoundCheck } from 'lucide-react';
import type { ReactNode } from 'react';
import type { NotificationKind } from '../../data';

export const Kinds: Record<NotificationKind, { label: string; description: string; icon: ReactNode }> = {
  mention: { label: 'Mentions', description: 'Somebody names you in a comment or a description.', icon: <AtSign /> },
  assigned: { label: 'Assignments', description: 'Somebody assigns a task to you.', icon: <UserRoundCheck /> },
  status: { label: 'Status changes', description: 'A task you own moves to another column.', icon: <CircleDot /> },
  overwritten: { label: 'Overwritten changes', description: 'Somebody writes over a field you had changed.', icon: <PenLine /> },
};
