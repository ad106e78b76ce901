import type { UserConfig } from 'vitepress';
import { slugOf } from '../test/markdown.ts';
import type { sidebars } from './navigation.ts';

/** What the builder knows of the site. */
export interface SiteSettings {
  /** The URL's path of the folder that the site is served from, with slashes at both ends. */
  readonly base: string;
  readonly description: string;
  readonly version: string;
  readonly outDir: string;
  readonly cacheDir: string;
  readonly nav: readonly { readonly text: string; readonly link: string }[];
  readonly sidebar: ReturnType<typeof sidebars>;
}

/** VitePress's configuration: a site that loads nothing from elsewhere. */
export function siteConfig(settings: SiteSettings): UserConfig {
  const { base, description, version, outDir, cacheDir, nav, sidebar } = settings;
  return {
    title: 'nearface',
    titleTemplate: ':title · nearface',
    description,
    lang: 'en',
    base,
    head: [['link', { rel: 'icon', type: 'image/svg+xml', href: `${base}favicon.svg` }]],
    outDir,
    cacheDir,
    cleanUrls: false,
    ignoreDeadLinks: false,
    markdown: {
      // Anchors as code hosts make them, so that a link works in both places.
      anchor: { slugify: slugOf },
      // Braces behind code are text in the pages.
      attrs: { disable: true },
      emoji: { enabled: [] },
    },
    themeConfig: {
      nav: [...nav, { text: version, link: '/CHANGELOG' }],
      sidebar: sidebar as Record<string, never>,
      outline: { level: [2, 3] },
      search: { provider: 'local', options: { detailedView: true } },
      footer: { message: 'Apache-2.0. No picture and no template leaves the device.' },
      externalLinkIcon: true,
    },
    vite: { logLevel: 'warn', build: { chunkSizeWarningLimit: 4000 } },
  };
}
