import type { Bench } from '../bench.js';
export const rollingBench: Bench = {
  brief: '',
  commands: {},
  run: async () => ({ findings: [], conditions: {}, samples: {} }),
};
