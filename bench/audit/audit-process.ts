/** The process of one auditor. */
import { sweepWhenTold } from '../sweep-when-told.js';
import { auditors, type Task } from './auditors.js';

const [which, task] = process.argv.slice(2);
sweepWhenTold(await auditors[which as keyof typeof auditors](JSON.parse(task as string) as Task));
