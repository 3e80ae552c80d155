export { removeEngine } from './installed';
export { installNative } from './native';
export { canInstallNative, diagnoseRungs } from './rungs';
export { installWebgpu } from './webgpu';
