export * from './faults.js';
export {
  eventsSince,
  login,
  type MemberEvent,
  type MongodbCloud,
  memberOf,
  untilMongodbRuns,
  upMongodb,
  wrongPassword,
} from './mongodb.js';
