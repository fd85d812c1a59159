import type { Bench } from '../bench.js';
export const scaleBench: Bench = {
  brief: '',
  commands: {},
  run: async () => ({ findings: [], conditions: {}, samples: {} }),
};
