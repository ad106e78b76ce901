import { describe, expect, it } from 'vitest';
import { readPage, slugOf } from './markdown.ts';

describe('pages of documentation', () => {
  it('finds links, pictures and their lines, but not in code', () => {
    const page = readPage(
      [
        'See [one](docs/a.md#part) and [`two`](b_(c).md "title").',
        '`[no](x.md)` ![picture](way.svg) <img src="d.png">',
        '[three]: e.md',
        '```md',
        '[no](y.md)',
        '```',
        '[four](#here)',
      ].join('\n'),
    );
    expect(page.links).toEqual([
      { target: 'docs/a.md#part', line: 1 },
      { target: 'b_(c).md', line: 1 },
      { target: 'way.svg', line: 2 },
      { target: 'd.png', line: 2 },
      { target: 'e.md', line: 3 },
      { target: '#here', line: 7 },
    ]);
  });

  it('takes blocks with their language and line', () => {
    const { blocks } = readPage(
      'text\n\n```ts\nconst a = 1;\n// ``` is no end\n```\n\n````md\n```ts\n```\n````\n',
    );
    expect(blocks).toEqual([
      { language: 'ts', code: 'const a = 1;\n// ``` is no end', line: 4 },
      { language: 'md', code: '```ts\n```', line: 9 },
    ]);
  });

  it('makes the anchors that GitHub makes', () => {
    expect(slugOf('How good, how fast')).toBe('how-good-how-fast');
    expect(slugOf('`BAD_PARAM` and *others*')).toBe('bad_param-and-others');
    expect(slugOf('EU AI Act: Art. 5 – what [is](x) forbidden?')).toBe('eu-ai-act-art-5--what-is-forbidden');
    expect([...readPage('# A\n## A\n## B ##\n```\n# no\n```').anchors]).toEqual(['a', 'a-1', 'b']);
  });
});
