import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TimeOrder } from './time-order.ts';

const sightings = fc.uniqueArray(fc.record({ timeMs: fc.nat(20), seq: fc.integer({ min: 1, max: 60 }) }), {
  selector: ({ seq }) => seq,
});

test('sightings are told by their times, whatever was added and deleted in between', () => {
  const change = fc.record({
    add: sightings,
    drop: fc.array(fc.nat(100)),
    start: fc.nat(20),
    end: fc.nat(20),
  });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 6 }), fc.integer({ min: 1, max: 9 }), (changes, count) => {
      const order = new TimeOrder();
      const known = new Map<number, { timeMs: number; seq: number }>();
      for (const { add, drop, start, end } of changes) {
        for (const sighting of add) {
          if (known.has(sighting.seq)) continue;
          order.add(sighting);
          known.set(sighting.seq, sighting);
        }
        for (const pick of drop) {
          const sighting = [...known.values()][pick % known.size];
          if (!sighting) continue;
          order.delete(sighting);
          known.delete(sighting.seq);
        }
        const oldestFirst = [...known.values()].toSorted((a, b) => a.timeMs - b.timeMs || a.seq - b.seq);
        const place = { timeMs: end, seq: 30 };
        const expected = oldestFirst.filter(
          ({ timeMs, seq }) => timeMs >= start && (timeMs < end || (timeMs === end && seq < 30)),
        );
        expect(order.before(place, start, count)).toEqual(
          expected
            .toReversed()
            .slice(0, count)
            .map(({ seq }) => seq),
        );
        expect(order.size).toBe(known.size);
        expect([order.edge('first'), order.edge('last')]).toEqual([
          oldestFirst[0]?.timeMs,
          oldestFirst.at(-1)?.timeMs,
        ]);
      }
    }),
  );
});
