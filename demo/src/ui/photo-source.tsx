import type { ComponentChildren, VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { fetchSample, SAMPLES, type NamedPhoto, type Sample } from '../model/samples.ts';
import { useDrop } from './drop.ts';
import { Icon } from './icon.tsx';
import { Problem } from './problem.tsx';

interface DropAreaProps {
  readonly label: string;
  readonly hint?: string;
  readonly multiple?: boolean;
  readonly compact?: boolean;
  /** Default: pictures. */
  readonly accept?: string;
  readonly onPhotos: (photos: readonly File[]) => void;
  readonly children?: ComponentChildren;
}

/** A place to drop photos on, and a button that opens the file picker. */
export function DropArea(props: DropAreaProps): VNode {
  const { label, hint, multiple, compact, accept, onPhotos, children } = props;
  const take = (files: FileList | null | undefined): void => {
    if (files?.length) onPhotos(multiple ? [...files] : [files[0]!]);
  };
  const { over, handlers } = useDrop(take);
  return (
    <div class={`drop-area${over ? ' over' : ''}${compact ? ' compact' : ''}`} {...handlers}>
      <PickButton
        label={label}
        multiple={multiple ?? false}
        primary={!compact}
        onFiles={take}
        {...(accept && { accept })}
      />
      {hint && <p class="muted small">{hint}</p>}
      {children}
    </div>
  );
}

interface PickButtonProps {
  readonly label: string;
  readonly multiple: boolean;
  readonly primary?: boolean;
  readonly folder?: boolean;
  /** Default: pictures. */
  readonly accept?: string;
  readonly onFiles: (files: FileList | null) => void;
}

/** A file input that looks like a button. */
export function PickButton(props: PickButtonProps): VNode {
  const { label, multiple, primary, folder, accept = 'image/*', onFiles } = props;
  return (
    <label class={primary ? 'button primary pick' : 'button pick'}>
      <Icon name="upload" />
      {label}
      <input
        type="file"
        class="visually-hidden"
        multiple={multiple}
        {...(folder ? { webkitdirectory: true } : { accept })}
        onChange={({ currentTarget }) => {
          onFiles(currentTarget.files);
          currentTarget.value = '';
        }}
      />
    </label>
  );
}

interface SampleStripProps {
  readonly onPhoto: (photo: NamedPhoto) => void;
  readonly label?: string;
}

/** The six sample photos as buttons. */
export function SampleStrip({ onPhoto, label = 'Or try a sample' }: SampleStripProps): VNode {
  const [error, setError] = useState<unknown>();
  const open = async (sample: Sample): Promise<void> => {
    try {
      onPhoto(await fetchSample(sample));
      setError(undefined);
    } catch (caught) {
      setError(caught);
    }
  };
  return (
    <div class="stack-2 samples">
      <p class="muted small">{label}</p>
      <ul class="sample-strip">
        {SAMPLES.map((sample) => (
          <li key={sample.name}>
            <button type="button" class="sample" onClick={() => void open(sample)}>
              <img src={sample.url} alt={sample.alt} width="96" height="68" loading="lazy" />
            </button>
          </li>
        ))}
      </ul>
      {error !== undefined && <Problem error={error} />}
    </div>
  );
}

/** Hands pasted pictures to `onPhotos` while the component that calls it is shown. */
export function usePaste(onPhotos: (photos: readonly File[]) => void): void {
  useEffect(() => {
    const onPaste = (event: ClipboardEvent): void => {
      const files = [...(event.clipboardData?.files ?? [])].filter(({ type }) => type.startsWith('image/'));
      if (files.length === 0) return;
      event.preventDefault();
      onPhotos(files);
    };
    document.addEventListener('paste', onPaste);
    return () => document.removeEventListener('paste', onPaste);
  }, [onPhotos]);
}
