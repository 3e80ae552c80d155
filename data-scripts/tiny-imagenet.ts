import { runFetch } from './fetch';

runFetch('tiny-imagenet');
