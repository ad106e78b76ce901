import { VERSION } from '../../version.ts';
import { capacityOut } from '../capacity.ts';
import { route, type Route } from '../route.ts';

/** Far enough away to say never: the year 2120. */
const END_S = 4_753_938_994;
const MAX_CAMERAS = 2 ** 32 - 1;

/** What is allowed, in the words of a system that is licensed: everything. */
export function licenceRoutes(): readonly Route[] {
  return [
    route({
      ...{ method: 'GET', path: '/license.json', summary: 'The licence and what of it is used' },
      answers: { 200: { description: 'The licence', schema: { type: 'object' } } },
      async run({ nf, options }) {
        const [usage, cameras, galleries] = await Promise.all([
          nf.storage.usage(),
          nf.cameras.list(),
          nf.galleries.list(),
        ]);
        const capacity = capacityOut(galleries.find(({ name }) => name === 'default')?.capacity);
        const seconds = Math.floor(options.now() / 1000);
        const able = ['gender', 'age', 'emotions', 'fast-index'].map((name) => ({
          ...{ type: 'boolean', name, value: true },
        }));
        return {
          json: {
            ...{ name: 'nearface', version: VERSION, time: seconds, type: 'local', license_id: 'Apache-2.0' },
            ...{ generated: seconds, last_updated: 0, valid: { value: true, description: '' }, source: '' },
            limits: [
              { type: 'time', name: 'end', value: END_S },
              { type: 'number', name: 'faces', value: capacity, current: usage.faces },
              { type: 'number', name: 'cameras', value: MAX_CAMERAS, current: cameras.length },
              ...able,
            ],
            services: [],
          },
        };
      },
    }),
  ];
}
