export { closest as suggestion } from '../inventory/suggest.js';
