import { expect, test } from 'vitest';
import { confusionOf, errorsOf, nameOfGroup } from './measures.ts';

test('a face that was not found is a wrong gender and no age error', () => {
  const errors = errorsOf([
    { age: 30, gender: 'male', saidAge: 34, saidGender: 'male' },
    { age: 50, gender: 'female', saidAge: 44, saidGender: 'female' },
    { age: 20, gender: 'male', saidAge: 20, saidGender: 'female' },
    { age: 70, gender: 'male' },
  ]);
  expect(errors).toMatchObject({ count: 4, missed: 1, genderRight: 0.5 });
  expect(errors.ageError).toBeCloseTo(10 / 3);
  expect(errors.ageBias).toBeCloseTo(-2 / 3);
});

test('every emotion counts the same, however many photos it has', () => {
  const confusion = confusionOf([
    ...Array.from({ length: 9 }, () => ['happy', 'happy'] as const),
    ['happy', undefined],
    ['angry', 'sad'],
    ['angry', 'angry'],
  ]);
  expect(confusion.balancedAccuracy).toBeCloseTo((0.9 + 0.5) / 2);
  expect(confusion.counts[confusion.names.indexOf('happy')]?.at(-1)).toBe(1);
});

test('names of age groups', () => {
  expect([nameOfGroup([18, 30]), nameOfGroup([75, 200])]).toEqual(['18–29', '75 and over']);
});
