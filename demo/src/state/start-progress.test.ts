import { expect, test } from 'vitest';
import { summarise, withProgress } from './start-progress.ts';

const report = (phase: 'models' | 'gallery', item: string, done: number, total: number) =>
  ({ phase, item, done, total }) as const;

test('models are summed, and the one being read is named', () => {
  const reports = [
    report('models', 'a', 50, 100),
    report('gallery', 'faces', 10, 20),
    report('models', 'b', 0, 300),
    report('models', 'a', 100, 100),
  ];
  expect(summarise(reports.reduce(withProgress, {}))).toEqual({
    phase: 'models',
    item: 'a',
    done: 100,
    total: 400,
    isRead: false,
  });
});

test('what is read already is not shown as waiting', () => {
  const models = withProgress({}, report('models', 'a', 100, 100));
  expect(summarise(models)).toMatchObject({ phase: 'models', isRead: true });
  const both = withProgress(models, report('gallery', 'faces', 1, 20));
  expect(summarise(both)).toMatchObject({ phase: 'gallery', done: 1, total: 20, isRead: false });
  expect(summarise({})).toBeUndefined();
});

test('a total that is not known makes the sum unknown', () => {
  expect(summarise(withProgress({}, report('models', 'a', 5, 0)))).toMatchObject({ total: 0, isRead: false });
});
