import { signal, type Signal } from '@preact/signals';

export const PAGES = [
  'photo',
  'people',
  'camera',
  'video',
  'history',
  'compare',
  'thresholds',
  'sign-in',
  'storage',
  'api',
  'benchmark',
] as const;
export type Page = (typeof PAGES)[number];

/** The page that the address names after `#/`. Writing it changes the address. */
export function createRoute(): { readonly page: Signal<Page>; go(page: Page): void } {
  const page = signal(readHash());
  addEventListener('hashchange', () => {
    page.value = readHash();
  });
  return { page, go: (to) => (location.hash = `#/${to}`) };
}

function readHash(): Page {
  const name = location.hash.replace(/^#\/?/, '');
  return PAGES.find((page) => page === name) ?? 'photo';
}
