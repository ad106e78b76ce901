import type { VNode } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { ApiPage } from '../pages/api/api-page.tsx';
import { BenchmarkPage } from '../pages/benchmark/benchmark-page.tsx';
import { CameraPage } from '../pages/camera/camera-page.tsx';
import { ComparePage } from '../pages/compare/compare-page.tsx';
import { HistoryPage } from '../pages/history/history-page.tsx';
import { PeoplePage } from '../pages/people/people-page.tsx';
import { PhotoPage } from '../pages/photo/photo-page.tsx';
import { SignInPage } from '../pages/sign-in/sign-in-page.tsx';
import { StoragePage } from '../pages/storage/storage-page.tsx';
import { ThresholdsPage } from '../pages/thresholds/thresholds-page.tsx';
import { VideoPage } from '../pages/video/video-page.tsx';
import { PageHead } from '../ui/page-head.tsx';
import type { Page } from '../state/route.ts';
import { useStore } from '../state/store.ts';
import { Header } from './header.tsx';
import { MemoryNotice } from './memory-notice.tsx';
import { StartPanel } from './start-panel.tsx';

const VIEWS: Readonly<Record<Page, { readonly title: string; readonly view: () => VNode }>> = {
  photo: { title: 'Photo', view: PhotoPage },
  people: { title: 'People', view: PeoplePage },
  camera: { title: 'Camera', view: CameraPage },
  video: { title: 'Video', view: VideoPage },
  history: { title: 'History', view: HistoryPage },
  compare: { title: 'Compare', view: ComparePage },
  thresholds: { title: 'Thresholds', view: ThresholdsPage },
  'sign-in': { title: 'Sign in', view: SignInPage },
  storage: { title: 'Storage', view: StoragePage },
  api: { title: 'API', view: ApiPage },
  benchmark: { title: 'Benchmark', view: BenchmarkPage },
};

/** The whole page: header, the view that the address names, and what screen readers are told. */
export function App(): VNode {
  const { route, announcement, engine } = useStore();
  const isLocked = engine.state.value.kind === 'locked';
  const page = route.page.value;
  const { title, view: View } = VIEWS[page];
  const main = useRef<HTMLElement>(null);
  const first = useRef(true);
  useEffect(() => {
    document.title = `${title} – nearface`;
    if (!first.current) main.current?.querySelector('h1')?.focus();
    first.current = false;
  }, [page]);
  return (
    <>
      <a
        class="skip"
        href="#main"
        onClick={(event) => {
          event.preventDefault();
          main.current?.focus();
        }}
      >
        Skip to the content
      </a>
      <Header />
      <main id="main" ref={main} tabIndex={-1} class="page">
        <StartPanel />
        <MemoryNotice />
        {isLocked && page !== 'storage' ? <LockedPage title={title} /> : <View key={page} />}
      </main>
      <div class="visually-hidden" role="status" aria-live="polite">
        {announcement}
      </div>
    </>
  );
}

/** In place of a page that can show nothing while the database is locked. */
function LockedPage({ title }: { readonly title: string }): VNode {
  return <PageHead title={title} lead="There is nothing to see here until the faces are unlocked." />;
}
