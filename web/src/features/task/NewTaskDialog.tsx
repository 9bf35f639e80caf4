import { CalendarDays, Tag, UserRound, X } from 'lucide-react';
import { useRef, useState, type ReactNode } from 'react';
import { isShown, PRIORITIES, STATUSES, useSession, useWorkspace, type NewTask, type Priority, type TaskStatus } from '../../data';
import { preferences, setPreferences } from '../../app/preferences';
import { setShell, type NewTaskSeed } from '../../app/shell';
import { announce } from '../../ui/announcer';
import { Avatar } from '../../ui/Avatar';
import { Button } from '../../ui/Button';
import { cut } from '../../ui/cut';
import { Dialog } from '../../ui/Dialog';
import { PickerList, type PickerOption } from '../../ui/Picker';
import { Popover, PopoverContent, PopoverTrigger } from '../../ui/Popover';
import { EmptyState } from '../../ui/states';
import { toast } from '../../ui/toast';
import { useDraft } from '../../ui/useDraft';
import { flash, requestFocus } from '../board/focus';
import { MentionTextarea } from '../comments/MentionTextarea';
import { newTaskUnder } from '../filters/url';
import { useFilter } from '../filters/useFilter';
import { useTaskActions } from '../tasks/actions';
import { LabelDot, PriorityIcon, PriorityNames, StatusIcon, StatusNames } from '../tasks/names';
import { taskPath } from './links';
import { useOpenTask } from './useOpenTask';

