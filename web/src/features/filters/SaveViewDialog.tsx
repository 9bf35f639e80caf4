import { announce } from '../../ui/announcer';
import { PromptDialog } from '../projects/PromptDialog';
import { saveView } from './views';

interface SaveViewProps {
  workspaceId: string;
  page: 'board' | 'list';
  search: string;
  suggestion: string;
  onClose(): void;
}

export default function SaveViewDialog({ workspaceId, page, search, suggestion, onClose }: SaveViewProps) {
  return (
    <PromptDialog
      title="Save this view"
      label="Name"
      initial={suggestion}
      unchanged="submit"
      onClose={onClose}
      onSubmit={async (name) => {
        saveView(workspaceId, { name, page, search });
        announce(`View ${name} saved`);
      }}
    />
  );
}
