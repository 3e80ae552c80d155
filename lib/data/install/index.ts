export { type Installed, type InstallOptions, installDataset, installSource } from './install';
export { type Listing, listDatasets } from './list';
export { type Removed, removeDataset } from './remove';
export { type Verification, verifyDataset } from './verify';