/** A new task with everything it needs; what was typed survives Esc and a reload. */
export default function NewTaskDialog({ seed, onClose }: { seed: NewTaskSeed; onClose(): void }) {
  const { data } = useWorkspace();
  const { user } = useSession();
  const actions = useTaskActions();
  const openTask = useOpenTask();
  // What the page behind shows.
  const { url, filter } = useFilter();
  const under = newTaskUnder(filter, data?.members ?? []);
  const [title, setTitle, clearTitle] = useDraft('new.title');
  const [description, setDescription, clearDescription] = useDraft('new.description');
  const projects = data?.projects ?? [];
  const [projectId, setProjectId] = useState(
    () => seed.projectId ?? projects.find((project) => project.key === url.project)?.id ?? projects.find((project) => project.id === preferences.get().lastProject)?.id ?? projects[0]?.id,
  );
  const [status, setStatus] = useState<TaskStatus>(seed.status ?? 'todo');
  const [priority, setPriority] = useState<Priority>(under.priority ?? 'none');
  const [assigneeId, setAssigneeId] = useState<string | null>(seed.assigneeId ?? under.assigneeId ?? null);
  const [labels, setLabels] = useState<string[]>([...(under.labels ?? [])]);
  const [dueOn, setDueOn] = useState('');
  const [more, setMore] = useState(false);
  const titleField = useRef<HTMLInputElement>(null);

  if (data && projects.length === 0) {
    return (
      <Dialog open onOpenChange={onClose} title="New task">
        <EmptyState
          title="Create a project first"
          action={data.me.manageProjects ? { label: 'Create a project', onClick: () => { onClose(); setShell({ newProject: true }); } } : undefined}
        >
          {data.me.manageProjects ? 'Tasks live in projects.' : 'Tasks live in projects. An admin of this workspace can create one.'}
        </EmptyState>
      </Dialog>
    );
  }

  const project = projects.find((each) => each.id === projectId);
  const assignee = data?.members.find((member) => member.userId === assigneeId);

  const submit = () => {
    const text = title.trim().replace(/\s+/g, ' ');
    if (!text || !project) {
      titleField.current?.focus();
      return;
    }
    const task: NewTask = { projectId: project.id, title: text, status };
    if (description.trim()) task.description = description.trim();
    if (priority !== 'none') task.priority = priority;
    if (assigneeId) task.assigneeId = assigneeId;
    if (labels.length > 0) task.labels = labels;
    if (dueOn) task.dueOn = dueOn;
    const change = actions.create(task);
    setPreferences({ lastProject: project.id });
    clearTitle();
    clearDescription();
    flash(change.subjectId);
    announce(`Created ${text}`);
    if (more) {
      titleField.current?.focus();
      return;
    }
    onClose();
    requestFocus(change.subjectId);
    void change.settled.then((outcome) => {
      if (outcome.status !== 'done') return;
      const created = outcome.value;
      // The card was drawn anew under the server's id.
      if (document.activeElement === document.body) requestFocus(created.id);
      toast(`${created.key} created${isShown(created, filter) ? '' : ', hidden by the filter'}`, { key: 'created', action: { label: 'Open', onClick: () => openTask(taskPath(created)) } });
    });
  };

  const people: PickerOption[] = [
    { value: '', label: 'Nobody' },
    ...(data?.members ?? [])
      .filter((member) => member.role !== 'guest')
      .map((member) => ({ value: member.userId, label: member.userId === user?.id ? `${member.name} (you)` : member.name, icon: <Avatar id={member.userId} name={member.name} size="xs" /> })),
  ];

  return (
    <Dialog
      open
      onOpenChange={onClose}
      title="New task"
      size="lg"
      onOpenAutoFocus={(event) => {
        event.preventDefault();
        titleField.current?.focus();
      }}
    >
      <form
        className="flex min-h-0 flex-col"
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.metaKey || event.ctrlKey)) {
            event.preventDefault();
            submit();
          }
        }}
      >
        <div className="min-h-0 overflow-y-auto px-4 pt-3">
          <input
            ref={titleField}
            dir="auto"
            aria-label="Title"
            placeholder="Title"
            maxLength={500}
            required
            className="w-full bg-transparent pb-1 text-lg font-semibold outline-none"
            value={title}
            onChange={(event) => setTitle(event.target.value)}
          />
          <MentionTextarea label="Description, in Markdown" placeholder="Description… Markdown and @names work" value={description} onChange={setDescription} minRows={4} draftKey="new.description" className="pb-3" />
        </div>
        <div className="flex flex-wrap gap-1.5 px-4 pb-3">
          <Choice label="Project" shown={project?.key ?? 'Project'} options={projects.map((each) => ({ value: each.id, label: each.name, hint: each.key, keywords: each.key }))} selected={projectId ? [projectId] : []} onPick={setProjectId} />
          <Choice label="Status" icon={<StatusIcon status={status} />} shown={StatusNames[status]} options={STATUSES.map((value) => ({ value, label: StatusNames[value], icon: <StatusIcon status={value} /> }))} selected={[status]} onPick={(value) => setStatus(value as TaskStatus)} />
          <Choice label="Priority" icon={<PriorityIcon priority={priority} />} shown={PriorityNames[priority]} options={[...PRIORITIES].reverse().map((value) => ({ value, label: PriorityNames[value], icon: <PriorityIcon priority={value} /> }))} selected={[priority]} onPick={(value) => setPriority(value as Priority)} />
          <Choice label="Assignee" icon={assignee ? <Avatar id={assignee.userId} name={assignee.name} size="xs" /> : <UserRound className="size-3.5" aria-hidden="true" />} shown={assignee?.name ?? 'Assignee'} options={people} selected={[assigneeId ?? '']} onPick={(value) => setAssigneeId(value || null)} />
          <Choice
            label="Labels"
            multiple
            icon={labels[0] ? <LabelDot label={labels[0]} /> : <Tag className="size-3.5" aria-hidden="true" />}
            shown={labels.join(', ') || 'Labels'}
            options={[...new Set([...(data?.labels ?? []), ...labels])].map((label) => ({ value: label, label, icon: <LabelDot label={label} /> }))}
            selected={labels}
            onPick={(value) => setLabels((current) => (current.includes(value) ? current.filter((label) => label !== value) : [...current, value]))}
            onCreate={(text) => setLabels((current) => [...new Set([...current, cut(text, 100)])])}
          />
          <label className="inline-flex h-7 items-center gap-1.5 rounded-md border border-line px-2 text-xs text-ink-2 hover:bg-hover">
            <CalendarDays className="size-3.5" aria-hidden="true" />
            <span className="sr-only">Due date</span>
            <input type="date" className="bg-transparent text-xs outline-none" value={dueOn} onChange={(event) => setDueOn(event.target.value)} />
            {dueOn && (
              <button type="button" aria-label="No due date" className="flex size-5 items-center justify-center" onClick={() => setDueOn('')}>
                <X className="size-3" aria-hidden="true" />
              </button>
            )}
          </label>
        </div>
        <div className="flex items-center gap-3 border-t border-line px-4 py-2.5">
          <label className="mr-auto flex min-h-6 items-center gap-2 text-xs text-ink-2">
            <input type="checkbox" className="size-4 accent-(--accent)" checked={more} onChange={(event) => setMore(event.target.checked)} />
            Create another
          </label>
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="primary" type="submit" disabled={!title.trim()}>
            Create task
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

interface ChoiceProps {
  label: string;
  shown: string;
  icon?: ReactNode;
  options: PickerOption[];
  selected: readonly string[];
  multiple?: boolean;
  onPick(value: string): void;
  onCreate?(text: string): void;
}

function Choice({ label, shown, icon, options, selected, multiple, onPick, onCreate }: ChoiceProps) {
  const [open, setOpen] = useState(false);
  return (
    <Popover open={open} onOpenChange={setOpen} modal>
      <PopoverTrigger aria-label={`${label}: ${shown}`} className="inline-flex h-7 max-w-48 items-center gap-1.5 rounded-md border border-line px-2 text-xs text-ink-2 hover:bg-hover">
        {icon}
        <span className="truncate">{shown}</span>
      </PopoverTrigger>
      <PopoverContent label={label}>
        <PickerList
          label={label}
          options={options}
          selected={selected}
          multiple={multiple}
          onCreate={onCreate}
          onClose={() => setOpen(false)}
          onPick={(value) => {
            onPick(value);
            if (!multiple) setOpen(false);
          }}
        />
      </PopoverContent>
    </Popover>
  );
}
