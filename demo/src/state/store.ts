import { effect, signal, untracked, type Signal } from '@preact/signals';
import { createContext, type Context } from 'preact';
import { useContext } from 'preact/hooks';
import { createApiStore, type ApiStore } from './api-store.ts';
import { createBenchmarkStore, type BenchmarkStore } from './benchmark-store.ts';
import { createBatchStore, type BatchStore } from './batch-store.ts';
import { createCameraStore, type CameraStore } from './camera-store.ts';
import { createCompareStore, type CompareStore } from './compare-store.ts';
import { createEngine, type Engine } from './engine.ts';
import { createHistoryStore, type HistoryStore } from './history-store.ts';
import { createLibrary, type Library } from './library.ts';
import { createModeTrials, type ModeTrials } from './mode-trials.ts';
import { createPeopleStore, type PeopleStore } from './people-store.ts';
import { createPersonsStore, type PersonsStore } from './persons-store.ts';
import { createPhotoStore, type PhotoStore } from './photo-store.ts';
import { createRoute } from './route.ts';
import { createSignInStore, type SignInStore } from './sign-in-store.ts';
import { createStorageStore, type StorageStore } from './storage-store.ts';
import { createVideoStore, type VideoStore } from './video-store.ts';
import { createSettings, pageStorage, type Settings } from './settings.ts';
import { createThresholdsStore, type ThresholdsStore } from './thresholds-store.ts';

/** Everything the page knows. */
export interface Store {
  readonly engine: Engine;
  readonly settings: Settings;
  readonly library: Library;
  readonly route: ReturnType<typeof createRoute>;
  readonly photo: PhotoStore;
  readonly modes: ModeTrials;
  /** The faces of the gallery in use. */
  readonly people: PeopleStore;
  readonly persons: PersonsStore;
  readonly history: HistoryStore;
  readonly batch: BatchStore;
  readonly storage: StorageStore;
  readonly camera: CameraStore;
  readonly video: VideoStore;
  readonly compare: CompareStore;
  readonly thresholds: ThresholdsStore;
  readonly benchmark: BenchmarkStore;
  readonly signIn: SignInStore;
  readonly api: ApiStore;
  /** What screen readers are told. */
  readonly announcement: Signal<string>;
}

/** Makes the page's state and starts the models. */
export function createStore(): Store {
  const settings = createSettings(pageStorage());
  const engine = createEngine(settings);
  const library = createLibrary(engine, settings);
  const people = createPeopleStore(library, settings);
  const announcement = signal('');
  const parts = { engine, library, settings, announcement };
  const persons = createPersonsStore({ ...parts, query: people.query });
  const store: Store = {
    engine,
    settings,
    library,
    route: createRoute(),
    photo: createPhotoStore(engine, library, settings),
    modes: createModeTrials(engine, settings),
    people,
    persons,
    history: createHistoryStore(engine, settings),
    batch: createBatchStore(engine, library),
    storage: createStorageStore(engine, library),
    camera: createCameraStore(engine, library, settings),
    video: createVideoStore({ ...parts, persons }),
    compare: createCompareStore(engine, settings),
    thresholds: createThresholdsStore(parts),
    benchmark: createBenchmarkStore(),
    signIn: createSignInStore(engine, library, settings),
    api: createApiStore(engine, library),
    announcement,
  };
  effect(() => {
    void settings.device.value;
    void settings.embedding.value;
    untracked(() => engine.start());
  });
  effect(() => {
    if (engine.state.value.kind === 'ready') void library.refresh();
  });
  return store;
}

export const StoreContext: Context<Store | undefined> = createContext<Store | undefined>(undefined);

/** The page's state. */
export function useStore(): Store {
  const store = useContext(StoreContext);
  if (!store) throw new Error('useStore needs a StoreContext around it');
  return store;
}
