/** The process of one transport. */
import { sweepWhenTold } from '../sweep-when-told.js';
import type { Farm } from './farm.js';
import { sweepers } from './sweepers.js';

const [which, farm] = process.argv.slice(2);
sweepWhenTold(sweepers[which as keyof typeof sweepers](JSON.parse(farm as string) as Farm));
