export { removeEngine } from './installed';
export { installNative } from './native';
export { canInstallNative, diagnoseRungs } from './rungs';
export { checkWebgpu } from './webgpu';
