import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { photoFiles } from './photo-files.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nearface-photos-'));
  for (const path of [
    'people/sam/2.jpg',
    'people/sam/1.PNG',
    'people/kim/a.jpg',
    'people/names.csv',
    'one.zip',
  ]) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), path);
  }
  for (const path of ['people/.hidden.jpg', 'people/notes.pdf', 'one.pdf'])
    await writeFile(join(folder, path), '');
  await symlink(join(folder, 'people/kim/a.jpg'), join(folder, 'people/linked.jpg'));
  // A link back up would have no end.
  await symlink(folder, join(folder, 'people/up'));
  await symlink(join(folder, 'gone.jpg'), join(folder, 'people/gone.jpg'));
});
afterAll(() => rm(folder, { recursive: true }));

const at = (path: string): string => join(folder, path);

describe('photoFiles', () => {
  it('finds what an enrolment may use, in order, called by its path', async () => {
    const files = await photoFiles([at('people'), at('one.zip'), at('people/sam/2.jpg')]);
    expect(files.map(({ name, type }) => [name, type])).toEqual([
      ['people/kim/a.jpg', 'image/jpeg'],
      ['people/linked.jpg', 'image/jpeg'],
      ['people/names.csv', ''],
      ['people/sam/1.PNG', 'image/png'],
      ['people/sam/2.jpg', 'image/jpeg'],
      ['one.zip', ''],
      ['2.jpg', 'image/jpeg'],
    ]);
    expect(await files[4]!.text()).toBe('people/sam/2.jpg');
  });

  it('reads a file when it is asked for: one that is gone by then fails alone', async () => {
    await writeFile(at('late.jpg'), 'here');
    const [file] = await photoFiles([at('late.jpg')]);
    await rm(at('late.jpg'));
    await expect(file!.text()).rejects.toThrow();
  });

  it('refuses places that are not there, and those without a photo', async () => {
    await expect(photoFiles([at('nowhere')])).rejects.toThrowError(/nowhere cannot be read \(ENOENT\)/);
    await expect(photoFiles([at('one.pdf')])).rejects.toThrowError(/there are no photos in .*one.pdf/);
  });
});
