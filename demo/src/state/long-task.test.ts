import { NearFaceError } from 'nearface';
import { expect, test } from 'vitest';
import { createLongTask, type TaskRun } from './long-task.ts';

/** Work that ends when it is told to. */
function held(): {
  readonly work: (run: TaskRun, tell: (told: string) => void) => Promise<void>;
  readonly runs: {
    run: TaskRun;
    tell: (told: string) => void;
    end: () => void;
    fail: (error: unknown) => void;
  }[];
} {
  const runs: ReturnType<typeof held>['runs'] = [];
  return {
    runs,
    work: (run, tell) =>
      new Promise((resolve, reject) => {
        runs.push({ run, tell, end: resolve, fail: reject });
        run.signal.addEventListener('abort', () => reject(new NearFaceError('ABORTED', 'stopped')));
      }),
  };
}

test('a task tells how far it is, and its result', async () => {
  const { work, runs } = held();
  const task = createLongTask(work);
  expect(task.progress.value).toBeUndefined();
  const ended = task.start();
  expect(task.progress.value).toBe(0);
  runs[0]!.run.report(0.5);
  expect(task.progress.value).toBe(0.5);
  runs[0]!.tell('first');
  runs[0]!.end();
  expect(await ended).toBe(true);
  runs[0]!.run.report(1);
  expect([task.progress.value, task.result.value, task.error.value]).toEqual([undefined, 'first', undefined]);
});

test('a stopped task keeps the result before it, and is no failure', async () => {
  const { work, runs } = held();
  const task = createLongTask(work);
  task.replace('before');
  const ended = task.start();
  task.cancel();
  expect(await ended).toBe(false);
  expect([task.progress.value, task.result.value, task.error.value]).toEqual([
    undefined,
    'before',
    undefined,
  ]);
  const again = task.start();
  runs[1]!.fail(new Error('full'));
  expect(await again).toBe(false);
  expect((task.error.value as Error).message).toBe('full');
});

test('what a later start overtook is dropped', async () => {
  const { work, runs } = held();
  const task = createLongTask(work);
  const first = task.start();
  const second = task.start();
  expect(await first).toBe(false);
  expect(task.progress.value).toBe(0);
  runs[0]!.run.report(0.9);
  runs[0]!.tell('late');
  expect([task.progress.value, task.result.value]).toEqual([0, undefined]);
  runs[1]!.tell('new');
  task.reset();
  expect(await second).toBe(false);
  expect([task.progress.value, task.result.value]).toEqual([undefined, undefined]);
});
