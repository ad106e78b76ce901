import { h, type JSX, render } from 'preact';
import type { NearFace } from 'nearface';
import { afterEach, expect, test, vi } from 'vitest';
import { StoreContext, type Store } from '../state/store.ts';
import { useStoredPicture } from './stored-picture.ts';

afterEach(() => vi.unstubAllGlobals());

/** As much of a document as a component needs that shows nothing. */
function stubDocument(): Element {
  const parent = { nodeType: 1, childNodes: [], firstChild: null, namespaceURI: '' };
  vi.stubGlobal('document', { createTextNode: () => ({ nodeType: 3 }) });
  return parent as unknown as Element;
}

test('a picture that was let go of is shown no longer', async () => {
  const open = new Set<string>();
  vi.stubGlobal('URL', {
    createObjectURL: (blob: Blob) => (open.add(`blob:${blob.type}`), `blob:${blob.type}`),
    revokeObjectURL: (url: string) => open.delete(url),
  });
  const parent = stubDocument();
  const pictures: Record<string, (picture: Blob | null) => void> = {};
  const shown: [key: string, url: string | undefined][] = [];
  const Picture = ({ name }: { readonly name: string }): null => {
    const read = (): Promise<Blob | null> => new Promise((done) => (pictures[name] = done));
    const url = useStoredPicture(name, read);
    if (url !== undefined) expect(open).toContain(url);
    shown.push([name, url]);
    return null;
  };
  const store = { engine: { ready: () => Promise.resolve({} as NearFace) } } as unknown as Store;
  const show = async (name: string): Promise<void> => {
    const picture = h(Picture as unknown as (props: { name: string }) => JSX.Element, { name });
    render(h(StoreContext.Provider, { value: store }, picture), parent);
    // It is asked for after the frame is drawn.
    await vi.waitFor(() => expect(pictures).toHaveProperty(name));
  };
  const isShown = (name: string, url: string | undefined): Promise<void> =>
    vi.waitFor(() => expect(shown.at(-1)).toEqual([name, url]));
  await show('a');
  pictures['a']!(new Blob([], { type: 'a' }));
  await isShown('a', 'blob:a');
  await show('b');
  await isShown('b', undefined);
  // There is none of b.
  pictures['b']!(null);
  await show('c');
  pictures['c']!(new Blob([], { type: 'c' }));
  await isShown('c', 'blob:c');
  expect([...open]).toEqual(['blob:c']);
});
