import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { checkSamples } from './doc-samples.ts';

const LIBRARY = `
export interface Face { readonly position: { readonly left: number } }
export interface Gallery { add(photo: Blob, options?: { readonly meta?: string }): Promise<void> }
export interface NearFace { detect(image: Blob): Promise<{ readonly faces: readonly Face[] }> }
export declare const LEVEL: number;
`;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'doc-samples-'));
  await writeFile(join(folder, 'library.d.ts'), LIBRARY);
});
afterAll(() => rm(folder, { recursive: true }));

const at = { language: 'ts', file: 'docs/page.md', line: 10 };

it('passes samples that are right, each a module of its own, and names page and line of those that are wrong', () => {
  const problems = checkSamples(
    [
      { ...at, code: "import { LEVEL } from 'nearface';\nconst nf = LEVEL;\nshow(nf.toFixed(2));" },
      { ...at, code: 'const { faces } = await nf.detect(photo);\nshow(faces[0]?.position.left);' },
      { ...at, language: 'tsx', code: 'export default () => <video autoPlay />;' },
      { ...at, code: 'await nf.detect(photo);\nawait nf.detct(photo);' },
      { ...at, code: "await gallery.add(photo, { mata: 'x' });" },
    ],
    join(folder, 'library.d.ts'),
  );
  expect(problems).toHaveLength(2);
  expect(problems[0]).toMatch(/^docs\/page\.md:11: .*'detct' does not exist/);
  expect(problems[1]).toMatch(/^docs\/page\.md:10: .*'mata' does not exist/);
});
