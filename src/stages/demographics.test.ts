import { expect, test } from 'vitest';
import { decodeDemographics } from './demographics.ts';

function decoded(age: number, male: number, female: number): ReturnType<typeof decodeDemographics> {
  return decodeDemographics([Float32Array.of(age), Float32Array.of(male, female)]);
}

test('the range is ten years wide, with the age in its middle', () => {
  expect(decoded(31.5, 0, 0).age).toEqual({ value: 31.5, lowerLimit: 26.5, upperLimit: 36.5 });
});

test('no age is below 0', () => {
  expect(decoded(2, 0, 0).age).toEqual({ value: 2, lowerLimit: 0, upperLimit: 7 });
  expect(decoded(-3, 0, 0).age).toEqual({ value: 0, lowerLimit: 0, upperLimit: 5 });
});

test('the first logit is that of a man, and the certainty is of what is said', () => {
  const man = decoded(30, 2, 0).gender;
  const woman = decoded(30, 0, 2).gender;
  expect([man.value, woman.value]).toEqual(['male', 'female']);
  expect(man.certainty).toBeCloseTo(1 / (1 + Math.exp(-2)), 6);
  expect(woman.certainty).toBeCloseTo(man.certainty, 6);
});

test('far logits stay numbers', () => {
  expect(decoded(30, -800, 800).gender).toEqual({ value: 'female', certainty: 1 });
});
