import { expect, test } from 'vitest';
import { relink, summaryOf } from './pages.ts';

test('links to READMEs lead to the pages that the site makes of them', () => {
  expect(relink('docs/a.md', '[models](../models/README.md#form) and [b](b.md)')).toBe(
    '[models](../models/index.md#form) and [b](b.md)',
  );
  expect(relink('models/README.md', '[home](../README.md)')).toBe('[home](../index.md)');
});

test('what the site has not is text; pictures, other hosts and the page itself stay links', () => {
  expect(relink('docs/a.md', '[`x.ts`](../src/x.ts) and ![p](p.svg)')).toBe('`x.ts` and ![p](p.svg)');
  const kept = '[out](https://example.org/a.md) [here](#here) [mail](mailto:a@example.org)';
  expect(relink('docs/a.md', kept)).toBe(kept);
});

test('code is left as it is', () => {
  const code = '`[a](../README.md)`\n\n```md\n[a](../README.md)\n```';
  expect(relink('docs/a.md', code)).toBe(code);
});

test('the summary is the first sentence below the title, without markup', () => {
  expect(summaryOf('# Page\n\nWhat **it** is: `a.b`,\nand [more](b.md). Second.\n')).toBe(
    'What it is: a.b, and more.',
  );
  expect(summaryOf('# Page\n\n## Part\n\nText.\n')).toBeUndefined();
  expect(summaryOf('# Page\n\n| a |\n| - |\n')).toBeUndefined();
});
