import { useState } from 'preact/hooks';

/** What an element needs so that files can be dropped on it. */
export interface DropHandlers {
  onDragOver(event: DragEvent): void;
  onDragLeave(): void;
  onDrop(event: DragEvent): void;
}

/** Lets files be dropped on an element; `over` is true while some are held above it. */
export function useDrop(onFiles: (files: FileList | undefined) => void): {
  readonly over: boolean;
  readonly handlers: DropHandlers;
} {
  const [over, setOver] = useState(false);
  const handlers: DropHandlers = {
    onDragOver(event) {
      event.preventDefault();
      setOver(true);
    },
    onDragLeave: () => setOver(false),
    onDrop(event) {
      event.preventDefault();
      setOver(false);
      onFiles(event.dataTransfer?.files);
    },
  };
  return { over, handlers };
}
