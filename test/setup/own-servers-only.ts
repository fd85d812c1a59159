import { withoutTemporalSettings } from '../../worker/server/environment.js';

/** A developer's own Temporal settings must never reach a test, nor a process that a test starts. */
process.env = withoutTemporalSettings(process.env);
