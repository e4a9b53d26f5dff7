import { MemoryRegistry } from '../memory-registry.js';
import { describeRegistry } from './registry.contract.js';

describeRegistry('in memory', () =>
  Promise.resolve({ registry: new MemoryRegistry(), close: () => Promise.resolve() }),
);
